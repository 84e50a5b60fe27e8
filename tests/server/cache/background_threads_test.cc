// Background work on a thread of its own, beside many others.
#include <atomic>
#include <chrono>
#include <random>

#include "tests/server/cache/threads_fixture.h"

namespace martlet::cache {
namespace {

constexpr uint64_t kMiB = 1ULL << 20;

using BackgroundThreads = Threads;

// Everything at once in a cache of few segments: overwrites that make garbage, expiry, deletes that let the index
// shrink, large values; while one thread does the background work as fast as it can.
TEST_F(BackgroundThreads, BackgroundWorkDisturbsNobody) {
  make_with(4 * kMiB);
  std::atomic<bool> done{false};
  std::atomic<uint64_t> wrong{0};
  std::atomic<uint64_t> wakes{0};
  cache_->on_work([&] { wakes.fetch_add(1); });
  std::thread maintainer([&] {
    while (!done.load()) cache_->maintain();
  });
  std::thread second_hand([&] {
    while (!done.load()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      pass(1);
    }
  });
  put(*context_, "n", "0");
  run([&](CacheContext& context, int thread) {
    std::mt19937_64 random(static_cast<uint64_t>(thread) + 100);
    for (int i = 0; i < 6000; ++i) {
      const int key = static_cast<int>(random() % 3000);
      const std::string name = numbered("key", key);
      const uint64_t dice = random() % 100;
      if (dice < 40) {
        GetResult hit = cache_->get(context, name, {});
        if (hit.outcome == Outcome::done && !speaks_true(key, all_of(hit.item.value))) wrong.fetch_add(1);
      } else if (dice < 85) {
        const size_t size = dice < 42 ? 20'000 + random() % 20'000 : 20 + random() % 1500;
        StoreRequest request;
        request.key = name;
        request.exptime = dice % 2 == 0 ? kNever : clock_.now() + 1 + static_cast<RelTime>(random() % 3);
        const Outcome outcome = cache_->store(context, request, speaking(key, random(), size)).outcome;
        if (outcome != Outcome::done && dice >= 42) wrong.fetch_add(1);
      } else if (dice < 99) {
        RemoveRequest request;
        request.key = name;
        cache_->remove(context, request);
      } else {
        cache_->get(context, "n", {});
        cache_->arith(context, {"n", 1, false});
      }
    }
  });
  done.store(true);
  maintainer.join();
  second_hand.join();
  cache_->on_work({});
  EXPECT_EQ(wrong.load(), 0U);
  EXPECT_GT(wakes.load(), 0U);
  for (int i = 0; i < 100'000 && cache_->maintain().count() == 0; ++i) {
  }
  const SegmentFigures now = cache_->segment_figures();
  EXPECT_EQ(now.live_bytes, cache_->figures().bytes);
  EXPECT_GT(now.segments_cleaned + now.segments_evicted + now.segments_swept, 100U);
}

// The index grows and shrinks under readers, who find what is there.
TEST_F(BackgroundThreads, TheIndexShrinksUnderReaders) {
  make_with(16 * kMiB);
  constexpr int kLasting = 2000;
  for (int i = 0; i < kLasting; ++i) put(*context_, numbered("lasting", i), "v");
  std::atomic<bool> done{false};
  std::atomic<uint64_t> missed{0};
  std::thread maintainer([&] {
    while (!done.load()) cache_->maintain();
  });
  run([&](CacheContext& context, int thread) {
    if (thread % 2 == 0) {
      std::mt19937_64 random(static_cast<uint64_t>(thread));
      for (int i = 0; i < 100'000; ++i) {
        const std::string key = numbered("lasting", random() % kLasting);
        if (cache_->get(context, key, {}).outcome != Outcome::done) missed.fetch_add(1);
      }
      return;
    }
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 15'000; ++i) put(context, numbered("brief", thread * 100'000 + i), "v");
      for (int i = 0; i < 15'000; ++i) {
        const std::string key = numbered("brief", thread * 100'000 + i);
        RemoveRequest request;
        request.key = key;
        if (cache_->remove(context, request).outcome != Outcome::done) missed.fetch_add(1);
      }
    }
  });
  done.store(true);
  maintainer.join();
  EXPECT_EQ(missed.load(), 0U);
  EXPECT_EQ(cache_->figures().items, static_cast<uint64_t>(kLasting));
}

}  // namespace
}  // namespace martlet::cache
