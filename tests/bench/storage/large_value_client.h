// One value of up to 1 GiB, sent and read as a stream, so that the load never holds it whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/bench/server.h"
#include "tests/bench/storage/numbered_data.h"

namespace martlet::bench {

// Largest value size, in bytes, for which the server takes the request line of a set rather than refuse it; at most
// `limit`. Found by set lines whose value is never sent. A refusal shows itself by a reply, or, where the reply waits
// for the value to be swallowed, by what a refused set does to the item it was to replace: it is gone. 0 when not even
// `limit` / 2 is taken.
std::uint64_t largest_admitted(const Server& server, std::uint64_t limit);

// The reply to a set of a value of `size` bytes under `key`.
std::string store_large(const Server& server, const NumberedValues& values, std::string_view key, std::uint64_t size);

enum class LargeRead { kAbsent, kRight, kWrong };

// Reads the value back and compares every byte.
LargeRead read_large(const Server& server, const NumberedValues& values, std::string_view key, std::uint64_t size);

}  // namespace martlet::bench
