// Keys and values must tell which number they were made from.
#include "tests/bench/storage/numbered_data.h"

#include <gtest/gtest.h>

#include "tests/bench/errors.h"

namespace martlet::bench {
namespace {

TEST(BenchNumberedData, KeysHaveTheSizeAskedForUnlessTheNumberIsLonger) {
  EXPECT_EQ(NumberedKey(1234).view(), "00000000000000001234");
  EXPECT_EQ(NumberedKey(7, 1).view(), "7");
  EXPECT_EQ(NumberedKey(1234, 2).view(), "1234");
  EXPECT_EQ(NumberedKey(0, 1000).view().size(), kLongestKey);
}

TEST(BenchNumberedData, ValuesOfOtherNumbersOrWithAChangedByteAreSeen) {
  const NumberedValues values;
  std::string value(values.value(5, 100));
  EXPECT_TRUE(values.is_of(5, value));
  EXPECT_TRUE(values.is_of(5, value.substr(0, 40)));
  EXPECT_FALSE(values.is_of(6, value));
  value[99] = 'A';
  EXPECT_FALSE(values.is_of(5, value));
}

TEST(BenchNumberedData, AValueThatCannotBeMadeIsAnError) {
  const NumberedValues values;
  EXPECT_EQ(values.value(1, NumberedValues::kLongest).size(), NumberedValues::kLongest);
  EXPECT_THROW(static_cast<void>(values.value(1, NumberedValues::kLongest + 1)), BenchError);
}

}  // namespace
}  // namespace martlet::bench
