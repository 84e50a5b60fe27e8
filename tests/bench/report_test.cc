// A table must call a missed target missed, whatever the reason, and combine rounds as its rows say.
#include "tests/bench/report.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/bench/statistics.h"

namespace martlet::bench {
namespace {

constexpr std::array kRows{
    Row{"time", "time", "ms", 0, Combine::kWorstHigh, {TargetKind::kAtMost, 10}},
    Row{"cost", "cost", "us", 1, Combine::kMedian, {TargetKind::kRatioAtMost, 1.0}},
    Row{"shown", "shown", "", 0, Combine::kMedian, {}},
};

Scenario scenario() { return {"name", "title", 3, kRows, nullptr}; }

Sample sample(double time, double cost) {
  return {.figures = {{"time", time}, {"cost", cost}}, .notes = {}, .complaints = {}};
}

TEST(BenchReport, TheWorstRoundDecidesWhereTheRowSaysSo) {
  const auto lines = judge(scenario(), {sample(9, 1), sample(11, 1)}, {sample(1, 1), sample(1, 1)});
  EXPECT_EQ(lines[0].verdict, Verdict::kMissed);
  EXPECT_EQ(lines[0].ours, "11 ms");
  EXPECT_EQ(judge(scenario(), {sample(9, 1)}, {sample(1, 1)})[0].verdict, Verdict::kMet);
}

TEST(BenchReport, ARatioIsTheMedianOfPairsNotOfSides) {
  const auto lines =
      judge(scenario(), {sample(0, 1), sample(0, 6), sample(0, 3)}, {sample(0, 2), sample(0, 5), sample(0, 2.5)});
  EXPECT_EQ(lines[1].verdict, Verdict::kMissed);
  EXPECT_EQ(lines[1].ours, "3.0 us");
  EXPECT_EQ(lines[1].ratio, "1.20 (0.50..1.20)");
}

TEST(BenchReport, AFigureThatARoundDidNotBringIsMissed) {
  Sample broken;
  broken.complaints.push_back("ended early");
  const auto lines = judge(scenario(), {sample(9, 1), broken}, {sample(9, 1), sample(9, 1)});
  EXPECT_EQ(lines[0].verdict, Verdict::kMissed);
  EXPECT_EQ(lines[1].verdict, Verdict::kMissed);
  EXPECT_EQ(lines[2].verdict, Verdict::kShownOnly);
  EXPECT_EQ(lines[3].verdict, Verdict::kMissed);
  EXPECT_EQ(lines[3].ours, "1");
}

TEST(BenchReport, AFigureThatNoRoundBroughtIsShownAsAbsentAndMissed) {
  const auto lines = judge(scenario(), {Sample()}, {sample(9, 1)});
  EXPECT_EQ(lines[0].ours, "n/a");
  EXPECT_EQ(lines[0].verdict, Verdict::kMissed);
}

TEST(BenchReport, RatiosOfEveryRowAreShownWhereTheScenarioAsksForThem) {
  Scenario all = scenario();
  EXPECT_EQ(judge(all, {sample(9, 1)}, {sample(6, 1)})[0].ratio, "-");
  all.show_ratios = true;
  EXPECT_EQ(judge(all, {sample(9, 1)}, {sample(6, 1)})[0].ratio, "1.50");
  EXPECT_EQ(judge(all, {sample(9, 1)}, {sample(0, 1)})[0].ratio, "-");
}

TEST(BenchReport, LinesOfAScenariosOwnStandBeforeTheComplaints) {
  Scenario own = scenario();
  own.more_lines = [](const std::vector<Sample>&, const std::vector<Sample>&) {
    ReportLine line;
    line.property = "own";
    return std::vector{line};
  };
  const auto lines = judge(own, {sample(9, 1)}, {sample(6, 1)});
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[3].property, "own");
}

TEST(BenchReport, APeerWithoutFiguresLeavesNoRatioToMeet) {
  EXPECT_EQ(judge(scenario(), {sample(1, 1)}, {Sample()})[1].verdict, Verdict::kMissed);
  EXPECT_EQ(judge(scenario(), {sample(1, 1)}, {sample(1, 0)})[1].verdict, Verdict::kMissed);
}

TEST(BenchReport, MarkdownHasOneRowALineUnderAHead) {
  const std::string text = as_markdown(judge(scenario(), {sample(9, 1)}, {sample(1, 1)}), "ours", "theirs");
  EXPECT_TRUE(text.starts_with("| scenario | property | ours | theirs | ratio | target | verdict |\n|---|"));
  EXPECT_NE(text.find("| name | time | 9 ms | 1 ms | - | <= 10 ms | met |\n"), std::string::npos);
}

TEST(BenchStatistics, MediansAndQuantilesAreNearestRanks) {
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 2, 3}), 2.5);
  std::vector<double> hundred;
  for (int i = 100; i >= 1; --i) hundred.push_back(i);
  EXPECT_EQ(quantile(hundred, 0.99), 99);
  EXPECT_EQ(quantile({5}, 0.99), 5);
}

}  // namespace
}  // namespace martlet::bench
