// Numbers at the edges of their ranges, and everything that only looks like a number.
#include "server/base/parse_int.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace martlet {
namespace {

std::optional<uint64_t> u64(std::string_view text) {
  uint64_t value = 0;
  return parse_u64(text, &value) ? std::optional(value) : std::nullopt;
}

std::optional<uint32_t> u32(std::string_view text) {
  uint32_t value = 0;
  return parse_u32(text, &value) ? std::optional(value) : std::nullopt;
}

std::optional<int64_t> i64(std::string_view text) {
  int64_t value = 0;
  return parse_i64(text, &value) ? std::optional(value) : std::nullopt;
}

std::string printed(uint64_t value) {
  std::array<char, kMaxU64Digits> out;
  return {out.data(), print_u64(out.data(), value)};
}

TEST(ParseInt, UnsignedNumbersReachTheirLargestValueAndNoFurther) {
  EXPECT_EQ(u64("0"), 0U);
  EXPECT_EQ(u64("9999999999999999999"), 9999999999999999999U);
  EXPECT_EQ(u64("18446744073709551615"), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(u64("18446744073709551616"), std::nullopt);
  EXPECT_EQ(u64("18446744073709551620"), std::nullopt);
  EXPECT_EQ(u64("99999999999999999999"), std::nullopt);
  EXPECT_EQ(u64("100000000000000000000"), std::nullopt);
  EXPECT_EQ(u32("4294967295"), std::numeric_limits<uint32_t>::max());
  EXPECT_EQ(u32("4294967296"), std::nullopt);
  EXPECT_EQ(u32("18446744073709551616"), std::nullopt);
}

TEST(ParseInt, SignedNumbersReachBothEnds) {
  EXPECT_EQ(i64("9223372036854775807"), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(i64("9223372036854775808"), std::nullopt);
  EXPECT_EQ(i64("-9223372036854775808"), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(i64("-9223372036854775809"), std::nullopt);
  EXPECT_EQ(i64("-1"), -1);
  EXPECT_EQ(i64("-0"), 0);
}

TEST(ParseInt, LeadingZerosDoNotCount) {
  EXPECT_EQ(u64("007"), 7U);
  EXPECT_EQ(u64(std::string(100, '0') + "18446744073709551615"), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(u64(std::string(100, '0')), 0U);
}

TEST(ParseInt, NothingButDigitsPasses) {
  for (const std::string_view text : {"", " 1", "1 ", "+1", "1a", "a", "0x1", "1.5", "1\t", "1\r",
                                      "12345678901234567890 ", "1234567890123456789x", "--1", "-", "/", ":"}) {
    EXPECT_EQ(u64(text), std::nullopt) << text;
    EXPECT_EQ(i64(text), std::nullopt) << text;
  }
  EXPECT_EQ(u64("-1"), std::nullopt);
  EXPECT_EQ(u64(std::string_view("1\0", 2)), std::nullopt);
}

TEST(ParseInt, ARefusedNumberLeavesTheOldValue) {
  uint32_t value = 42;
  EXPECT_FALSE(parse_u32("4294967296", &value));
  EXPECT_EQ(value, 42U);
}

TEST(PrintInt, EveryLengthOfNumberIsPrintedAsTheLibraryDoes) {
  uint64_t power = 1;
  for (int digits = 1; digits <= 20; ++digits, power *= 10) {
    EXPECT_EQ(printed(power), std::to_string(power));
    EXPECT_EQ(printed(power - 1), std::to_string(power - 1));
  }
  EXPECT_EQ(printed(std::numeric_limits<uint64_t>::max()), "18446744073709551615");
}

TEST(PrintInt, WhatIsPrintedIsReadBack) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 10000; ++i) {
    const uint64_t value = random() >> (random() % 64);
    EXPECT_EQ(u64(printed(value)), value);
  }
}

}  // namespace
}  // namespace martlet
