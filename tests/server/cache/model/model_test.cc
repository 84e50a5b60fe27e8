// Random operations beside a reference map, on caches of all sorts: never a wrong answer, and a miss only where the
// hook told of an eviction. cache_model_run does the same for as long as one likes.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/server/cache/model/run.h"

namespace martlet::cache::model {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t kShare = 8;  // sanitizers take their time
#else
constexpr uint64_t kShare = 1;
#endif

// A seed of one's own: MODEL_SEED=17 ./test -R Model
uint64_t seed() {
  const char* wanted = std::getenv("MODEL_SEED");
  return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 2026;
}

void play(const char* name, unsigned threads, uint64_t operations) {
  const Preset* preset = find_preset(name);
  ASSERT_NE(preset, nullptr);
  Run run(*preset, seed(), threads);
  EXPECT_TRUE(run.play(operations / kShare)) << name << ", seed " << seed() << ", " << run.complaint();
  EXPECT_EQ(run.evictions() > 0, preset->crowded);
  EXPECT_TRUE(preset->settings.evict || run.refusals() > 0) << "the cache was never full";
}

TEST(Model, RoomyCacheNeverForgets) { play("roomy", 1, 1'000'000); }
TEST(Model, CrowdedCacheForgetsOnlyWhatItTellsOf) { play("crowded", 1, 1'000'000); }
TEST(Model, FewSegmentsSuffice) { play("tiny", 1, 1'000'000); }
TEST(Model, FullCacheWithoutEvictionKeepsEverything) { play("full", 1, 1'000'000); }
TEST(Model, WithoutIdsNothingElseChanges) { play("no_cas", 1, 500'000); }
TEST(Model, LargeValuesComeAndGoWhole) { play("large", 1, 300'000); }

TEST(Model, KeysOfOneThreadAreUntouchedByTheOthers) { play("roomy", 4, 200'000); }
TEST(Model, ThreadsThatEvictEachOthersItemsStayExact) { play("crowded", 4, 200'000); }
TEST(Model, ThreadsInFewSegmentsStayExact) { play("tiny", 4, 800'000); }
TEST(Model, ThreadsThatFillACacheLoseNothing) { play("full", 4, 400'000); }

}  // namespace
}  // namespace martlet::cache::model
