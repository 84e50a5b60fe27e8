// What the writers of text replies share: bytes and numbers put one behind the other into memory that a ReplySink has
// prepared. Whoever calls has made sure that there is room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "server/base/parse_int.h"

namespace martlet::protocol {

inline constexpr std::string_view kCrlf = "\r\n";
inline constexpr size_t kMaxPrepare = 512;  // what ReplySink::prepare promises

// Each returns the end of what it wrote.
inline char* put(char* out, std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

// A space and the number.
inline char* put_number(char* out, uint64_t number) {
  *out = ' ';
  return print_u64(out + 1, number);
}

}  // namespace martlet::protocol
