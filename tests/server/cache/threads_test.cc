// Many threads on one cache.
#include <atomic>
#include <functional>
#include <random>
#include <thread>
#include <vector>

#include "tests/server/cache/cache_fixture.h"

namespace martlet::cache {
namespace {

class Threads : public CacheTest {
 protected:
  static constexpr int kThreads = 8;

  void run(const std::function<void(CacheContext&, int)>& body) {
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        const auto context = cache_->make_context();
        body(*context, i);
      });
    }
    for (auto& thread : threads) thread.join();
  }
  StoreResult put(CacheContext& context, std::string_view key, std::string_view value, Mode mode = Mode::set,
                  uint64_t cas = 0) {
    return cache_->store(context, {key, mode, 0, kNever, cas}, value);
  }
  void make_with(uint64_t limit) {
    CacheSettings settings;
    settings.memory_limit = limit;
    settings.item_size_max = 1U << 20;
    make(settings);
  }
};

constexpr uint64_t kMiB = 1ULL << 20;

// A value that says which key it belongs to, and whose every byte follows from its beginning.
std::string speaking(int key, uint64_t seed, size_t size) {
  std::string out = std::to_string(key) + ":" + std::to_string(seed) + ":";
  while (out.size() < size) out += static_cast<char>('a' + (seed + out.size() * 7 + static_cast<uint64_t>(key)) % 26);
  return out;
}

bool speaks_true(int key, const std::string& value) {
  const size_t first = value.find(':');
  if (first == std::string::npos || std::stoi(value) != key) return false;
  const uint64_t seed = std::stoull(value.substr(first + 1));
  return value == speaking(key, seed, value.size());
}

TEST_F(Threads, CountsAddUp) {
  make({});
  ASSERT_EQ(put(*context_, "n", "0").outcome, Outcome::done);
  constexpr int kEach = 5000;
  run([&](CacheContext& context, int) {
    for (int i = 0; i < kEach; ++i) ASSERT_EQ(cache_->arith(context, {"n", 3, false}).outcome, Outcome::done);
  });
  EXPECT_EQ(value("n"), std::to_string(kThreads * kEach * 3));
}

TEST_F(Threads, AppendsAllArrive) {
  make({});
  ASSERT_EQ(put(*context_, "s", "").outcome, Outcome::done);
  run([&](CacheContext& context, int thread) {
    const std::string letter(17, static_cast<char>('a' + thread));
    for (int i = 0; i < 200; ++i) ASSERT_EQ(put(context, "s", letter, Mode::append).outcome, Outcome::done);
  });
  const std::string all = *value("s");
  ASSERT_EQ(all.size(), kThreads * 200U * 17U);
  for (int thread = 0; thread < kThreads; ++thread) {
    EXPECT_EQ(std::count(all.begin(), all.end(), 'a' + thread), 200 * 17);
  }
}

TEST_F(Threads, EveryCasRoundHasOneWinner) {
  make({});
  constexpr int kRounds = 2000;
  std::vector<std::atomic<int>> winners(kRounds);
  put(*context_, "k", "0");
  run([&](CacheContext& context, int) {
    for (;;) {
      const GetResult hit = cache_->get(context, "k", {});
      const int round = std::stoi(all_of(hit.item.value));
      if (round >= kRounds) return;
      const auto outcome = put(context, "k", std::to_string(round + 1), Mode::cas, hit.item.cas).outcome;
      if (outcome == Outcome::done) winners[static_cast<size_t>(round)].fetch_add(1);
    }
  });
  for (const auto& count : winners) ASSERT_EQ(count.load(), 1);
}

TEST_F(Threads, AddHasOneWinnerWhileTheIndexGrows) {
  make_with(16 * kMiB);
  constexpr int kKeys = 40'000;
  const uint64_t before = cache_->figures().hash_buckets_power;
  std::atomic<int> winners{0};
  run([&](CacheContext& context, int) {
    for (int i = 0; i < kKeys; ++i) {
      if (put(context, numbered("k", i), "v", Mode::add).outcome == Outcome::done) winners.fetch_add(1);
    }
  });
  EXPECT_EQ(winners.load(), kKeys);
  EXPECT_EQ(cache_->figures().items, static_cast<uint64_t>(kKeys));
  // A thread that loses its turn while it splits keeps the others from splitting: the next stores make up for it.
  for (int i = 0; i < 2000; ++i) put(*context_, numbered("more", i), "v");
  EXPECT_GT(cache_->figures().hash_buckets_power, before);
  EXPECT_FALSE(cache_->figures().hash_expanding);
  for (int i = 0; i < kKeys; ++i) ASSERT_TRUE(value(numbered("k", i)).has_value()) << i;
}

TEST_F(Threads, AppendsAndCountsOfOneItemBothCount) {
  make({});
  put(*context_, "n", "0000000");
  run([&](CacheContext& context, int thread) {
    for (int i = 0; i < 2000; ++i) {
      if (thread % 2 == 0) {
        ASSERT_EQ(cache_->arith(context, {"n", 1, false}).outcome, Outcome::done);
      } else {
        ASSERT_EQ(put(context, "n", " ", Mode::append).outcome, Outcome::done);
      }
    }
  });
  const std::string all = *value("n");
  EXPECT_EQ(std::stoi(all), kThreads / 2 * 2000);
  EXPECT_EQ(all.size(), 7U + kThreads / 2 * 2000U);
}

TEST_F(Threads, ReadersNeverSeeAWrongValueWhileEverythingMoves) {
  make_with(4 * kMiB);
  std::atomic<uint64_t> hits{0};
  std::atomic<uint64_t> wrong{0};
  run([&](CacheContext& context, int thread) {
    std::mt19937_64 random(static_cast<uint64_t>(thread));
    for (int i = 0; i < 8000; ++i) {
      const int key = static_cast<int>(random() % 4000);
      const std::string name = numbered("key", key);
      const uint64_t dice = random() % 100;
      if (dice < 50) {
        const GetResult hit = cache_->get(context, name, {});
        if (hit.outcome != Outcome::done) continue;
        hits.fetch_add(1);
        if (!speaks_true(key, all_of(hit.item.value))) wrong.fetch_add(1);
      } else if (dice < 90) {
        const size_t size = dice < 88 ? random() % 2000 : random() % 100'000;
        const auto outcome = put(context, name, speaking(key, random(), size)).outcome;
        if (outcome != Outcome::done && size < 2000) wrong.fetch_add(1);
      } else if (dice < 94) {
        cache_->remove(context, name);
      } else if (dice < 98) {
        cache_->touch(context, name, static_cast<RelTime>(clock_.now() + 1 + random() % 3));
      } else if (dice == 98 && i % 50 == 0) {
        cache_->flush_all(context, kNever);
      } else if (dice == 99 && thread == 0 && i % 20 == 0) {
        cache_->set_memory_limit((4 + random() % 4) * kMiB);
      }
    }
  });
  EXPECT_EQ(wrong.load(), 0U);
  EXPECT_GT(hits.load(), 1000U);
  const CacheFigures figures = cache_->figures();
  EXPECT_GT(figures.evictions, 0U);
  EXPECT_EQ(figures.pinned_bytes, 0U);
  for (int key = 0; key < 4000; ++key) cache_->remove(*context_, numbered("key", key));
  EXPECT_EQ(cache_->figures().items, 0U);
  EXPECT_EQ(cache_->figures().bytes, 0U);
}

TEST_F(Threads, PinnedValuesStayWhileOthersEvictAndUpload) {
  make_with(16 * kMiB);
  std::atomic<uint64_t> checked{0};
  std::atomic<uint64_t> wrong{0};
  run([&](CacheContext& context, int thread) {
    std::mt19937_64 random(static_cast<uint64_t>(thread));
    std::vector<std::pair<int, PinnedBytes>> held;
    for (int i = 0; i < 300; ++i) {
      const int key = static_cast<int>(random() % 40);
      const std::string name = numbered("key", key);
      if (random() % 2 == 0) {
        const std::string text = speaking(key, random(), 20'000 + random() % 200'000);
        auto arriving = cache_->begin_upload(context, name, static_cast<uint32_t>(text.size()));
        size_t done = 0;
        const size_t until = random() % 10 == 0 ? text.size() / 2 : text.size();
        while (done < until) {
          const std::span<char> space = arriving->space(context);
          if (space.empty()) break;
          done += text.copy(space.data(), std::min<size_t>(space.size(), 7000), done);
          arriving->advance(done - (text.size() - arriving->remaining()));
        }
        if (done == text.size()) cache_->publish(context, {name, Mode::set, 0, kNever, 0}, std::move(arriving));
      } else {
        GetResult hit = cache_->get(context, name, {});
        if (hit.outcome == Outcome::done) held.emplace_back(key, std::move(hit.item.value));
        if (held.size() < 4) continue;
        for (const auto& [whose, bytes] : held) {
          checked.fetch_add(1);
          if (!speaks_true(whose, all_of(bytes))) wrong.fetch_add(1);
        }
        held.clear();
      }
    }
  });
  EXPECT_EQ(wrong.load(), 0U);
  EXPECT_GT(checked.load(), 100U);
  EXPECT_EQ(cache_->figures().pinned_bytes, 0U);
}

// Everything at once in a cache of few segments: overwrites that make garbage, expiry, deletes that let the index
// shrink, large values; while one thread does the background work as fast as it can.
TEST_F(Threads, BackgroundWorkDisturbsNobody) {
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
TEST_F(Threads, TheIndexShrinksUnderReaders) {
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
