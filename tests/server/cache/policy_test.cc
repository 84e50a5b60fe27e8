// Who stays when there is not room for all.
#include <random>

#include "tests/server/cache/cache_fixture.h"

namespace martlet::cache {
namespace {

constexpr uint64_t kMiB = 1ULL << 20;

class Policy : public CacheTest {
 protected:
  void SetUp() override { make_with(16 * kMiB); }
  void make_with(uint64_t limit) {
    CacheSettings settings;
    settings.memory_limit = limit;
    make(settings);
  }
  // Asks, and stores on a miss. Was it a hit?
  bool ask(const std::string& key, size_t size) {
    if (get(key).outcome == Outcome::done) return true;
    EXPECT_EQ(set(key, std::string(size, 'v')), Outcome::done);
    return false;
  }
  int held(const char* name, int count) {
    GetOptions peek;
    peek.peek = true;
    int out = 0;
    for (int i = 0; i < count; ++i) {
      out += cache_->get(*context_, numbered(name, i), peek).outcome == Outcome::done ? 1 : 0;
    }
    return out;
  }
};

TEST_F(Policy, WhatIsAskedForOutlivesAScan) {
  for (int i = 0; i < 5000; ++i) set(numbered("hot", i), std::string(500, 'h'));
  for (int i = 0; i < 5000; ++i) get(numbered("hot", i));
  for (int i = 0; i < 200'000; ++i) set(numbered("scan", i), std::string(500, 's'));  // six times the cache
  EXPECT_GT(held("hot", 5000), 4950);
}

TEST_F(Policy, TheHottestStayWhenTheHotAloneAreTooMany) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 600'000; ++i) {
    const bool hot = random() % 2 == 0;
    ask(numbered(hot ? "hot" : "cool", random() % (hot ? 8000 : 60'000)), 500);
  }
  EXPECT_GT(held("hot", 8000), 7800);
  EXPECT_GT(cache_->figures().evictions, 10'000U);
}

TEST_F(Policy, AKeyThatComesBackSoonAfterItsEvictionStays) {
  const auto pass_by = [&](int from, int count) {
    for (int i = from; i < from + count; ++i) set(numbered("pass", i), std::string(500, 'p'));
  };
  pass_by(0, 40'000);
  for (int i = 0; i < 500; ++i) set(numbered("back", i), std::string(500, 'b'));
  pass_by(40'000, 35'000);
  ASSERT_EQ(held("back", 500), 0);
  for (int i = 0; i < 500; ++i) set(numbered("back", i), std::string(500, 'b'));
  EXPECT_GT(cache_->segment_figures().ghosts_readmitted, 100U);
  pass_by(80'000, 60'000);
  EXPECT_GT(held("back", 500), 100);  // those whose ghosts had found room
  EXPECT_EQ(held("pass", 1000), 0);
}

TEST_F(Policy, ALargeItemNeedsMoreHitsToStay) {
  for (int i = 0; i < 2000; ++i) {
    set(numbered("small", i), std::string(200, 's'));
    get(numbered("small", i));
  }
  for (int i = 0; i < 10; ++i) {
    set(numbered("large", i), text_of(200'000));
    get(numbered("large", i));
  }
  for (int i = 0; i < 150'000; ++i) set(numbered("scan", i), std::string(200, 'x'));
  EXPECT_GT(held("small", 2000), 1950);
  EXPECT_EQ(held("large", 10), 0);
}

// Its chunks and its descriptor lie in different segments and come to be evicted at different times.
// The first segments to be evicted hold nothing else, so nothing has been met yet to compare them with.
TEST_F(Policy, LargeValuesStoredFirstDoNotStayForOneHitEach) {
  for (int i = 0; i < 8; ++i) set(numbered("large", i), std::string(300'000, 'l'));
  for (int i = 0; i < 8; ++i) get(numbered("large", i));
  for (int i = 0; i < 100'000; ++i) set(numbered("small", i), std::string(500, 's'));
  EXPECT_EQ(held("large", 8), 0);
}

TEST_F(Policy, AHitLargeValueSurvivesAsAWhole) {
  const std::string text = text_of(60'000);
  for (int i = 0; i < 400; ++i) {
    set(numbered("large", i), text);
    if (i % 10 == 0) get(numbered("large", i));
  }
  int survivors = 0;
  for (int i = 0; i < 100; i += 10) {
    const auto found = value(numbered("large", i));
    if (!found) continue;
    EXPECT_TRUE(*found == text);
    ++survivors;
  }
  EXPECT_EQ(survivors, 10);
  EXPECT_EQ(held("large", 9), 1);
}

TEST_F(Policy, AnOverwriteCountsAsUse) {
  for (int i = 0; i < 3000; ++i) set(numbered("kept", i), std::string(300, 'k'));
  for (int round = 0; round < 8; ++round) {
    for (int i = 0; i < 3000; ++i) set(numbered("kept", i), std::string(300, 'k'));
    for (int i = 0; i < 20'000; ++i) set(numbered("once", round * 20'000 + i), std::string(300, 'o'));
  }
  EXPECT_EQ(held("kept", 3000), 3000);
}

TEST_F(Policy, OverwritesMoveNoMoreThanTheyWrite) {
  make_with(64 * kMiB);
  std::mt19937_64 random(72);
  const int keys = static_cast<int>(64 * kMiB / 100 * 70 / (1258 + 32));
  const auto write = [&](int i) {
    ASSERT_EQ(set(numbered("key", i), std::string(16 + random() % 2485, 'v')), Outcome::done);
  };
  for (int i = 0; i < keys; ++i) write(i);
  const SegmentFigures before = cache_->segment_figures();
  for (int i = 0; i < keys * 5; ++i) write(static_cast<int>(random() % static_cast<uint64_t>(keys)));
  const SegmentFigures after = cache_->segment_figures();
  EXPECT_EQ(cache_->figures().evictions, 0U);
  EXPECT_EQ(held("key", keys), keys);
  EXPECT_LE(after.bytes_moved - before.bytes_moved, after.bytes_written - before.bytes_written);
}

}  // namespace
}  // namespace martlet::cache
