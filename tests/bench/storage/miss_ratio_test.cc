// One line for each trace and size, and summaries that a missing figure cannot improve.
#include "tests/bench/storage/miss_ratio.h"

#include <gtest/gtest.h>

namespace martlet::bench {
namespace {

Sample sample(double at_32, double at_48, double at_128) {
  return {.figures = {{miss_figure("b c", 32), at_32},
                      {miss_figure("b c", 48), at_48},
                      {miss_figure("b c", 128), at_128},
                      {"rss", 1}},
          .notes = {},
          .complaints = {}};
}

TEST(BenchMissRatio, LinesStandInTheOrderOfSizesAndAreJudgedAlone) {
  const auto lines = miss_ratio_lines({sample(0.5, 0.4, 0.203)}, {sample(0.4, 0.4, 0.2)});
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[0].property, "miss ratio, b c, -m 32");
  EXPECT_EQ(lines[0].ratio, "1.25");
  EXPECT_EQ(lines[0].verdict, Verdict::kMissed);
  EXPECT_EQ(lines[1].property, "miss ratio, b c, -m 48");
  EXPECT_EQ(lines[1].verdict, Verdict::kMet);
  EXPECT_EQ(lines[2].property, "miss ratio, b c, -m 128");
  EXPECT_EQ(lines[2].verdict, Verdict::kMissed);
}

TEST(BenchMissRatio, TheMeanLeavesSmallSizesOutAndTheLargestDoesNot) {
  const auto lines = miss_ratio_lines({sample(0.3, 0.36, 0.2)}, {sample(0.2, 0.4, 0.2)});
  EXPECT_EQ(lines[3].ratio, "0.949");  // of 0.9 and 1
  EXPECT_EQ(lines[3].verdict, Verdict::kMissed);
  EXPECT_EQ(lines[4].ratio, "1.500");
  EXPECT_EQ(lines[4].verdict, Verdict::kMissed);
  const auto better = miss_ratio_lines({sample(0.2, 0.32, 0.2)}, {sample(0.2, 0.4, 0.2)});
  EXPECT_EQ(better[3].ratio, "0.894");
  EXPECT_EQ(better[3].verdict, Verdict::kMet);
  EXPECT_EQ(better[4].verdict, Verdict::kMet);
}

TEST(BenchMissRatio, WithoutAFigureOfOneSideNothingIsMet) {
  Sample lacking = sample(0.1, 0.1, 0.1);
  lacking.figures.erase(miss_figure("b c", 128));
  for (const auto& lines :
       {miss_ratio_lines({lacking}, {sample(0.4, 0.4, 0.4)}), miss_ratio_lines({sample(0.1, 0.1, 0.1)}, {lacking})}) {
    ASSERT_EQ(lines.size(), 5U);
    EXPECT_EQ(lines[2].verdict, Verdict::kMissed);
    EXPECT_EQ(lines[3].verdict, Verdict::kMissed);
    EXPECT_EQ(lines[4].verdict, Verdict::kMissed);
  }
  EXPECT_EQ(miss_ratio_lines({Sample()}, {Sample()})[0].verdict, Verdict::kMissed);
}

}  // namespace
}  // namespace martlet::bench
