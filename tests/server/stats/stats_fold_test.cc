// The fold adds up what every thread counted and forgets what was before a reset, without touching the counters.
#include "server/stats/stats_fold.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <thread>
#include <vector>

namespace martlet::stats {
namespace {

TEST(StatsFold, SumsWhatEveryThreadCounted) {
  ThreadStats a;
  ThreadStats b;
  const StatsFold fold({&a, &b});
  a.cmd_get.add(3);
  b.cmd_get.add(4);
  b.bytes_read.add(100);
  EXPECT_EQ(fold.totals().cmd_get, 7u);
  EXPECT_EQ(fold.totals().bytes_read, 100u);
  EXPECT_EQ(fold.totals().cmd_set, 0u);
}

TEST(StatsFold, ResetStartsFromZeroAndLeavesTheCountersAlone) {
  ThreadStats a;
  StatsFold fold({&a});
  a.get_hits.add(5);
  fold.reset();
  EXPECT_EQ(fold.totals().get_hits, 0u);
  a.get_hits.add(2);
  EXPECT_EQ(fold.totals().get_hits, 2u);
  EXPECT_EQ(a.get_hits.get(), 7u);
  fold.reset();
  fold.reset();
  EXPECT_EQ(fold.totals().get_hits, 0u);
}

TEST(StatsFold, EveryRowOfTheTableIsSummedAndReset) {
  ThreadStats a;
  ThreadStats b;
  StatsFold fold({&a, &b});
  uint64_t n = 0;
#define COUNTER(name) \
  a.name.add(++n);    \
  b.name.add(1000 * n);
#include "server/stats/counters.def"
#undef COUNTER
  CounterTotals totals = fold.totals();
  n = 0;
#define COUNTER(name) \
  ++n;                \
  EXPECT_EQ(totals.name, 1001 * n) << #name;
#include "server/stats/counters.def"
#undef COUNTER
  fold.reset();
  totals = fold.totals();
#define COUNTER(name) EXPECT_EQ(totals.name, 0u) << #name;
#include "server/stats/counters.def"
#undef COUNTER
}

TEST(StatsFold, SumsAreExactOnceTheWritersRestAndNeverBelowTheBaseline) {
  constexpr uint64_t kAdds = 20'000;
  constexpr size_t kThreads = 4;
  std::vector<ThreadStats> stats(kThreads);
  std::vector<const ThreadStats*> views;
  for (const ThreadStats& one : stats) views.push_back(&one);
  StatsFold fold(views);
  std::vector<std::thread> writers;
  for (ThreadStats& one : stats) {
    writers.emplace_back([&one] {
      for (uint64_t i = 0; i < kAdds; ++i) one.cmd_set.add();
    });
  }
  for (int i = 0; i < 200; ++i) {
    fold.reset();
    EXPECT_LE(fold.totals().cmd_set, kAdds * kThreads);  // a sum below its baseline would wrap
  }
  for (std::thread& writer : writers) writer.join();
  const uint64_t since_reset = fold.totals().cmd_set;
  const StatsFold fresh(views);
  EXPECT_EQ(fresh.totals().cmd_set, kAdds * kThreads);
  EXPECT_LE(since_reset, kAdds * kThreads);
}

TEST(StatsFold, ClassesAreSummedAndResetToo) {
  ThreadStats first;
  ThreadStats second;
  StatsFold fold({&first, &second});
  first.by_class[3].get_hits.add(2);
  second.by_class[3].get_hits.add(5);
  second.by_class[63].cas_badval.add();
  EXPECT_EQ(fold.class_totals()[3].get_hits, 7U);
  EXPECT_EQ(fold.class_totals()[63].cas_badval, 1U);
  fold.reset();
  first.by_class[3].touch_hits.add();
  EXPECT_EQ(fold.class_totals()[3].get_hits, 0U);
  EXPECT_EQ(fold.class_totals()[3].touch_hits, 1U);
  EXPECT_EQ(fold.class_totals()[63].cas_badval, 0U);
}

}  // namespace
}  // namespace martlet::stats
