// Percent-encoding (RFC 3986, section 2.1): how keys of any bytes appear in lists and logs.
#pragma once

#include <cstddef>
#include <string_view>

namespace martlet {

inline constexpr size_t kUriGrowth = 3;  // bytes that one byte becomes at most

// Writes `bytes` at `out`, which has room for kUriGrowth times as many, and returns the end. Letters, digits and -._~
// stand for themselves, every other byte becomes %XX.
inline char* put_uri(char* out, std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char byte : bytes) {
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
                       byte == '-' || byte == '.' || byte == '_' || byte == '~';
    if (plain) {
      *out++ = byte;
      continue;
    }
    const auto value = static_cast<unsigned char>(byte);
    *out++ = '%';
    *out++ = kDigits[value >> 4];
    *out++ = kDigits[value & 15U];
  }
  return out;
}

}  // namespace martlet
