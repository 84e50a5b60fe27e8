// The shrinker on lists of numbers.
#include "tests/differential/shrinker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace martlet::differential {
namespace {

std::vector<int> numbers(int count) {
  std::vector<int> list(static_cast<size_t>(count));
  std::iota(list.begin(), list.end(), 0);
  return list;
}

bool holds(const std::vector<int>& list, int number) {
  return std::find(list.begin(), list.end(), number) != list.end();
}

TEST(Shrinker, FindsTheOneThatFails) {
  const auto fails = [](const std::vector<int>& list) { return holds(list, 137); };
  EXPECT_EQ(shrink(numbers(300), fails, 1000), std::vector<int>{137});
}

TEST(Shrinker, KeepsAllThatIsNeededInItsOrder) {
  const auto fails = [](const std::vector<int>& list) { return holds(list, 3) && holds(list, 77) && holds(list, 299); };
  EXPECT_EQ(shrink(numbers(300), fails, 2000), (std::vector<int>{3, 77, 299}));
}

TEST(Shrinker, KeepsEverythingWhenEverythingIsNeeded) {
  const auto fails = [](const std::vector<int>& list) { return list.size() == 20; };
  EXPECT_EQ(shrink(numbers(20), fails, 1000), numbers(20));
}

TEST(Shrinker, StopsAtItsBoundWithAListThatFails) {
  size_t asked = 0;
  const auto fails = [&asked](const std::vector<int>& list) {
    ++asked;
    return holds(list, 5);
  };
  EXPECT_TRUE(holds(shrink(numbers(1000), fails, 3), 5));
  EXPECT_EQ(asked, 3U);
}

}  // namespace
}  // namespace martlet::differential
