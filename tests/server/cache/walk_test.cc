// Walking over all items while the index grows and items come and go.
#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include "server/cache/engine.h"
#include "server/cache/walk.h"
#include "tests/server/cache/cache_fixture.h"

namespace martlet::cache {
namespace {

class Walking : public CacheTest {
 protected:
  // One call; how often each key was shown is added up.
  void step(WalkCursor& cursor, size_t items) {
    cache_->walk(*context_, cursor, items, [&](std::string_view key, const ItemView&) { ++shown_[std::string(key)]; });
  }
  size_t walk_all(size_t items) {
    shown_.clear();
    WalkCursor cursor;
    while (!cursor.done) step(cursor, items);
    return shown_.size();
  }
  void fill(int from, int to) {
    for (int i = from; i < to; ++i) ASSERT_EQ(set(numbered("k", i), "v"), Outcome::done);
  }
  void expect_each_once(int keys) {
    for (int i = 0; i < keys; ++i) ASSERT_EQ(shown_[numbered("k", i)], 1) << i;
  }

  std::map<std::string, int> shown_;
};

TEST(WalkPosition, IsTheHashWithItsBitsInReverse) {
  EXPECT_EQ(walk_position(1), 1ULL << 63);
  EXPECT_EQ(walk_position(0x8000000000000002ULL), 0x4000000000000001ULL);
  EXPECT_EQ(walk_position(0xFF00000000000000ULL), 0xFFULL);
  for (const uint64_t hash : {0x123456789ABCDEF0ULL, 0xDEADBEEFULL})
    EXPECT_EQ(walk_position(walk_position(hash)), hash);
}

TEST_F(Walking, EmptyCacheComesToItsEnd) {
  make();
  EXPECT_EQ(walk_all(100), 0U);
}

TEST_F(Walking, ShowsEveryItemOnceWithWhatIsKnownOfIt) {
  make();
  put("small", "12345", Mode::set, clock_.now() + 100, 9);
  const std::string large = text_of(200'000);
  upload("large", large);
  RemoveRequest stale;
  stale.key = "small";
  stale.invalidate = true;
  cache_->remove(*context_, stale);
  pass(3);
  get("large");
  int seen = 0;
  WalkCursor cursor;
  while (!cursor.done) {
    cache_->walk(*context_, cursor, 10, [&](std::string_view key, const ItemView& view) {
      ++seen;
      GetOptions peek;
      peek.peek = true;
      const GetResult hit = cache_->get(*context_, key, peek);  // no lock is held
      ASSERT_EQ(hit.outcome, Outcome::done);
      EXPECT_EQ(view.cas, hit.item.cas);
      EXPECT_EQ(view.flags, hit.item.flags);
      EXPECT_EQ(view.exptime, hit.item.exptime);
      EXPECT_EQ(view.last_access, hit.item.last_access);
      EXPECT_EQ(view.fetched, key == "large");
      EXPECT_EQ(view.stale, key == "small");
      EXPECT_EQ(view.value_size, hit.item.value_size);
      EXPECT_EQ(view.item_size, hit.item.item_size);
      EXPECT_EQ(view.value.size(), 0U);
    });
  }
  EXPECT_EQ(seen, 2);
}

TEST_F(Walking, EveryCallIsShort) {
  make();
  fill(0, 20'000);
  shown_.clear();
  WalkCursor cursor;
  size_t before = 0;
  while (!cursor.done) {
    step(cursor, 50);
    EXPECT_LE(shown_.size(), before + 50 + 32);
    before = shown_.size();
  }
  EXPECT_EQ(shown_.size(), 20'000U);
}

TEST_F(Walking, DeadItemsAreNotShown) {
  make();
  fill(0, 100);
  set("ending", "v", clock_.now() + 2);
  pass(2);
  EXPECT_EQ(walk_all(10), 100U);
  cache_->flush_all(*context_, kNever);
  set("later", "v");
  EXPECT_EQ(walk_all(10), 1U);
}

TEST_F(Walking, GrowthBetweenTheCallsShowsNothingTwiceAndHidesNothing) {
  CacheSettings settings;
  settings.hash_power = 10;
  make(settings);
  constexpr int kKeys = 6000;
  fill(0, kKeys);
  const uint64_t power = cache_->figures().hash_buckets_power;
  WalkCursor cursor;
  int next = kKeys;
  while (!cursor.done) {
    step(cursor, 20);
    if (next == 126'000) continue;
    fill(next, next + 400);
    next += 400;
  }
  ASSERT_EQ(cache_->figures().evictions, 0U);
  EXPECT_GT(cache_->figures().hash_buckets_power, power + 1);
  expect_each_once(kKeys);
  for (const auto& [key, times] : shown_) ASSERT_EQ(times, 1) << key;
}

TEST_F(Walking, ChainLongerThanOneCallCollects) {
  CacheSettings settings;
  settings.memory_limit = 16U << 20;
  make(settings);
  auto& engine = static_cast<Engine&>(*cache_);
  std::vector<std::string> meeting;
  for (int i = 0; meeting.size() < 100; ++i) {
    const std::string key = numbered("k", i);
    if (engine.hash_of(key) % 1024 == 7) meeting.push_back(key);
  }
  for (const auto& key : meeting) ASSERT_EQ(set(key, "v"), Outcome::done);
  EXPECT_EQ(walk_all(1), 100U);
  for (const auto& key : meeting) EXPECT_EQ(shown_[key], 1);
}

TEST_F(Walking, EvictionsAndRemovalsOnTheWay) {
  CacheSettings settings;
  settings.memory_limit = 4U << 20;
  make(settings);
  fill(0, 2000);
  for (int i = 0; i < 2000; i += 2) get(numbered("k", i));
  WalkCursor cursor;
  int next = 0;
  while (!cursor.done) {
    step(cursor, 20);
    for (int i = 0; i < 100; ++i) set(numbered("big", next++), text_of(1000));
    cache_->remove(*context_, numbered("k", next % 2000));
  }
  EXPECT_GT(cache_->figures().evictions, 0U);
  for (const auto& [key, times] : shown_) {
    if (key[0] == 'k') {
      ASSERT_EQ(times, 1) << key;
    }
  }
  for (int i = 0; i < 2000; ++i) {
    if (value(numbered("k", i))) {
      ASSERT_EQ(shown_[numbered("k", i)], 1) << i;
    }
  }
}

TEST_F(Walking, WhileOtherThreadsStore) {
  CacheSettings settings;
  settings.hash_power = 10;
  make(settings);
  constexpr int kKeys = 5000;
  fill(0, kKeys);
  std::atomic<bool> over{false};
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 3; ++writer) {
    writers.emplace_back([&, writer] {
      const auto context = cache_->make_context();
      for (int i = 0; i < 60'000 && !over; ++i) {
        cache_->store(*context, {numbered("other", i * 3 + writer), Mode::set, 0, kNever, 0}, "v");
        cache_->store(*context, {numbered("k", i % kKeys), Mode::set, 0, kNever, 0}, "again");
      }
    });
  }
  for (int round = 0; round < 3; ++round) {
    walk_all(64);
    expect_each_once(kKeys);
  }
  over = true;
  for (auto& writer : writers) writer.join();
}

}  // namespace
}  // namespace martlet::cache
