// Background work, step by step, without a thread; and how stores get along without it.
#include <atomic>

#include "tests/server/cache/cache_fixture.h"

namespace martlet::cache {
namespace {

constexpr uint64_t kMiB = 1ULL << 20;

class Maintainer : public CacheTest {
 protected:
  void SetUp() override { make_with(16 * kMiB); }
  void make_with(uint64_t limit, bool evict = true) {
    CacheSettings settings;
    settings.memory_limit = limit;
    settings.evict = evict;
    make(settings);
  }
  // Steps until there is nothing to do; how many it took.
  int work_off() {
    int steps = 0;
    while (cache_->maintain().count() == 0 && steps < 1'000'000) ++steps;
    return steps;
  }
  void fill(int items, size_t size = 400) {
    for (int i = 0; i < items; ++i) ASSERT_EQ(set(numbered("key", i), std::string(size, 'v')), Outcome::done);
  }
};

TEST_F(Maintainer, HasNothingToDoWhenNothingHappens) {
  EXPECT_GE(cache_->maintain(), std::chrono::minutes(1));
  fill(100'000);
  work_off();
  EXPECT_GE(cache_->maintain(), std::chrono::minutes(1));
  std::atomic<int> calls{0};
  cache_->on_work([&] { calls.fetch_add(1); });
  pass(100);
  EXPECT_EQ(calls.load(), 0);
  cache_->on_work({});
}

TEST_F(Maintainer, IsWokenWhenRoomIsShort) {
  int calls = 0;
  cache_->on_work([&] { ++calls; });
  fill(1000);
  EXPECT_EQ(calls, 0);
  fill(60'000);
  EXPECT_GT(calls, 10);
  cache_->on_work({});
}

TEST_F(Maintainer, StoresNeedNotHelpWhenItKeepsUp) {
  fill(40'000);
  work_off();
  const SegmentFigures before = cache_->segment_figures();
  for (int i = 0; i < 100'000; ++i) {
    set(numbered("more", i), std::string(400, 'v'));
    if (i % 4 == 0) cache_->maintain();
  }
  const SegmentFigures after = cache_->segment_figures();
  EXPECT_LE(after.assists - before.assists, 20U);  // of thousands of steps: what the index asks for at odd times
  EXPECT_GT(after.segments_evicted, before.segments_evicted + 100);
}

TEST_F(Maintainer, AStepTakesNoMoreThanSixtyFourItems) {
  fill(300'000, 10);
  for (int i = 0; i < 100'000; ++i) {
    set(numbered("more", i), "0123456789");
    const uint64_t before = cache_->figures().evictions;
    cache_->maintain();
    ASSERT_LE(cache_->figures().evictions - before, 64U);
  }
}

TEST_F(Maintainer, AHalfEvictedSegmentServesWhatIsLeftOfIt) {
  constexpr int kItems = 60'000;
  fill(kItems);
  for (int step = 0; step < 200; ++step) {
    set(numbered("more", step), std::string(400, 'v'));
    cache_->maintain();
    const SegmentFigures now = cache_->segment_figures();
    if (now.draining == 0) continue;
    // What is gone is gone from the front: everything after the first that is held is held.
    int first = 0;
    while (first < kItems && get(numbered("key", first)).outcome != Outcome::done) ++first;
    ASSERT_LT(first, kItems);
    for (int i = first; i < first + 2000; ++i) ASSERT_EQ(get(numbered("key", i)).outcome, Outcome::done);
    return;
  }
  FAIL() << "no segment was ever half evicted";
}

TEST_F(Maintainer, GivesTheIndexBackWhenTheItemsAreGone) {
  make_with(64 * kMiB);
  fill(500'000, 1);
  const CacheFigures full = cache_->figures();
  const uint64_t paid = cache_->segment_figures().index_segments;
  for (int i = 0; i < 500'000; ++i) {
    if (i % 100 != 0) {
      ASSERT_EQ(cache_->remove(*context_, {numbered("key", i), {}, false, false, {}, 0, {}}).outcome, Outcome::done);
    }
  }
  work_off();
  EXPECT_LT(cache_->figures().hash_bytes, full.hash_bytes / 2);  // overflow buckets stay paid for
  EXPECT_LT(cache_->segment_figures().index_segments, paid / 2);
  for (int i = 0; i < 500'000; i += 100) ASSERT_EQ(value(numbered("key", i)), "v") << i;
  fill(500'000, 1);
  EXPECT_EQ(cache_->figures().items, 500'000U);
  for (int i = 0; i < 500'000; ++i) ASSERT_EQ(get(numbered("key", i)).outcome, Outcome::done) << i;
}

TEST_F(Maintainer, TakesBackWhatWasFlushed) {
  fill(20'000);
  cache_->flush_all(*context_, kNever);
  EXPECT_EQ(cache_->figures().items, 20'000U);
  work_off();
  EXPECT_EQ(cache_->figures().items, 0U);
  EXPECT_EQ(cache_->figures().bytes, 0U);
}

TEST_F(Maintainer, DoesNotCleanForNothingWhenEvictionIsOff) {
  make_with(4 * kMiB, false);
  int stored = 0;
  while (set(numbered("key", stored), std::string(500, 'v')) == Outcome::done) ++stored;
  EXPECT_LT(work_off(), 1000);
  const uint64_t moved = cache_->segment_figures().bytes_moved;
  for (int i = 0; i < 100; ++i) cache_->maintain();
  EXPECT_EQ(cache_->segment_figures().bytes_moved, moved);
}

TEST_F(Maintainer, FiguresAddUp) {
  fill(100'000);
  const SegmentFigures now = cache_->segment_figures();
  EXPECT_EQ(now.free + now.open + now.sealed + now.draining + now.quarantined, now.segments);
  EXPECT_EQ(now.live_bytes, cache_->figures().bytes);
  EXPECT_GE(now.used_bytes, now.live_bytes);
  EXPECT_EQ(now.index_items, cache_->figures().items);
  EXPECT_EQ(now.index_segments * now.segment_size, cache_->figures().hash_bytes);
  EXPECT_EQ(now.ttl_classes, 1U);
  EXPECT_EQ(now.ttl_class[0].share_permille, 1000U);
}

}  // namespace
}  // namespace martlet::cache
