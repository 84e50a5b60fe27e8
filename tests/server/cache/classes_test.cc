// Items by size: the ladder of classes, what is counted for each, and the histogram.
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "server/cache/size_ladder.h"
#include "tests/server/cache/cache_fixture.h"

namespace martlet::cache {
namespace {

TEST(SizeLadder, IsMemcachedsByDefault) {
  const SizeLadder ladder(96, 1.25);
  ASSERT_EQ(ladder.classes(), 39U);
  const uint32_t first[] = {96, 120, 152, 192, 240, 304, 384, 480, 600, 752, 944, 1184, 1480, 1856, 2320};
  unsigned number = 1;
  for (const uint32_t size : first) EXPECT_EQ(ladder.largest_item(number++), size);
  EXPECT_EQ(ladder.largest_item(39), 524'288U);
}

TEST(SizeLadder, EverySizeBelongsToTheSmallestClassThatHoldsIt) {
  const SizeLadder ladder(96, 1.25);
  EXPECT_EQ(ladder.size_class(1), 1U);
  EXPECT_EQ(ladder.size_class(96), 1U);
  EXPECT_EQ(ladder.size_class(97), 2U);
  EXPECT_EQ(ladder.size_class(524'288), 39U);
  EXPECT_EQ(ladder.size_class(524'289), 39U);
  EXPECT_EQ(ladder.size_class(UINT32_MAX), 39U);
}

TEST(SizeLadder, IsBoundedWhateverItIsMadeFrom) {
  EXPECT_EQ(SizeLadder(96, 1.01).classes(), 63U);
  EXPECT_EQ(SizeLadder(96, 1.01).largest_item(63), 524'288U);
  EXPECT_EQ(SizeLadder(2'000'000'000, 1.25).classes(), 1U);
  EXPECT_EQ(SizeLadder(96, 1e9).classes(), 1U);
  EXPECT_EQ(SizeLadder(49, 2).largest_item(1), 56U);
}

class Classes : public CacheTest {
 protected:
  ClassFigures figures_of(std::string_view key) {
    GetOptions peek;
    peek.peek = true;
    const GetResult hit = cache_->get(*context_, key, peek);
    return cache_->class_figures()[cache_->size_class(hit.item.item_size) - 1];
  }
  ClassFigures sum() {
    ClassFigures out;
    for (const ClassFigures& row : cache_->class_figures()) {
      out.items += row.items;
      out.bytes += row.bytes;
      out.evicted += row.evicted;
      out.evicted_nonzero += row.evicted_nonzero;
      out.evicted_unfetched += row.evicted_unfetched;
      out.evicted_active += row.evicted_active;
      out.expired_unfetched += row.expired_unfetched;
      out.reclaimed += row.reclaimed;
      out.out_of_memory += row.out_of_memory;
      out.moved += row.moved;
    }
    return out;
  }
  void expect_sums_of_figures() {
    const CacheFigures all = cache_->figures();
    const ClassFigures classes = sum();
    EXPECT_EQ(classes.items, all.items);
    EXPECT_EQ(classes.bytes, all.bytes);
    EXPECT_EQ(classes.evicted, all.evictions);
    EXPECT_EQ(classes.evicted_unfetched, all.evicted_unfetched);
    EXPECT_EQ(classes.evicted_active, all.evicted_active);
    EXPECT_EQ(classes.expired_unfetched, all.expired_unfetched);
    EXPECT_EQ(classes.reclaimed, all.reclaimed);
  }
};

TEST_F(Classes, ItemsAreCountedWhereTheirSizePutsThem) {
  make();
  set("small", "v");
  set("other", "w");
  set("middle", text_of(1000));
  upload("large", text_of(700'000));
  EXPECT_EQ(figures_of("small").items, 2U);
  EXPECT_EQ(figures_of("middle").items, 1U);
  EXPECT_EQ(figures_of("large").items, 1U);
  EXPECT_GE(figures_of("large").bytes, 700'000U);
  EXPECT_EQ(figures_of("large").item_size, 524'288U);
  expect_sums_of_figures();
  set("other", text_of(1010));
  EXPECT_EQ(figures_of("small").items, 1U);
  EXPECT_EQ(figures_of("middle").items, 2U);
  cache_->remove(*context_, "large");
  EXPECT_EQ(cache_->class_figures().back().items, 0U);
  EXPECT_EQ(cache_->class_figures().back().bytes, 0U);
  expect_sums_of_figures();
}

TEST_F(Classes, LadderFollowsTheSettings) {
  CacheSettings settings;
  settings.class_factor = 2;
  settings.smallest_class = 128;
  make(settings);
  EXPECT_EQ(cache_->size_class(128), 1U);
  EXPECT_EQ(cache_->size_class(129), 2U);
  EXPECT_EQ(cache_->class_figures()[1].item_size, 256U);
}

TEST_F(Classes, EvictionsAndTheirKindsAreCounted) {
  CacheSettings settings;
  settings.memory_limit = 4U << 20;
  make(settings);
  pass(10);
  for (int i = 0; i < 500; ++i) put(numbered("ending", i), text_of(300), Mode::set, clock_.now() + 100'000);
  for (int i = 0; i < 500; ++i) get(numbered("ending", i));
  for (int i = 0; i < 8000; ++i) set(numbered("k", i), text_of(1000));
  expect_sums_of_figures();
  const ClassFigures ending = cache_->class_figures()[cache_->size_class(340) - 1];
  EXPECT_EQ(ending.evicted_nonzero, ending.evicted);
  const ClassFigures forever = cache_->class_figures()[cache_->size_class(1030) - 1];
  EXPECT_GT(forever.evicted, 0U);
  EXPECT_EQ(forever.evicted_nonzero, 0U);
  EXPECT_EQ(forever.evicted_age, 0U);
  pass(25);
  for (int i = 0; i < 1000; ++i) set(numbered("later", i), text_of(1000));
  EXPECT_EQ(cache_->class_figures()[cache_->size_class(1030) - 1].evicted_age, 25U);
}

TEST_F(Classes, ExpiredItemsAndRefusedStoresAreCounted) {
  CacheSettings settings;
  settings.memory_limit = 4U << 20;
  settings.evict = false;
  make(settings);
  set("read", "v", clock_.now() + 5);
  set("unread", "v", clock_.now() + 5);
  get("read");
  pass(5);
  get("read");
  get("unread");
  EXPECT_EQ(cache_->class_figures()[0].reclaimed, 2U);
  EXPECT_EQ(cache_->class_figures()[0].expired_unfetched, 1U);
  uint64_t refused = 0;
  for (int i = 0; i < 6000; ++i) refused += put(numbered("k", i), text_of(1000)).outcome == Outcome::out_of_memory;
  EXPECT_GT(refused, 0U);
  EXPECT_EQ(cache_->class_figures()[cache_->size_class(1030) - 1].out_of_memory, refused);
  put("large", text_of(1'000'000));
  EXPECT_EQ(cache_->class_figures().back().out_of_memory, 1U);
  expect_sums_of_figures();
}

TEST_F(Classes, MovedItemsAreCounted) {
  CacheSettings settings;
  settings.memory_limit = 4U << 20;
  settings.evict = false;
  make(settings);
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) set(numbered("k", random() % 2000), text_of(1000));
  EXPECT_GT(sum().moved, 0U);
  expect_sums_of_figures();
}

TEST_F(Classes, HistogramCountsItemsBySize) {
  CacheSettings settings;
  settings.track_sizes = true;
  make(settings);
  EXPECT_TRUE(cache_->size_histogram().empty());
  std::map<uint32_t, uint64_t> expected;
  for (const size_t size : {0U, 5U, 6U, 100U, 1000U, 300'000U, 1'048'576U}) {
    const std::string key = numbered("key", size);
    ASSERT_EQ(put(key, text_of(size)).outcome, Outcome::done);
    ++expected[(get(key).item.item_size + 31) / 32 * 32];
  }
  const auto rows = cache_->size_histogram();
  EXPECT_EQ((std::map<uint32_t, uint64_t>(rows.begin(), rows.end())), expected);
  cache_->remove(*context_, "key300000");
  EXPECT_EQ(cache_->size_histogram().size(), rows.size() - 1);
}

TEST_F(Classes, HistogramIsEmptyWhenSizesAreNotTracked) {
  make();
  set("k", "v");
  EXPECT_TRUE(cache_->size_histogram().empty());
}

TEST_F(Classes, GaugesAddUpAfterManyThreadsStored) {
  CacheSettings settings;
  settings.memory_limit = 4U << 20;
  settings.track_sizes = true;
  make(settings);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      const auto context = cache_->make_context();
      for (int i = 0; i < 10'000; ++i) {
        const std::string key = numbered("k", (i * 7 + thread) % 6000);
        cache_->store(*context, {key, Mode::set, 0, kNever, 0}, text_of(static_cast<size_t>(i % 50) * 40));
        if (i % 5 == 0) cache_->remove(*context, key);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_GT(cache_->figures().evictions, 0U);
  expect_sums_of_figures();
  uint64_t items = 0;
  for (const auto& [size, count] : cache_->size_histogram()) items += count;
  EXPECT_EQ(items, cache_->figures().items);
}

TEST(SizeLadder, EverySizeBelongsToTheFirstClassThatHoldsIt) {
  const SizeLadder ladder(96, 1.25);
  unsigned expected = 1;
  for (uint32_t size = 1; size <= SizeLadder::kLargest; ++size) {
    if (size > ladder.largest_item(expected)) ++expected;
    ASSERT_EQ(ladder.size_class(size), expected) << size;
  }
  EXPECT_EQ(ladder.size_class(SizeLadder::kLargest + 1), ladder.classes());
}

}  // namespace
}  // namespace martlet::cache
