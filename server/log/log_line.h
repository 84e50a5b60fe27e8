// An event in words, in the shape that memcached gives it (its logger's line formats, doc/protocol.txt "Watchers").
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "server/log/log_event.h"

namespace martlet::log {

// Room for the longest line: a key of which every byte is encoded, and the fields around it.
inline constexpr size_t kMaxLine = 3 * kMaxKey + 400;
using LineBuffer = std::array<char, kMaxLine>;

// The line with its LF, in `buffer`. Bytes of the key that are neither letters, digits nor one of -._~ become %XX.
std::string_view format_line(const Event& event, std::string_view key, LineBuffer& buffer);

}  // namespace martlet::log
