// Decimal numbers as the wire spells them: text to integer without allocation, locale or leniency, and back.
//
// A number is digits only, at least one; parse_i64 also takes one leading '-'. Leading zeros are allowed, anything else
// (a sign, blanks, a number out of range) is refused, and `*out` is then left alone. Pure functions, safe from any
// thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

namespace martlet {

inline constexpr size_t kMaxU64Digits = 20;  // of 2^64 - 1

inline bool parse_u64(std::string_view text, uint64_t* out) {
  constexpr size_t kSafeDigits = 19;  // 19 nines fit into 64 bits; only a twentieth digit can overflow
  if (text.empty()) return false;
  if (text.size() > kSafeDigits) {
    while (text.size() > 1 && text.front() == '0') text.remove_prefix(1);
    if (text.size() > kMaxU64Digits) return false;
  }
  const size_t safe = text.size() < kSafeDigits ? text.size() : kSafeDigits;
  uint64_t value = 0;
  for (size_t i = 0; i < safe; ++i) {
    const unsigned digit = static_cast<unsigned>(static_cast<unsigned char>(text[i])) - '0';
    if (digit > 9) return false;
    value = value * 10 + digit;
  }
  if (text.size() > safe) {
    const unsigned digit = static_cast<unsigned>(static_cast<unsigned char>(text[safe])) - '0';
    if (digit > 9) return false;
    constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
    if (value > kMax / 10 || (value == kMax / 10 && digit > kMax % 10)) return false;
    value = value * 10 + digit;
  }
  *out = value;
  return true;
}

inline bool parse_u32(std::string_view text, uint32_t* out) {
  uint64_t value = 0;
  if (!parse_u64(text, &value) || value > std::numeric_limits<uint32_t>::max()) return false;
  *out = static_cast<uint32_t>(value);
  return true;
}

inline bool parse_i64(std::string_view text, int64_t* out) {
  constexpr uint64_t kMax = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  uint64_t magnitude = 0;
  if (!parse_u64(text, &magnitude) || magnitude > kMax + (negative ? 1 : 0)) return false;
  *out = static_cast<int64_t>(negative ? 0 - magnitude : magnitude);
  return true;
}

// Writes `value` at `out`, which has room for kMaxU64Digits bytes, and returns the end of what it wrote. No NUL.
inline char* print_u64(char* out, uint64_t value) {
  if (value < 10) {
    *out = static_cast<char>('0' + value);
    return out + 1;
  }
  std::array<char, kMaxU64Digits> digits;
  size_t first = digits.size();
  while (value != 0) {
    digits[--first] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  const size_t count = digits.size() - first;
  std::memcpy(out, digits.data() + first, count);
  return out + count;
}

}  // namespace martlet
