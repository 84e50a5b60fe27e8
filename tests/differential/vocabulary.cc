// Lists and weights.
#include "tests/differential/vocabulary.h"

namespace martlet::differential {
namespace {

constexpr std::array<std::string_view, 20> kNumberLike{
    "0",  "1",  "9",  "10",  "99", "100", "12345", "1234567890123", "18446744073709551616",  "007",
    " 5", "5 ", "-1", "1.5", "",   "+5",  "0x10",  "12 a",          "999999999999999999999", "10   "};

constexpr std::string_view kCommandLike = "delete a\r\nget b\r\nset a 0 0 1\r\nx\r\nEND\r\nVALUE a 0 1\r\n";

size_t near(Random& random, size_t limit, size_t distance) {
  return static_cast<size_t>(random.between(limit - distance, limit + distance));
}

}  // namespace

const std::vector<std::string>& text_keys() {
  static const std::vector<std::string> kKeys{
      "a", "b", "key:1", "counter", std::string(250, 'k'), "\x01\t\x7f\xc3\xa9~\xff"};
  return kKeys;
}

const std::vector<std::string>& base64_keys() {
  static const std::vector<std::string> kKeys{"YmluOjE=", "AAEC/0A="};
  return kKeys;
}

size_t value_size(Random& random) {
  switch (random.weighted({3, 50, 30, 12, 3, 1, 1})) {
    case 0:
      return 0;
    case 1:
      return static_cast<size_t>(random.between(1, 16));
    case 2:
      return static_cast<size_t>(random.between(17, 200));
    case 3:
      return static_cast<size_t>(random.between(201, 1500));
    case 4:
      return near(random, 2048, 40);
    case 5:
      return near(random, 16384, 400);
    default:
      return random.one_in(3) ? near(random, kItemLimit, 400) : static_cast<size_t>(random.between(17000, 70000));
  }
}

std::string letters(Random& random, size_t size) {
  return std::string(size, static_cast<char>('A' + random.below(26)));
}

std::string value(Random& random) {
  if (random.one_in(3)) return std::string(random.pick(kNumberLike));
  std::string text = letters(random, value_size(random));
  // Every second value has a foreign byte or a line somewhere, so that an offset that slips shows.
  if (!text.empty() && random.one_in(2)) text[random.below(text.size())] = static_cast<char>(random.between(1, 255));
  if (text.size() > kCommandLike.size() && random.one_in(4)) {
    text.replace(random.below(text.size() - kCommandLike.size()), kCommandLike.size(), kCommandLike);
  }
  // Where a value is but blanks, the reference goes on to look for a number in the memory behind it.
  return text.find_first_not_of(" \t\n\v\f\r") == std::string::npos ? "blank" : text;
}

std::string text_expiry(Random& random) {
  static constexpr std::array<std::string_view, 12> kOthers{"100000",      "2591999",    "2592000",    "2592001",
                                                            "1000000000",  "2000000000", "2147483647", "-1",
                                                            "-2147483648", "-100",       "500000",     "00"};
  return random.one_in(3) ? std::string(random.pick(kOthers)) : "0";
}

uint32_t binary_expiry(Random& random) {
  static constexpr std::array<uint32_t, 7> kOthers{100000,     2592000,    2592001, 1000000000,
                                                   2000000000, 2147483647, 500000};
  return random.one_in(3) ? random.pick(kOthers) : 0;
}

uint32_t client_flags(Random& random) {
  static constexpr std::array<uint32_t, 6> kOthers{1, 255, 65535, 65536, 2147483648U, 4294967295U};
  return random.one_in(2) ? random.pick(kOthers) : 0;
}

std::string odd_number(Random& random) {
  static constexpr std::array<std::string_view, 18> kOdd{"x",
                                                         "1x",
                                                         "-",
                                                         "+",
                                                         "-1",
                                                         "+100000",
                                                         "0x1",
                                                         "1.5",
                                                         "--1",
                                                         "4294967295",
                                                         "4294967296",
                                                         "2147483648",
                                                         "-2147483649",
                                                         "99999999999",
                                                         "18446744073709551615",
                                                         "18446744073709551616",
                                                         "99999999999999999999999",
                                                         "\t100000"};
  return std::string(random.pick(kOdd));
}

uint64_t delta(Random& random) {
  static constexpr std::array<uint64_t, 7> kDeltas{0, 1, 1, 9, 10, 99, 1000000};
  return random.pick(kDeltas);
}

uint64_t large_delta(Random& random) {
  static constexpr std::array<uint64_t, 5> kDeltas{0, 1, 9223372036854775807U, 9223372036854775808U,
                                                   18446744073709551615U};
  return random.pick(kDeltas);
}

}  // namespace martlet::differential
