// Items that expire: written together, freed together, and found when they are not.
#include <random>

#include "server/cache/ttl_classes.h"
#include "tests/server/cache/cache_fixture.h"

namespace martlet::cache {
namespace {

constexpr uint64_t kMiB = 1ULL << 20;

TEST(TtlClasses, TimesToLiveAreToldApartByPowersOfTwo) {
  EXPECT_EQ(TtlClasses::class_of(0), 0U);
  EXPECT_EQ(TtlClasses::class_of(1), 1U);
  EXPECT_EQ(TtlClasses::class_of(60), TtlClasses::class_of(33));
  EXPECT_NE(TtlClasses::class_of(60), TtlClasses::class_of(65));
  EXPECT_EQ(TtlClasses::class_of(UINT32_MAX), 32U);
}

TEST(TtlClasses, AClassGetsALogWhenItWritesEnough) {
  TtlClasses classes(512);
  EXPECT_EQ(classes.log_of(6), 0U);
  classes.note(0, 500);
  classes.note(6, 495);
  classes.note(12, 5);
  ASSERT_TRUE(classes.due());
  EXPECT_EQ(classes.remap(), 0U);
  EXPECT_FALSE(classes.due());
  EXPECT_EQ(classes.log_of(0), 0U);
  EXPECT_EQ(classes.log_of(6), 1U);
  EXPECT_EQ(classes.log_of(3), 1U);   // the next longer one in use
  EXPECT_EQ(classes.log_of(12), 1U);  // too little for a log: with the longest
}

TEST(TtlClasses, AClassThatIsNotWrittenAnyMoreLosesItsLog) {
  TtlClasses classes(512);
  classes.note(6, 1000);
  classes.remap();
  const unsigned log = classes.log_of(6);
  uint32_t lost = 0;
  for (int i = 0; i < 10; ++i) {
    classes.note(0, 1000);
    lost |= classes.remap();
  }
  EXPECT_EQ(lost, 1U << log);
  EXPECT_EQ(classes.log_of(6), 0U);
}

TEST(TtlClasses, FewSegmentsHaveOneLog) {
  TtlClasses classes(63);
  classes.note(6, 1000);
  classes.remap();
  EXPECT_EQ(classes.log_of(6), 0U);
}

TEST(TtlClasses, NeverMoreLogsThanThereAre) {
  TtlClasses classes(512);
  for (unsigned c = 0; c < 20; ++c) classes.note(c, 100);
  classes.remap();
  for (unsigned c = 0; c <= 32; ++c) EXPECT_LT(classes.log_of(c), kMostItemLogs);
}

class Ttl : public CacheTest {
 protected:
  void SetUp() override {
    CacheSettings settings;
    settings.memory_limit = 16 * kMiB;
    make(settings);
  }
  int held(const char* name, int count) {
    int out = 0;
    for (int i = 0; i < count; ++i) out += get(numbered(name, i)).outcome == Outcome::done ? 1 : 0;
    return out;
  }
  void work_off() {
    for (int i = 0; i < 1'000'000 && cache_->maintain().count() == 0; ++i) {
    }
  }
};

TEST_F(Ttl, WholeSegmentsExpireWithoutMovingAnything) {
  for (int i = 0; i < 300'000; ++i) {
    const bool lasting = i % 20 == 0;
    if (lasting) {
      set(numbered("lasting", i / 20), std::string(400, 'l'));
    } else {
      set(numbered("brief", i), std::string(400, 'b'), clock_.now() + 10);
    }
    if (i % 1000 == 999) pass(1);
  }
  const SegmentFigures now = cache_->segment_figures();
  EXPECT_EQ(cache_->figures().evictions, 0U);
  EXPECT_EQ(held("lasting", 15'000), 15'000);
  EXPECT_EQ(now.ttl_classes, 2U);
  EXPECT_GT(now.segments_swept, 1000U);
  EXPECT_LT(now.bytes_moved, now.bytes_written / 20);
}

TEST_F(Ttl, TheCrawlerFindsWhatExpiredAmongOthers) {
  for (int i = 0; i < 10'000; ++i)
    set(numbered("k", i), std::string(400, 'v'), i % 2 == 0 ? kNever : clock_.now() + 5U);
  pass(4);
  work_off();
  EXPECT_EQ(cache_->figures().items, 10'000U);
  pass(2);
  work_off();
  const CacheFigures now = cache_->figures();
  EXPECT_LT(now.items, 5200U);  // what is in the open segment waits until it is sealed
  EXPECT_GE(now.items, 5000U);
  EXPECT_EQ(now.crawler_reclaimed, 10'000 - now.items);
  EXPECT_EQ(now.reclaimed, now.crawler_reclaimed);
  EXPECT_GT(now.crawler_starts, 0U);
  EXPECT_GE(now.crawler_items_checked, now.crawler_reclaimed);
}

TEST_F(Ttl, TheCrawlerLooksOnlyWhereSomethingCanHaveExpired) {
  for (int i = 0; i < 10'000; ++i) set(numbered("k", i), std::string(400, 'v'), clock_.now() + 1000);
  for (int second = 0; second < 100; ++second) {
    pass(1);
    work_off();
  }
  EXPECT_EQ(cache_->figures().crawler_items_checked, 0U);
}

TEST_F(Ttl, AnExpiryBroughtForwardIsFound) {
  for (int i = 0; i < 10'000; ++i) set(numbered("k", i), std::string(400, 'v'), clock_.now() + 100'000);
  pass(1);
  work_off();
  for (int i = 0; i < 10'000; ++i) cache_->touch(*context_, numbered("k", i), clock_.now() + 2);
  pass(3);
  work_off();
  EXPECT_LT(cache_->figures().items, 200U);
}

TEST_F(Ttl, ATouchedItemOutlivesItsSegment) {
  for (int i = 0; i < 2000; ++i) set(numbered("k", i), std::string(400, 'v'), clock_.now() + 5);
  for (int i = 0; i < 2000; i += 10) cache_->touch(*context_, numbered("k", i), clock_.now() + 1000);
  pass(6);
  work_off();
  for (int i = 0; i < 2000; i += 10) ASSERT_EQ(get(numbered("k", i)).outcome, Outcome::done) << i;
  for (int i = 0; i < 100'000; ++i)
    set(numbered("brief", i), std::string(400, 'v'), clock_.now() + 1 + static_cast<RelTime>(i % 3));
}

// Short-lived items that are never read again do not push out the lasting ones, nor stay long after their end.
TEST_F(Ttl, ExpiredItemsTakeNoRoomFromLastingOnes) {
  std::mt19937_64 random(3);
  uint64_t brief = 0;
  int hits = 0;
  int gets = 0;
  for (int second = 0; second < 40; ++second) {
    for (int i = 0; i < 4000; ++i) {
      if (random() % 10 < 7) {
        set(numbered("brief", brief++), std::string(300, 'b'), clock_.now() + 2 + static_cast<RelTime>(random() % 4));
        continue;
      }
      const std::string key = numbered("lasting", random() % 20'000);
      const bool hit = get(key).outcome == Outcome::done;
      if (!hit) set(key, std::string(300, 'l'));
      if (second >= 20) {
        ++gets;
        hits += hit ? 1 : 0;
      }
    }
    pass(1);
    work_off();
  }
  EXPECT_GT(hits * 100, gets * 70);  // each key is asked for once in 17 seconds
  EXPECT_EQ(cache_->figures().evictions, 0U);
  const uint64_t unexpired = 4 * 2800;  // at most
  EXPECT_LT(cache_->figures().items, (unexpired + 20'000) * 11 / 10);
}

}  // namespace
}  // namespace martlet::cache
