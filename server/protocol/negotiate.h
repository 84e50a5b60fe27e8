// Which dialect a connection speaks: fixed by -B, or settled for life by the connection's first byte.
#pragma once

#include <cstdint>
#include <string_view>

namespace martlet::protocol {

enum class Dialect : uint8_t { automatic, ascii, binary };

inline constexpr unsigned char kBinaryMagic = 0x80;

// The dialect that the first byte announces.
constexpr Dialect negotiate(char first) {
  return static_cast<unsigned char>(first) == kBinaryMagic ? Dialect::binary : Dialect::ascii;
}

// Does the first byte fit what -B demands? A mismatch closes the connection without a reply.
constexpr bool fits(Dialect demanded, char first) {
  return demanded == Dialect::automatic || demanded == negotiate(first);
}

}  // namespace martlet::protocol
