#include "server/cache/decimal.h"

#include <gtest/gtest.h>

#include <limits>

namespace martlet::cache {
namespace {

TEST(Decimal, NumbersAreTakenAsStrtoullTakesThem) {
  EXPECT_EQ(parse_decimal("0"), 0U);
  EXPECT_EQ(parse_decimal("  42"), 42U);
  EXPECT_EQ(parse_decimal("\t\n+42"), 42U);
  EXPECT_EQ(parse_decimal("00042"), 42U);
  EXPECT_EQ(parse_decimal("12 a"), 12U);
  EXPECT_EQ(parse_decimal("12     "), 12U);
  EXPECT_EQ(parse_decimal("18446744073709551615"), std::numeric_limits<uint64_t>::max());
}

TEST(Decimal, EverythingElseIsNoNumber) {
  for (const char* junk : {"", " ", "+", "-1", "+ 1", "+-1", "0x1", "1.5", "12a", "18446744073709551616"}) {
    EXPECT_FALSE(parse_decimal(junk).has_value()) << junk;
  }
  EXPECT_FALSE(parse_decimal(std::string_view("12\0", 3)).has_value());
}

TEST(Decimal, LongestNumberFits) {
  char digits[kMaxDecimal];
  EXPECT_EQ(format_decimal(std::numeric_limits<uint64_t>::max(), digits), "18446744073709551615");
  EXPECT_EQ(format_decimal(0, digits), "0");
}

}  // namespace
}  // namespace martlet::cache
