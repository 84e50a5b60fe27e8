// Each verb on small values: what it does to the item and what it answers.
#include <limits>

#include "tests/server/cache/cache_fixture.h"

namespace martlet::cache {
namespace {

class Verbs : public CacheTest {
 protected:
  void SetUp() override { make({}); }
};

TEST_F(Verbs, WhatIsSetIsReadBackWithItsFlags) {
  EXPECT_EQ(put("k", "hello", Mode::set, kNever, 0xFFFFFFFFU).outcome, Outcome::done);
  const GetResult hit = get("k");
  EXPECT_EQ(hit.outcome, Outcome::done);
  EXPECT_EQ(all_of(hit.item.value), "hello");
  EXPECT_EQ(hit.item.flags, 0xFFFFFFFFU);
  EXPECT_EQ(hit.item.exptime, kNever);
  EXPECT_FALSE(hit.item.value.is_pinned());
  EXPECT_EQ(get("other").outcome, Outcome::not_found);
  EXPECT_EQ(get("other").miss, Miss::absent);
}

TEST_F(Verbs, KeysAndValuesMayHoldAnyBytes) {
  const std::string key = std::string("a\0b", 3) + text_of(247);
  const std::string other = std::string("a\0c", 3) + text_of(247);
  const std::string bytes = std::string("\r\n\0END\r\n", 8);
  EXPECT_EQ(set(key, bytes), Outcome::done);
  EXPECT_EQ(set("", bytes), Outcome::done);  // refused before it comes here, harmless if it does
  EXPECT_EQ(value(key), bytes);
  EXPECT_FALSE(value(other).has_value());
}

TEST_F(Verbs, EmptyValueIsAHit) {
  EXPECT_EQ(set("k", ""), Outcome::done);
  EXPECT_EQ(value("k"), "");
}

TEST_F(Verbs, AddReplaceSeeWhatIsThere) {
  EXPECT_EQ(put("k", "x", Mode::replace).outcome, Outcome::not_stored);
  EXPECT_EQ(put("k", "a", Mode::add).outcome, Outcome::done);
  EXPECT_EQ(put("k", "b", Mode::add).outcome, Outcome::not_stored);
  EXPECT_EQ(value("k"), "a");
  EXPECT_EQ(put("k", "c", Mode::replace).outcome, Outcome::done);
  EXPECT_EQ(value("k"), "c");
}

TEST_F(Verbs, AppendAndPrependKeepFlagsAndExpiry) {
  EXPECT_EQ(put("k", "x", Mode::append).outcome, Outcome::not_stored);
  EXPECT_EQ(put("k", "x", Mode::prepend).outcome, Outcome::not_stored);
  put("k", "mid", Mode::set, 100, 7);
  EXPECT_EQ(put("k", "->", Mode::append, 5, 9).outcome, Outcome::done);
  EXPECT_EQ(put("k", "<-", Mode::prepend, 5, 9).outcome, Outcome::done);
  const GetResult hit = get("k");
  EXPECT_EQ(all_of(hit.item.value), "<-mid->");
  EXPECT_EQ(hit.item.flags, 7U);
  EXPECT_EQ(hit.item.exptime, 100U);
}

TEST_F(Verbs, CasStoresOnlyOverTheIdItWasGiven) {
  EXPECT_EQ(put("k", "x", Mode::cas, kNever, 0, 5).outcome, Outcome::not_found);
  const StoreResult first = put("k", "one");
  EXPECT_NE(first.cas, 0U);
  EXPECT_EQ(cas_of("k"), first.cas);
  EXPECT_EQ(put("k", "x", Mode::cas, kNever, 0, first.cas + 1).outcome, Outcome::exists);
  EXPECT_EQ(put("k", "x", Mode::cas, kNever, 0, 0).outcome, Outcome::exists);
  EXPECT_EQ(value("k"), "one");
  const StoreResult second = put("k", "two", Mode::cas, kNever, 0, first.cas);
  EXPECT_EQ(second.outcome, Outcome::done);
  EXPECT_GT(second.cas, first.cas);
  EXPECT_EQ(put("k", "x", Mode::cas, kNever, 0, first.cas).outcome, Outcome::exists);
  EXPECT_EQ(value("k"), "two");
}

TEST_F(Verbs, EveryChangeOfAValueChangesItsIdAndWritesElsewhereDoNot) {
  set("k", "1");
  uint64_t last = cas_of("k");
  const auto grown = [&] {
    const uint64_t before = std::exchange(last, cas_of("k"));
    return last > before;
  };
  set("other", "x");
  EXPECT_FALSE(grown());
  put("k", "2", Mode::append);
  EXPECT_TRUE(grown());
  count("k", 1);
  EXPECT_TRUE(grown());
  count("k", 1000);
  EXPECT_TRUE(grown());
  cache_->touch(*context_, "k", 50);
  EXPECT_FALSE(grown());
  cache_->touch(*context_, "k", 60);
  EXPECT_FALSE(grown());
}

TEST_F(Verbs, IdsOfOneKeyGrowAcrossThreads) {
  auto other = cache_->make_context();
  uint64_t last = 0;
  for (int i = 0; i < 20000; ++i) {
    CacheContext& turn = (i / 3) % 2 == 0 ? *context_ : *other;
    const StoreResult result = cache_->store(turn, {"k", Mode::set, 0, kNever, 0}, "v");
    ASSERT_GT(result.cas, last);
    last = result.cas;
  }
}

TEST_F(Verbs, WithoutCasIdsReadAsZeroAndNeverMatch) {
  CacheSettings settings;
  settings.cas_enabled = false;
  make(settings);
  EXPECT_EQ(put("k", "v").cas, 0U);
  EXPECT_EQ(cas_of("k"), 0U);
  for (const uint64_t id : {0ULL, 1ULL, 2ULL}) {
    EXPECT_EQ(put("k", "w", Mode::cas, kNever, 0, id).outcome, Outcome::exists);
  }
  EXPECT_EQ(put("k", "w", Mode::append).outcome, Outcome::done);
  EXPECT_EQ(value("k"), "vw");
}

TEST_F(Verbs, RemoveForgets) {
  set("k", "v");
  EXPECT_EQ(cache_->remove(*context_, "k"), Outcome::done);
  EXPECT_EQ(cache_->remove(*context_, "k"), Outcome::not_found);
  EXPECT_FALSE(value("k").has_value());
}

TEST_F(Verbs, IncrWrapsAndDecrStopsAtZero) {
  EXPECT_EQ(count("k", 1).outcome, Outcome::not_found);
  set("k", "18446744073709551615");
  EXPECT_EQ(count("k", 1).number, 0U);
  EXPECT_EQ(value("k"), "0                   ");
  set("k", "5");
  EXPECT_EQ(count("k", 9, true).number, 0U);
  EXPECT_EQ(count("k", std::numeric_limits<uint64_t>::max()).number, std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(value("k"), "18446744073709551615");
}

TEST_F(Verbs, ShorterResultIsPaddedAndLongerOneTakesItsExactLength) {
  put("k", "100", Mode::set, 50, 3);
  EXPECT_EQ(count("k", 1, true).number, 99U);
  EXPECT_EQ(value("k"), "99 ");
  EXPECT_EQ(count("k", 1).number, 100U);
  EXPECT_EQ(value("k"), "100");
  EXPECT_EQ(count("k", 900).number, 1000U);
  const GetResult hit = get("k");
  EXPECT_EQ(all_of(hit.item.value), "1000");
  EXPECT_EQ(hit.item.flags, 3U);
  EXPECT_EQ(hit.item.exptime, 50U);
}

TEST_F(Verbs, WhatIsNoNumberIsNotCounted) {
  for (const std::string_view junk : {"", " ", "a", "-1", "0x10", "1.5", "1e3", "18446744073709551616", "++1", "+"}) {
    set("k", junk);
    EXPECT_EQ(count("k", 1).outcome, Outcome::non_numeric) << junk;
    EXPECT_EQ(value("k"), junk);
  }
  upload("k", std::string(20000, '1'));
  EXPECT_EQ(count("k", 1).outcome, Outcome::non_numeric);
}

TEST_F(Verbs, TouchSetsTheExpiryWithOrWithoutAFieldForIt) {
  EXPECT_EQ(cache_->touch(*context_, "k", 10).outcome, Outcome::not_found);
  put("k", "v", Mode::set, kNever, 4);
  for (const RelTime exptime : {RelTime{10}, RelTime{20}, kNever, RelTime{30}}) {
    EXPECT_EQ(cache_->touch(*context_, "k", exptime).outcome, Outcome::done);
    EXPECT_EQ(get("k").item.exptime, exptime);
    EXPECT_EQ(get("k").item.flags, 4U);
    EXPECT_EQ(value("k"), "v");
  }
}

TEST_F(Verbs, GetAndTouchReadsAndSetsTheExpiry) {
  GetOptions options;
  options.touch = true;
  options.exptime = 40;
  EXPECT_EQ(cache_->get(*context_, "k", options).outcome, Outcome::not_found);
  set("k", "v");
  const GetResult hit = cache_->get(*context_, "k", options);
  EXPECT_EQ(hit.outcome, Outcome::done);
  EXPECT_EQ(all_of(hit.item.value), "v");
  EXPECT_FALSE(hit.item.fetched);
  EXPECT_EQ(get("k").item.exptime, 40U);
}

TEST_F(Verbs, HitsTellOfTheHitBefore) {
  pass(5);
  set("k", "v");
  const RelTime stored = clock_.now();
  pass(3);
  GetResult hit = get("k");
  EXPECT_FALSE(hit.item.fetched);
  EXPECT_EQ(hit.item.last_access, stored);
  pass(2);
  hit = get("k");
  EXPECT_TRUE(hit.item.fetched);
  EXPECT_EQ(hit.item.last_access, stored + 3);
}

TEST_F(Verbs, ValuesPastTheLimitAreRefusedAndTheOldOneStays) {
  CacheSettings settings;
  settings.item_size_max = 1000;
  make(settings);
  EXPECT_EQ(cache_->admit("k", 1000), Outcome::done);
  EXPECT_EQ(cache_->admit("k", 1001), Outcome::too_large);
  set("k", "old");
  EXPECT_EQ(set("k", std::string(1001, 'x')), Outcome::too_large);
  EXPECT_EQ(put("k", std::string(998, 'x'), Mode::append).outcome, Outcome::too_large);
  EXPECT_EQ(value("k"), "old");
  EXPECT_EQ(put("k", std::string(997, 'x'), Mode::append).outcome, Outcome::done);
}

TEST_F(Verbs, LimitsThatContradictEachOtherAreRefusedAtTheStart) {
  CacheSettings settings;
  settings.memory_limit = 1U << 20;
  auto refused = Cache::create(settings, clock_);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().exit_code, 64);
  settings.memory_limit = 10000;
  settings.item_size_max = 100;
  refused = Cache::create(settings, clock_);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().exit_code, 64);
}

}  // namespace
}  // namespace martlet::cache
