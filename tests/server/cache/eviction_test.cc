// A full cache: what goes, what stays, what is refused.
#include <random>
#include <vector>

#include "tests/server/cache/cache_fixture.h"

namespace martlet::cache {
namespace {

class Eviction : public CacheTest {
 protected:
  void make_with(uint64_t limit, bool evict, uint32_t item_size_max = 100'000, Cache::EvictionHook hook = {}) {
    CacheSettings settings;
    settings.memory_limit = limit;
    settings.evict = evict;
    settings.item_size_max = item_size_max;
    make(settings, std::move(hook));
  }
  static std::string key(int i) { return numbered("key", i); }
};

constexpr uint64_t kMiB = 1ULL << 20;

TEST_F(Eviction, TheOldestGoFirstAndNothingElse) {
  make_with(8 * kMiB, true);
  constexpr int kItems = 40'000;
  for (int i = 0; i < kItems; ++i) ASSERT_EQ(set(key(i), text_of(400, static_cast<uint64_t>(i))), Outcome::done);
  int first = 0;
  while (first < kItems && !value(key(first))) ++first;
  for (int i = first; i < kItems; ++i) ASSERT_EQ(value(key(i)), text_of(400, static_cast<uint64_t>(i))) << i;
  const CacheFigures figures = cache_->figures();
  EXPECT_EQ(figures.items, static_cast<uint64_t>(kItems - first));
  EXPECT_EQ(figures.evictions, static_cast<uint64_t>(first));
  EXPECT_EQ(figures.evicted_unfetched, figures.evictions);
  EXPECT_GT(static_cast<uint64_t>(kItems - first) * 400, 6 * kMiB);
}

TEST_F(Eviction, ManySmallItemsFitBesideTheirIndex) {
  make_with(64 * kMiB, true);
  constexpr int kItems = 1'200'000;
  const std::string small(10, 'v');
  for (int i = 0; i < kItems; ++i) {
    char name[21];
    std::snprintf(name, sizeof name, "key-%016d", i);
    ASSERT_EQ(set(name, small), Outcome::done);
  }
  EXPECT_GT(cache_->figures().items, 900'000U);
  EXPECT_LT(cache_->figures().bytes + cache_->figures().hash_bytes, 64 * kMiB);
}

TEST_F(Eviction, WithoutEvictionAFullCacheRefusesAndKeepsWhatItHas) {
  make_with(4 * kMiB, false);
  int stored = 0;
  while (stored < 100'000 && set(key(stored), text_of(500, static_cast<uint64_t>(stored))) == Outcome::done) ++stored;
  ASSERT_LT(stored, 100'000);
  EXPECT_GT(static_cast<uint64_t>(stored) * 500, 3 * kMiB);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(set("more" + key(i), text_of(500)), Outcome::out_of_memory);
  for (int i = 0; i < stored; ++i) ASSERT_EQ(value(key(i)), text_of(500, static_cast<uint64_t>(i)));
  EXPECT_EQ(cache_->figures().evictions, 0U);
  // Memory given back by deletes is found again, wherever it lies.
  for (int i = 0; i < stored; i += 3) cache_->remove(*context_, key(i));
  int again = 0;
  while (again < stored && set("again" + key(again), text_of(500)) == Outcome::done) ++again;
  EXPECT_GT(again, stored / 4);
  for (int i = 1; i < stored; i += 3) ASSERT_EQ(value(key(i)), text_of(500, static_cast<uint64_t>(i)));
}

TEST_F(Eviction, WithoutEvictionTheSmallestCacheWorks) {
  make_with(2 * kMiB, false, 100'000);
  int stored = 0;
  while (stored < 100'000 && set(key(stored), "0123456789") == Outcome::done) ++stored;
  EXPECT_GT(stored, 25'000);
  EXPECT_LT(stored, 100'000);
  for (int i = 0; i < stored; ++i) ASSERT_TRUE(value(key(i)).has_value()) << i;
}

TEST_F(Eviction, OverwritesLoseNothingWhileTheLiveDataFit) {
  for (const uint64_t percent : {50U, 65U}) {
    make_with(16 * kMiB, true);
    std::mt19937_64 random(percent);
    const auto size = [&] { return 16 + random() % 2484; };
    const int keys = static_cast<int>(16 * kMiB * percent / 100 / (1258 + 45));
    std::vector<std::string> held(static_cast<size_t>(keys));
    for (int i = 0; i < keys; ++i) {
      ASSERT_EQ(set(key(i), held[static_cast<size_t>(i)] = text_of(size(), random())), Outcome::done);
    }
    for (int round = 0; round < keys * 10; ++round) {
      const auto i = static_cast<size_t>(random() % held.size());
      ASSERT_EQ(set(key(static_cast<int>(i)), held[i] = text_of(size(), random())), Outcome::done);
    }
    EXPECT_EQ(cache_->figures().evictions, 0U) << percent;
    for (int i = 0; i < keys; ++i) ASSERT_EQ(value(key(i)), held[static_cast<size_t>(i)]);
  }
}

TEST_F(Eviction, TheHookIsToldOfEveryLiveItemThatGoes) {
  uint64_t told = 0;
  uint64_t wrong = 0;
  make_with(4 * kMiB, true, 100'000, [&](std::string_view name, const ItemView& item) {
    ++told;
    const auto number = static_cast<uint64_t>(std::stoi(std::string(name.substr(3))));
    if (all_of(item.value) != text_of(300, number) || item.value_size != 300 || item.flags != number) ++wrong;
  });
  for (int i = 0; i < 50'000; ++i) {
    put(key(i), text_of(300, static_cast<uint64_t>(i)), Mode::set, kNever, static_cast<uint32_t>(i));
  }
  EXPECT_GT(told, 30'000U);
  EXPECT_EQ(wrong, 0U);
  EXPECT_EQ(told, cache_->figures().evictions);
}

TEST_F(Eviction, TheHookIsShownTheIdAndNoneWithCasOff) {
  for (const bool cas_enabled : {true, false}) {
    uint64_t with_id = 0;
    uint64_t without = 0;
    CacheSettings settings;
    settings.memory_limit = 4 * kMiB;
    settings.cas_enabled = cas_enabled;
    make(settings, [&](std::string_view, const ItemView& item) { ++(item.cas == 0 ? without : with_id); });
    for (int i = 0; i < 50'000; ++i) put(key(i), text_of(300, static_cast<uint64_t>(i)));
    EXPECT_EQ(with_id, cas_enabled ? cache_->figures().evictions : 0);
    EXPECT_EQ(without, cas_enabled ? 0 : cache_->figures().evictions);
    EXPECT_GT(with_id + without, 0U);
  }
}

TEST_F(Eviction, ALowerLimitEvictsAtOnceAndAHigherOneHoldsMore) {
  make_with(16 * kMiB, true);
  for (int i = 0; i < 60'000; ++i) set(key(i), text_of(400));
  EXPECT_GT(cache_->figures().bytes, 14 * kMiB);
  EXPECT_TRUE(cache_->set_memory_limit(8 * kMiB));
  EXPECT_LT(cache_->figures().bytes, 8 * kMiB);
  EXPECT_GT(cache_->figures().bytes, 6 * kMiB);
  EXPECT_TRUE(value(key(59'999)).has_value());
  EXPECT_TRUE(cache_->set_memory_limit(64 * kMiB));
  EXPECT_EQ(cache_->figures().memory_limit, 64 * kMiB);
  for (int i = 0; i < 200'000; ++i) set(key(i), text_of(400));
  EXPECT_GT(cache_->figures().bytes, 58 * kMiB);
  EXPECT_FALSE(cache_->set_memory_limit(100'000));
  EXPECT_FALSE(cache_->set_memory_limit(1ULL << 50));
  EXPECT_EQ(cache_->figures().memory_limit, 64 * kMiB);
}

TEST_F(Eviction, ALowerLimitWithoutEvictionKeepsTheItems) {
  make_with(16 * kMiB, false);
  for (int i = 0; i < 20'000; ++i) ASSERT_EQ(set(key(i), text_of(400)), Outcome::done);
  EXPECT_TRUE(cache_->set_memory_limit(8 * kMiB));
  EXPECT_EQ(cache_->figures().items, 20'000U);
  for (int i = 0; i < 18'000; ++i) cache_->remove(*context_, key(i));
  for (int i = 0; i < 10'000; ++i) ASSERT_EQ(set(key(i), text_of(400)), Outcome::done) << i;
  for (int i = 18'000; i < 20'000; ++i) ASSERT_TRUE(value(key(i)).has_value());
}

}  // namespace
}  // namespace martlet::cache
