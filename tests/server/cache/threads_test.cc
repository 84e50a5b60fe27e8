// Many threads on one cache.
#include <atomic>
#include <functional>
#include <random>
#include <thread>
#include <vector>

#include "tests/server/cache/threads_fixture.h"

namespace martlet::cache {
namespace {

constexpr uint64_t kMiB = 1ULL << 20;

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

}  // namespace
}  // namespace martlet::cache
