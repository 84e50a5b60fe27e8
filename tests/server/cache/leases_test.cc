// Who computes a value anew: misses that vivify, stale items, items close to their end.
#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "tests/server/cache/cache_fixture.h"

namespace martlet::cache {
namespace {

class Leases : public CacheTest {
 protected:
  void SetUp() override { make(); }

  // What a client is told about the token.
  enum class Told { nothing, won, token_out };

  static Told told(const GetResult& hit) {
    EXPECT_FALSE(hit.won && hit.token_out);
    if (hit.won) return Told::won;
    return hit.token_out ? Told::token_out : Told::nothing;
  }
  GetResult lease(std::string_view key, std::optional<RelTime> vivify = std::nullopt,
                  std::optional<RelTime> recache = std::nullopt) {
    GetOptions options;
    options.leases = true;
    options.vivify = vivify;
    options.recache = recache;
    return cache_->get(*context_, key, options);
  }
  Outcome invalidate(std::string_view key, std::optional<RelTime> exptime = std::nullopt) {
    RemoveRequest request;
    request.key = key;
    request.invalidate = true;
    request.exptime = exptime;
    return cache_->remove(*context_, request).outcome;
  }
};

TEST_F(Leases, MissLeavesAnEmptyItemAndTheFirstClientHasWon) {
  const RelTime end = clock_.now() + 30;
  const GetResult first = lease("k", end);
  EXPECT_EQ(first.outcome, Outcome::done);
  EXPECT_EQ(first.miss, Miss::absent);
  EXPECT_EQ(told(first), Told::won);
  EXPECT_EQ(first.item.value_size, 0U);
  EXPECT_EQ(first.item.exptime, end);
  EXPECT_NE(first.item.cas, 0U);
  const GetResult second = lease("k", end);
  EXPECT_EQ(second.outcome, Outcome::done);
  EXPECT_EQ(second.miss, Miss::none);
  EXPECT_EQ(told(second), Told::token_out);
  EXPECT_TRUE(second.item.won);
  EXPECT_TRUE(second.item.fetched);
  EXPECT_EQ(second.item.cas, first.item.cas);
  EXPECT_EQ(told(lease("k")), Told::token_out);
}

TEST_F(Leases, AMissThatOnlyPeeksLeavesAStubThatWasNeverHit) {
  GetOptions options;
  options.leases = true;
  options.peek = true;
  options.vivify = kNever;
  EXPECT_FALSE(cache_->get(*context_, "k", options).item.fetched);
  EXPECT_FALSE(cache_->get(*context_, "k", options).item.fetched);
  EXPECT_FALSE(lease("k").item.fetched);
  EXPECT_TRUE(lease("k").item.fetched);
}

TEST_F(Leases, StoreEndsTheLease) {
  for (const Mode mode : {Mode::set, Mode::replace, Mode::append}) {
    lease("k", clock_.now() + 30);
    EXPECT_EQ(put("k", "fresh", mode).outcome, Outcome::done);
    const GetResult hit = lease("k", clock_.now() + 30);
    EXPECT_EQ(told(hit), Told::nothing);
    EXPECT_FALSE(hit.item.won);
    EXPECT_EQ(all_of(hit.item.value), "fresh");
    cache_->remove(*context_, "k");
  }
}

TEST_F(Leases, StubThatNobodyFilledExpiresAndTheNextMissWins) {
  lease("k", clock_.now() + 5);
  pass(5);
  const GetResult again = lease("k", clock_.now() + 5);
  EXPECT_EQ(again.miss, Miss::expired);
  EXPECT_EQ(told(again), Told::won);
}

TEST_F(Leases, StubTakesTheIdAndTheMarkItIsTold) {
  GetOptions options;
  options.leases = true;
  options.vivify = kNever;
  options.vivify_cas = 0xFEDCBA9876543210ULL;
  options.vivify_binary_key = true;
  const GetResult made = cache_->get(*context_, "k", options);
  EXPECT_EQ(made.item.cas, 0xFEDCBA9876543210ULL);
  EXPECT_TRUE(made.item.binary_key);
  EXPECT_EQ(get("k").item.cas, 0xFEDCBA9876543210ULL);
  EXPECT_TRUE(get("k").item.binary_key);
  EXPECT_EQ(get("k").item.exptime, kNever);
}

TEST_F(Leases, InvalidatedItemIsShownAsStaleAndOneClientWins) {
  set("k", "old");
  const uint64_t before = cas_of("k");
  EXPECT_EQ(invalidate("k"), Outcome::done);
  const GetResult first = lease("k");
  EXPECT_EQ(all_of(first.item.value), "old");
  EXPECT_GT(first.item.cas, before);
  EXPECT_TRUE(first.item.stale);
  EXPECT_FALSE(first.item.won);
  EXPECT_EQ(told(first), Told::won);
  const GetResult second = lease("k");
  EXPECT_TRUE(second.item.stale);
  EXPECT_EQ(told(second), Told::token_out);
  EXPECT_EQ(invalidate("k"), Outcome::done);  // the token is free again
  EXPECT_EQ(told(lease("k")), Told::won);
  set("k", "new");
  const GetResult fresh = lease("k");
  EXPECT_FALSE(fresh.item.stale);
  EXPECT_EQ(told(fresh), Told::nothing);
}

TEST_F(Leases, ClassicGetsAndTouchesLeaveTokensAlone) {
  set("k", "old");
  invalidate("k");
  GetOptions touching;
  touching.touch = true;
  touching.exptime = clock_.now() + 100;
  EXPECT_EQ(told(get("k")), Told::nothing);
  EXPECT_EQ(told(cache_->get(*context_, "k", touching)), Told::nothing);
  EXPECT_EQ(cache_->touch(*context_, "k", kNever).outcome, Outcome::done);
  EXPECT_TRUE(get("k").item.stale);
  EXPECT_EQ(told(lease("k")), Told::won);
  EXPECT_EQ(told(get("k")), Told::nothing);
  EXPECT_EQ(told(lease("k")), Told::token_out);
}

TEST_F(Leases, ItemCloseToItsEndMakesOneWinner) {
  set("k", "v", clock_.now() + 60);
  EXPECT_EQ(told(lease("k", std::nullopt, 60)), Told::nothing);  // 60 are left, not fewer
  EXPECT_EQ(told(lease("k", std::nullopt, 61)), Told::won);
  EXPECT_EQ(told(lease("k", std::nullopt, 61)), Told::token_out);
  EXPECT_FALSE(get("k").item.stale);
  set("k", "v", clock_.now() + 60);
  pass(31);
  EXPECT_EQ(told(lease("k", std::nullopt, 30)), Told::won);
  set("forever", "v");
  EXPECT_EQ(told(lease("forever", std::nullopt, UINT32_MAX)), Told::nothing);
}

TEST_F(Leases, WinnerOfAnItemThatIsTouchedAtTheSameTimeIsJudgedByItsOldEnd) {
  set("k", "v", clock_.now() + 10);
  GetOptions options;
  options.leases = true;
  options.recache = 30;
  options.touch = true;
  options.exptime = clock_.now() + 1000;
  const GetResult hit = cache_->get(*context_, "k", options);
  EXPECT_EQ(told(hit), Told::won);
  EXPECT_EQ(hit.item.exptime, clock_.now() + 1000);
}

TEST_F(Leases, WithoutMemoryAMissCannotLeaveAnItem) {
  CacheSettings settings;
  settings.memory_limit = 2U << 20;
  settings.item_size_max = 1U << 20;
  settings.evict = false;
  make(settings);
  for (int i = 0; put(numbered("k", i), text_of(2000)).outcome == Outcome::done; ++i) {
  }
  Outcome last = Outcome::done;
  for (int i = 0; i < 100'000 && last == Outcome::done; ++i) {
    const GetResult made = lease(numbered("stub", i), kNever);
    last = made.outcome;
    EXPECT_EQ(made.miss, Miss::absent);
    EXPECT_EQ(made.won, last == Outcome::done);
  }
  EXPECT_EQ(last, Outcome::out_of_memory);
}

TEST_F(Leases, LargeItemsAreStaleAndWonAsSmallOnes) {
  const std::string large = text_of(400'000);
  EXPECT_EQ(upload("k", large).outcome, Outcome::done);
  EXPECT_EQ(invalidate("k", clock_.now() + 50), Outcome::done);
  {
    const GetResult first = lease("k");
    EXPECT_TRUE(first.item.stale);
    EXPECT_EQ(first.item.exptime, clock_.now() + 50);
    EXPECT_EQ(told(first), Told::won);
    EXPECT_TRUE(all_of(first.item.value) == large);
  }
  EXPECT_EQ(told(lease("k")), Told::token_out);
  EXPECT_EQ(upload("k", large).outcome, Outcome::done);
  EXPECT_FALSE(lease("k").item.stale);
}

TEST_F(Leases, MarksSurviveCleaning) {
  CacheSettings settings;
  settings.memory_limit = 4U << 20;
  settings.evict = false;
  make(settings);
  GetOptions options;
  options.leases = true;
  options.vivify = kNever;
  options.vivify_cas = 77;
  cache_->get(*context_, "won", options);
  set("stale", "old");
  invalidate("stale");
  // Segments in which less and less lives, and no more room: they are cleaned.
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) set(numbered("filler", random() % 2000), text_of(1000));
  ASSERT_GT(cache_->class_figures()[0].moved, 0U);  // of the smallest items: these two
  EXPECT_EQ(told(lease("won")), Told::token_out);
  EXPECT_EQ(cas_of("won"), 77U);
  const GetResult stale = lease("stale");
  EXPECT_TRUE(stale.item.stale);
  EXPECT_EQ(told(stale), Told::won);
}

TEST_F(Leases, OfManyThreadsOneWins) {
  constexpr int kThreads = 8;
  constexpr int kKeys = 1500;
  for (int i = 0; i < kKeys; i += 3) {
    set(numbered("k", i), "old");
    invalidate(numbered("k", i));
    set(numbered("k", i + 1), "ending", clock_.now() + 5);
  }
  std::vector<std::atomic<int>> winners(kKeys);
  std::vector<std::atomic<int>> losers(kKeys);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      const auto context = cache_->make_context();
      GetOptions options;
      options.leases = true;
      options.vivify = kNever;
      options.recache = 30;
      for (int i = 0; i < kKeys; ++i) {
        const GetResult hit = cache_->get(*context, numbered("k", i), options);
        if (hit.won) winners[static_cast<size_t>(i)].fetch_add(1);
        if (hit.token_out) losers[static_cast<size_t>(i)].fetch_add(1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (size_t i = 0; i < kKeys; ++i) {
    ASSERT_EQ(winners[i].load(), 1) << i;
    ASSERT_EQ(losers[i].load(), kThreads - 1) << i;
  }
}

}  // namespace
}  // namespace martlet::cache
