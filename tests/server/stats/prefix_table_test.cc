#include "server/stats/prefix_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

namespace martlet::stats {
namespace {

PrefixCounts of(const PrefixTable& table, std::string_view prefix) {
  for (const auto& [name, counts] : table.counts()) {
    if (name == prefix) return counts;
  }
  return {};
}

TEST(PrefixTable, CountsByWhatComesBeforeTheDelimiter) {
  PrefixTable table(':', true);
  table.count_get("user:1", true);
  table.count_get("user:2:3", false);
  table.count_set("user:1");
  table.count_delete("user:");
  table.count_set("session:x");
  const PrefixCounts user = of(table, "user");
  EXPECT_EQ(user.gets, 2U);
  EXPECT_EQ(user.hits, 1U);
  EXPECT_EQ(user.sets, 1U);
  EXPECT_EQ(user.deletes, 1U);
  EXPECT_EQ(of(table, "session").sets, 1U);
  EXPECT_EQ(table.counts().size(), 2U);
}

TEST(PrefixTable, KeysWithoutAPrefixAreNotCounted) {
  PrefixTable table(':', true);
  table.count_set("plain");
  table.count_set(":begins");
  table.count_set("");
  EXPECT_TRUE(table.counts().empty());
}

TEST(PrefixTable, StopsTakingPrefixesAtItsBound) {
  PrefixTable table('/', true);
  for (size_t i = 0; i < PrefixTable::kMaxPrefixes + 500; ++i) table.count_set("p" + std::to_string(i) + "/");
  EXPECT_EQ(table.counts().size(), PrefixTable::kMaxPrefixes);
  table.count_set("p0/again");
  EXPECT_EQ(of(table, "p0").sets, 2U);
  table.clear();
  table.count_set("late/");
  EXPECT_EQ(of(table, "late").sets, 1U);
}

TEST(PrefixTable, ThreadsLoseNoCount) {
  PrefixTable table(':', true);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&table] {
      for (int i = 0; i < 5000; ++i) table.count_get(i % 2 == 0 ? "a:x" : "b:x", true);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(of(table, "a").gets, 10'000U);
  EXPECT_EQ(of(table, "b").hits, 10'000U);
}

}  // namespace
}  // namespace martlet::stats
