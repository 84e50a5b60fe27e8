// Excuses are narrow and counted; rounds are reproducible and keep apart what may differ.
#include "tests/differential/intended.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/differential/classic_differences.h"
#include "tests/differential/grammar.h"
#include "tests/differential/meta_differences.h"
#include "tests/differential/round.h"

namespace martlet::differential {
namespace {

const std::array<DifferenceTable, 2> kClassic{classic_line_differences(), classic_store_differences()};

Command command(const std::string& bytes) {
  Command made;
  made.bytes = bytes;
  return made;
}

TEST(Intended, OnlyTheAnswersThatAreMeantAreExcused) {
  Excuses excuses(kClassic);
  const Command refused = command("set a x 0 5\r\nbogus\r\n");
  const Reply bad_line{"CLIENT_ERROR bad command line format\r\n"};
  ASSERT_TRUE(excuses.may_differ(refused));
  EXPECT_TRUE(excuses.excuse(refused, bad_line, {"CLIENT_ERROR bad command line format\r\nERROR\r\n"}));
  EXPECT_FALSE(excuses.excuse(refused, {"STORED\r\n"}, {"CLIENT_ERROR bad command line format\r\nERROR\r\n"}));
  EXPECT_FALSE(excuses.excuse(refused, bad_line, {"STORED\r\n"}));
  EXPECT_FALSE(excuses.excuse(refused, {bad_line.bytes, Ending::closed}, {bad_line.bytes + "ERROR\r\n"}));
}

TEST(Intended, CommandsOutsideTheTableAreNeverExcused) {
  Excuses excuses(kClassic);
  for (const char* bytes : {"get a\r\n", "set a 0 0 1\r\nx\r\n", "incr a 1\r\n", "delete a noreply\r\n",
                            "touch a 0\r\n", "cas a 0 0 1 5\r\nx\r\n", "flush_all\r\n", "bogus\r\n"}) {
    EXPECT_FALSE(excuses.may_differ(command(bytes))) << bytes;
    EXPECT_FALSE(excuses.excuse(command(bytes), {"STORED\r\n"}, {"ERROR\r\n"})) << bytes;
  }
}

TEST(Intended, MetaAnswersAreExcusedForTheFlagThatMakesThemDiffer) {
  const std::array<DifferenceTable, 2> tables{meta_differences(), meta_reply_differences()};
  Excuses excuses(tables);
  const auto excused = [&excuses](const char* line, const char* ours, const char* theirs) {
    return excuses.excuse(command(line), {ours}, {theirs});
  };
  EXPECT_TRUE(excused("mg a t N30\r\n", "HD t30 W\r\n", "HD t-1 W\r\n"));
  EXPECT_FALSE(excused("mg a t N30\r\n", "HD t30 W\r\n", "HD t-1 Z\r\n"));
  EXPECT_FALSE(excused("mg a N30 t\r\n", "HD t30 W\r\n", "HD t-1 W\r\n"));
  EXPECT_TRUE(excused("mg a T9 R30\r\n", "HD\r\n", "HD W\r\n"));
  EXPECT_FALSE(excused("mg a R30 T9\r\n", "HD\r\n", "HD W\r\n"));
  EXPECT_TRUE(excused("mg YmluOjE= b k t T9\r\n", "HD kYmluOjE= b t9\r\n", "HD kbin:1 t-1\r\n"));
  EXPECT_FALSE(excused("mg YmluOjE= b k\r\n", "HD kYmluOjE= b\r\n", "HD kbin:2\r\n"));
  EXPECT_TRUE(excused("ma a N0 q v\r\n", "", "VA 1\r\n0\r\n"));
  EXPECT_FALSE(excused("ma a N0 q v\r\n", "", "NF\r\n"));
  EXPECT_TRUE(excused("me a\r\n", "ME a exp=9 la=0 cas=1 fetch=no cls=1 size=32\r\n",
                      "ME a exp=-9 la=0 cas=4 fetch=no cls=2 size=66\r\n"));
  EXPECT_FALSE(excused("me a\r\n", "ME a exp=9 la=0 cas=1 fetch=no cls=1 size=32\r\n",
                       "ME a exp=-9 la=0 cas=4 fetch=yes cls=2 size=66\r\n"));
}

TEST(Intended, ExcusesAreCounted) {
  Excuses excuses(kClassic);
  ASSERT_TRUE(excuses.excuse(command("get\r\n"), {"CLIENT_ERROR bad command line format\r\n"}, {"ERROR\r\n"}));
  ASSERT_TRUE(excuses.excuse(command("a\n"), {"CLIENT_ERROR bad command line format\r\n"}, {"ERROR\r\n"}));
  uint64_t sum = 0;
  for (const ExcuseCount& count : excuses.counts()) sum += count.cases;
  EXPECT_EQ(sum, 2U);
}

TEST(Rounds, SameSeedMakesTheSameRound) {
  for (const Grammar* grammar : all_grammars()) {
    const Round one = make_round(*grammar, 7, 200);
    const Round two = make_round(*grammar, 7, 200);
    const Round other = make_round(*grammar, 8, 200);
    ASSERT_EQ(one.steps.size(), two.steps.size());
    size_t same_as_other = 0;
    for (size_t i = 0; i < one.steps.size(); ++i) {
      EXPECT_EQ(one.steps[i].command.bytes, two.steps[i].command.bytes);
      EXPECT_EQ(one.steps[i].cuts, two.steps[i].cuts);
      same_as_other += i < other.steps.size() && one.steps[i].command.bytes == other.steps[i].command.bytes ? 1U : 0U;
    }
    EXPECT_LT(same_as_other, one.steps.size() / 2);
  }
}

TEST(Rounds, WhatMayDifferIsAlone) {
  for (const Grammar* grammar : all_grammars()) {
    const Excuses excuses(grammar->differences);
    for (const Step& step : make_round(*grammar, 3, 2000).steps) {
      EXPECT_TRUE(step.command.isolated || !excuses.may_differ(step.command)) << step.command.bytes;
      EXPECT_TRUE(step.begins_turn || !excuses.has_aftermath(step.command, Aftermath::loses_replies));
      EXPECT_TRUE((step.begins_turn && step.cuts == 0) || !excuses.has_aftermath(step.command, Aftermath::closes));
    }
  }
}

}  // namespace
}  // namespace martlet::differential
