#include "server/settings/option_value.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string_view>

namespace martlet::settings {
namespace {

TEST(OptionValue, IntegersAreTheWholeTextOrNothing) {
  EXPECT_EQ(parse_integer("0"), 0);
  EXPECT_EQ(parse_integer("007"), 7);
  EXPECT_EQ(parse_integer("+12"), 12);
  EXPECT_EQ(parse_integer("-1"), -1);
  EXPECT_EQ(parse_integer("9223372036854775807"), INT64_MAX);
  for (const std::string_view junk : {"", "abc", "1x", "1 ", " 1", "0x10", "1.5", "1e3", "--1", "+-1", "+", "-",
                                      "9223372036854775808", "99999999999999999999999"}) {
    EXPECT_FALSE(parse_integer(junk)) << junk;
  }
  EXPECT_FALSE(parse_integer(std::string_view("1\0", 2)));
}

TEST(OptionValue, OctalKnowsEightDigits) {
  EXPECT_EQ(parse_octal("0700"), 0700);
  EXPECT_EQ(parse_octal("777"), 0777);
  for (const std::string_view junk : {"", "8", "0o7", "-7", "7x", "rwx"}) EXPECT_FALSE(parse_octal(junk)) << junk;
}

TEST(OptionValue, SizesTakeOneSuffixInEitherCase) {
  EXPECT_EQ(parse_size("1024"), 1024);
  EXPECT_EQ(parse_size("1k"), 1024);
  EXPECT_EQ(parse_size("1K"), 1024);
  EXPECT_EQ(parse_size("3m"), 3 << 20);
  EXPECT_EQ(parse_size("3M"), 3 << 20);
  EXPECT_EQ(parse_size("2g"), int64_t{2} << 30);
  EXPECT_EQ(parse_size("2G"), int64_t{2} << 30);
  for (const std::string_view junk :
       {"", "k", "1kk", "1kb", "1t", "-1k", "+1k", "1.5m", "9223372036854775807k", "8589934592g"}) {
    EXPECT_FALSE(parse_size(junk)) << junk;
  }
}

TEST(OptionValue, DecimalsAreFinite) {
  EXPECT_EQ(parse_decimal("1.25"), 1.25);
  EXPECT_EQ(parse_decimal("2"), 2.0);
  EXPECT_EQ(parse_decimal("-0.5"), -0.5);
  for (const std::string_view junk : {"", "abc", "1.2x", "nan", "inf", "-inf", "1e999", " 1", "1,2"}) {
    EXPECT_FALSE(parse_decimal(junk)) << junk;
  }
}

TEST(OptionValue, QuotedTextStaysOnOneLineOfATerminal) {
  EXPECT_EQ(quoted("a\nb\x1b[31m\x7f"), "\"a\\x0ab\\x1b[31m\\x7f\"");
}

}  // namespace
}  // namespace martlet::settings
