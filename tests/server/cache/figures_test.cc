// Figures: what is counted, and that it goes back.
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

#include "tests/server/cache/cache_fixture.h"

namespace martlet::cache {
namespace {

class Figures : public CacheTest {
 protected:
  void SetUp() override { make({}); }
};

TEST_F(Figures, ItemsAndBytesComeAndGo) {
  EXPECT_EQ(cache_->figures().items, 0U);
  EXPECT_EQ(cache_->figures().bytes, 0U);
  set("k", "12345678");
  EXPECT_EQ(cache_->figures().bytes, 32U);  // 16 of header, 1 of key, 8 of value, to a multiple of 8
  set("k", text_of(100'000));
  EXPECT_EQ(cache_->figures().items, 1U);
  EXPECT_GT(cache_->figures().bytes, 100'000U);
  EXPECT_LT(cache_->figures().bytes, 101'000U);
  put("k", "x", Mode::append);
  cache_->touch(*context_, "k", 100);
  EXPECT_EQ(cache_->figures().items, 1U);
  EXPECT_LT(cache_->figures().bytes, 101'000U);
  cache_->remove(*context_, "k");
  EXPECT_EQ(cache_->figures().items, 0U);
  EXPECT_EQ(cache_->figures().bytes, 0U);
  EXPECT_EQ(cache_->figures().total_items, 3U);
}

TEST_F(Figures, TheIndexGrowsWithTheItemsAndIsPaidForWithinTheLimit) {
  const CacheFigures before = cache_->figures();
  for (int i = 0; i < 400'000; ++i) ASSERT_EQ(set(numbered("key", i), "v"), Outcome::done);
  const CacheFigures after = cache_->figures();
  EXPECT_EQ(after.items, 400'000U);
  EXPECT_GT(after.hash_buckets_power, before.hash_buckets_power);
  EXPECT_GT(after.hash_bytes, 400'000U * 8);
  EXPECT_FALSE(after.hash_expanding);
  for (int i = 0; i < 400'000; ++i) ASSERT_EQ(cache_->remove(*context_, numbered("key", i)), Outcome::done);
  EXPECT_EQ(cache_->figures().items, 0U);
}

TEST_F(Figures, HashPowerSetsTheFirstBuckets) {
  CacheSettings settings;
  settings.hash_power = 16;
  make(settings);
  EXPECT_EQ(cache_->figures().hash_buckets_power, 16U);
  settings.hash_power = 32;  // would be 256 GiB: cut to what the limit allows
  make(settings);
  EXPECT_LE(cache_->figures().hash_bytes, settings.memory_limit / 8);
}

}  // namespace
}  // namespace martlet::cache
