// CAS ids: chosen by clients, compared, and beyond the 40 bits that a header holds.
#include <utility>

#include "server/cache/engine.h"
#include "tests/server/cache/cache_fixture.h"

namespace martlet::cache {
namespace {

constexpr uint64_t kHuge = 0xFFFFFFFFFFFFFFFFULL;

class CasIds : public CacheTest {
 protected:
  void SetUp() override { make(); }

  static StoreRequest request(std::string_view key, Mode mode) {
    StoreRequest out;
    out.key = key;
    out.mode = mode;
    return out;
  }
  StoreResult store(const StoreRequest& wanted, std::string_view text) {
    return cache_->store(*context_, wanted, text);
  }
  StoreResult compare(std::string_view key, Mode mode, uint64_t cas, std::string_view text, bool invalidate = false) {
    StoreRequest wanted = request(key, mode);
    wanted.cas = cas;
    wanted.compare = true;
    wanted.invalidate = invalidate;
    return store(wanted, text);
  }
  StoreResult choose(std::string_view key, uint64_t id, std::string_view text, Mode mode = Mode::set) {
    StoreRequest wanted = request(key, mode);
    wanted.new_cas = id;
    return store(wanted, text);
  }
  ArithResult add(std::string_view key, uint64_t delta, std::optional<uint64_t> cas,
                  std::optional<uint64_t> new_cas = std::nullopt) {
    ArithRequest wanted;
    wanted.key = key;
    wanted.delta = delta;
    wanted.cas = cas;
    wanted.new_cas = new_cas;
    return cache_->arith(*context_, wanted);
  }
};

TEST_F(CasIds, ClientsChooseAnyNumber) {
  for (const uint64_t id : {uint64_t{1}, kMaxVersion, kMaxVersion + 1, kHuge}) {
    EXPECT_EQ(choose("k", id, "v").cas, id);
    EXPECT_EQ(cas_of("k"), id);
    EXPECT_EQ(compare("k", Mode::cas, id + 1, "no").outcome, Outcome::exists);
    EXPECT_EQ(compare("k", Mode::cas, id, "yes").outcome, Outcome::done);
    EXPECT_EQ(value("k"), "yes");
  }
  EXPECT_EQ(choose("k", 12, "+", Mode::append).cas, 12U);
  EXPECT_EQ(value("k"), "yes+");
  EXPECT_EQ(cas_of("k"), 12U);
}

TEST_F(CasIds, ChosenIdsDoNotTurnBackTheOnesGivenOut) {
  uint64_t given = put("k", "v").cas;
  for (const uint64_t id : {uint64_t{1}, kHuge, uint64_t{2}}) {
    choose("k", id, "v");
    const auto other = cache_->make_context();
    const uint64_t next = cache_->store(*other, {"k", Mode::set, 0, kNever, 0}, "v").cas;
    EXPECT_GT(next, std::exchange(given, next));
  }
}

TEST_F(CasIds, ChosenIdsStayWithExpiryAndFlagsThroughATouch) {
  StoreRequest wanted = request("k", Mode::set);
  wanted.new_cas = kHuge;
  wanted.flags = 7;
  store(wanted, "v");
  EXPECT_EQ(cache_->touch(*context_, "k", clock_.now() + 9).outcome, Outcome::done);
  const GetResult hit = get("k");
  EXPECT_EQ(hit.item.cas, kHuge);
  EXPECT_EQ(hit.item.flags, 7U);
  EXPECT_EQ(hit.item.exptime, clock_.now() + 9);
  EXPECT_EQ(all_of(hit.item.value), "v");
}

TEST_F(CasIds, AppendAndPrependCompareWhenTheyAreTold) {
  const uint64_t id = put("k", "mid").cas;
  EXPECT_EQ(compare("k", Mode::append, id + 1, "x").outcome, Outcome::exists);
  EXPECT_EQ(compare("k", Mode::prepend, id - 1, "x").outcome, Outcome::exists);
  EXPECT_EQ(compare("k", Mode::append, 0, "x").outcome, Outcome::exists);
  EXPECT_EQ(compare("none", Mode::append, id, "x").outcome, Outcome::not_stored);
  EXPECT_EQ(value("k"), "mid");
  const StoreResult joined = compare("k", Mode::append, id, ">");
  EXPECT_EQ(joined.outcome, Outcome::done);
  EXPECT_EQ(joined.value_size, 4U);
  EXPECT_EQ(compare("k", Mode::prepend, joined.cas, "<").outcome, Outcome::done);
  EXPECT_EQ(value("k"), "<mid>");
}

TEST_F(CasIds, LateValueIsStoredAsStale) {
  const RelTime end = clock_.now() + 100;
  put("before", "x");  // so that there is an id below
  put("k", "one", Mode::set, end);
  const uint64_t id = cas_of("k");
  EXPECT_EQ(compare("k", Mode::cas, id + 1, "from the future", true).outcome, Outcome::exists);
  EXPECT_EQ(compare("k", Mode::cas, 0, "no id", true).outcome, Outcome::exists);
  EXPECT_EQ(compare("k", Mode::cas, id - 1, "late").outcome, Outcome::exists);
  EXPECT_EQ(compare("none", Mode::cas, id, "x", true).outcome, Outcome::not_found);

  StoreRequest late = request("k", Mode::cas);
  late.cas = id - 1;
  late.invalidate = true;
  late.exptime = clock_.now() + 5;
  late.flags = 3;
  const StoreResult result = store(late, "late");
  EXPECT_EQ(result.outcome, Outcome::done);
  EXPECT_GT(result.cas, id);
  GetOptions leasing;
  leasing.leases = true;
  const GetResult first = cache_->get(*context_, "k", leasing);
  EXPECT_EQ(all_of(first.item.value), "late");
  EXPECT_TRUE(first.item.stale);
  EXPECT_TRUE(first.won);
  EXPECT_EQ(first.item.exptime, end);
  EXPECT_EQ(first.item.flags, 3U);

  // The token stays with whom has it.
  EXPECT_EQ(compare("k", Mode::cas, first.item.cas - 1, "later", true).outcome, Outcome::done);
  const GetResult second = cache_->get(*context_, "k", leasing);
  EXPECT_TRUE(second.item.stale);
  EXPECT_TRUE(second.token_out);
  EXPECT_FALSE(second.won);
  // The right id makes an ordinary item of it.
  EXPECT_EQ(compare("k", Mode::cas, second.item.cas, "fresh", true).outcome, Outcome::done);
  const GetResult third = cache_->get(*context_, "k", leasing);
  EXPECT_FALSE(third.item.stale);
  EXPECT_FALSE(third.token_out);
  EXPECT_EQ(third.item.exptime, kNever);
}

TEST_F(CasIds, LateLargeValueIsStoredAsStale) {
  put("before", "x");
  put("k", "one", Mode::set, clock_.now() + 100);
  const std::string large = text_of(100'000);
  EXPECT_EQ(compare("k", Mode::cas, cas_of("k") - 1, large, true).outcome, Outcome::done);
  const GetResult hit = get("k");
  EXPECT_TRUE(hit.item.stale);
  EXPECT_EQ(hit.item.exptime, clock_.now() + 100);
  EXPECT_TRUE(all_of(hit.item.value) == large);
}

TEST_F(CasIds, RemoveAndCountingCompare) {
  const uint64_t id = put("n", "5").cas;
  EXPECT_EQ(add("n", 1, id + 1).outcome, Outcome::exists);
  const ArithResult counted = add("n", 1, id);
  EXPECT_EQ(counted.outcome, Outcome::done);
  EXPECT_EQ(counted.number, 6U);
  EXPECT_GT(counted.cas, id);
  EXPECT_EQ(counted.cas, cas_of("n"));
  RemoveRequest wanted;
  wanted.key = "n";
  wanted.cas = id;
  EXPECT_EQ(cache_->remove(*context_, wanted).outcome, Outcome::exists);
  wanted.cas = counted.cas;
  EXPECT_EQ(cache_->remove(*context_, wanted).outcome, Outcome::done);
  EXPECT_EQ(cache_->remove(*context_, wanted).outcome, Outcome::not_found);
}

TEST_F(CasIds, CountingTakesTheIdItIsTold) {
  put("n", "98");
  for (const uint64_t id : {uint64_t{5}, kHuge, uint64_t{6}}) {
    const ArithResult counted = add("n", 1, std::nullopt, id);  // 99 in place, 100 and 101 not
    EXPECT_EQ(counted.outcome, Outcome::done);
    EXPECT_EQ(counted.cas, id);
    EXPECT_EQ(cas_of("n"), id);
  }
  EXPECT_EQ(value("n"), "101");
  EXPECT_NE(add("n", 1, uint64_t{6}).cas, 6U);
}

TEST_F(CasIds, WithoutIdsAllReadAsZeroAndNoneMatches) {
  CacheSettings settings;
  settings.cas_enabled = false;
  make(settings);
  EXPECT_EQ(choose("k", 9, "1").cas, 0U);
  EXPECT_EQ(cas_of("k"), 0U);
  for (const uint64_t id : {uint64_t{0}, uint64_t{1}, uint64_t{9}, kHuge}) {
    EXPECT_EQ(compare("k", Mode::cas, id, "x").outcome, Outcome::exists);
    EXPECT_EQ(compare("k", Mode::cas, id, "x", true).outcome, Outcome::exists);
    EXPECT_EQ(compare("k", Mode::append, id, "x").outcome, Outcome::exists);
    if (id != 0) {
      EXPECT_EQ(add("k", 1, id).outcome, Outcome::exists);
    }
  }
  RemoveRequest wanted;
  wanted.key = "k";
  wanted.cas = 9;
  EXPECT_EQ(cache_->remove(*context_, wanted).outcome, Outcome::exists);
  wanted.cas = 0;
  EXPECT_EQ(cache_->remove(*context_, wanted).outcome, Outcome::done);
}

// What takes years to reach: from near 2^40 on every record has the field, and those from before get it as they change.
TEST_F(CasIds, GrowPastFortyBits) {
  put("n", "1");
  put("s", "a");
  put("i", "v");
  const auto idle = cache_->make_context();  // goes on with old ids later
  cache_->store(*idle, {"other", Mode::set, 0, kNever, 0}, "x");
  static_cast<Engine&>(*cache_).skip_ids(kMaxVersion);
  uint64_t n = cas_of("n");
  uint64_t s = cas_of("s");
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t counted = add("n", 1, n).cas;
    ASSERT_GT(counted, std::exchange(n, counted));
    CacheContext& context = i % 7 == 0 ? *idle : *context_;
    const uint64_t stored = cache_->store(context, {"s", Mode::cas, 0, kNever, s}, "b").cas;
    ASSERT_GT(stored, std::exchange(s, stored));
  }
  EXPECT_GT(n, kMaxVersion);
  EXPECT_EQ(cas_of("n"), n);
  EXPECT_EQ(cas_of("s"), s);
  EXPECT_EQ(count("n", 0).number, 20'001U);
  RemoveRequest stale;
  stale.key = "i";
  stale.invalidate = true;
  EXPECT_EQ(cache_->remove(*context_, stale).outcome, Outcome::done);
  EXPECT_GT(cas_of("i"), n);
}

}  // namespace
}  // namespace martlet::cache
