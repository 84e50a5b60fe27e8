// Keys and values made from numbers: cheap to make, and every byte of a value can be checked when it is read back.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace martlet::bench {

inline constexpr std::size_t kKeySize = 20;
inline constexpr std::size_t kLongestKey = 250;

// A key of at least `size` bytes (at most 250): the number in decimal, zeros before it. Longer when the number has more
// digits. Different numbers have different keys as long as each number keeps its size.
class NumberedKey {
 public:
  explicit NumberedKey(std::uint64_t number, std::size_t size = kKeySize);
  std::string_view view() const { return {bytes_.data() + begin_, kLongestKey - begin_}; }

 private:
  std::array<char, kLongestKey> bytes_;
  std::size_t begin_;
};

// Values cut from one block of pseudo-random letters. A shorter value of a number is a prefix of its longer one. Safe
// to share between threads once built.
class NumberedValues {
 public:
  static constexpr std::size_t kLongest = 1U << 20;

  NumberedValues();
  // `size` bytes, at most kLongest; valid as long as this object.
  std::string_view value(std::uint64_t number, std::size_t size) const;
  // True when `bytes` is the value of that number in its own size.
  bool is_of(std::uint64_t number, std::string_view bytes) const {
    return bytes.size() <= kLongest && bytes == value(number, bytes.size());
  }

 private:
  std::string block_;
};

}  // namespace martlet::bench
