// Formatting of keys, the block of letters.
#include "tests/bench/storage/numbered_data.h"

#include <algorithm>

#include "tests/bench/errors.h"
#include "tests/bench/storage/random.h"

namespace martlet::bench {
namespace {

constexpr std::size_t kBegins = 1U << 20;  // different first bytes of values in the block

}  // namespace

NumberedKey::NumberedKey(std::uint64_t number, std::size_t size) : begin_(kLongestKey) {
  const std::size_t wanted = kLongestKey - std::min(size, kLongestKey);
  do {
    bytes_[--begin_] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  while (begin_ > wanted) bytes_[--begin_] = '0';
}

NumberedValues::NumberedValues() {
  Random random(20);
  block_.resize(kBegins + kLongest);
  for (char& letter : block_) letter = static_cast<char>('a' + random.below(26));
}

std::string_view NumberedValues::value(std::uint64_t number, std::size_t size) const {
  if (size > kLongest) throw BenchError("a value longer than those that can be made");
  return std::string_view(block_).substr(mix(number) % kBegins, size);
}

}  // namespace martlet::bench
