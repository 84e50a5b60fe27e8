// The verbs as the meta dialect asks for them: peeks, values left out, invalidated and cleared items, counters that are
// made on the way.
#include "tests/server/cache/cache_fixture.h"

namespace martlet::cache {
namespace {

class MetaVerbs : public CacheTest {
 protected:
  void SetUp() override { make(); }

  GetResult peek(std::string_view key) {
    GetOptions options;
    options.peek = true;
    return cache_->get(*context_, key, options);
  }
  static RemoveRequest request(std::string_view key, bool invalidate, bool clear_value) {
    RemoveRequest out;
    out.key = key;
    out.invalidate = invalidate;
    out.clear_value = clear_value;
    return out;
  }
  Outcome remove(const RemoveRequest& wanted) { return cache_->remove(*context_, wanted).outcome; }
  void fill_without_evicting() {
    CacheSettings settings;
    settings.memory_limit = 2U << 20;
    settings.evict = false;
    make(settings);
    set("k", "5");
    set("full", "99999");
    for (const size_t size : {2000U, 100U, 1U}) {
      for (int i = 0; put(numbered(std::to_string(size), i), text_of(size)).outcome == Outcome::done; ++i) {
      }
    }
  }
};

TEST_F(MetaVerbs, PeekLeavesNoTrace) {
  set("k", "v");
  pass(10);
  const RelTime stored = clock_.now() - 10;
  EXPECT_EQ(all_of(peek("k").item.value), "v");
  EXPECT_EQ(peek("k").item.last_access, stored);
  EXPECT_FALSE(peek("k").item.fetched);
  get("k");
  EXPECT_EQ(peek("k").item.last_access, clock_.now());
  EXPECT_TRUE(peek("k").item.fetched);
}

TEST_F(MetaVerbs, ValueMayBeLeftOut) {
  set("small", "value");
  upload("large", text_of(500'000));
  GetOptions options;
  options.value = false;
  for (const char* const key : {"small", "large"}) {
    const GetResult hit = cache_->get(*context_, key, options);
    EXPECT_EQ(hit.outcome, Outcome::done);
    EXPECT_EQ(hit.item.value.size(), 0U);
    EXPECT_EQ(hit.item.value_size, all_of(get(key).item.value).size());
    EXPECT_EQ(cache_->figures().pinned_bytes, 0U);
  }
}

TEST_F(MetaVerbs, ItemSizesAddUpToTheBytesHeld) {
  uint64_t sum = 0;
  int number = 0;
  for (const size_t size : {0U, 1U, 500U, 20'000U, 100'000U, 1'000'000U}) {
    const std::string key = numbered("key", number++);
    ASSERT_EQ(put(key, text_of(size), Mode::set, clock_.now() + 100, 5).outcome, Outcome::done);
    const GetResult hit = get(key);
    EXPECT_GT(hit.item.item_size, size + key.size());
    EXPECT_LT(hit.item.item_size, size + key.size() + size / 64 + 64);
    sum += hit.item.item_size;
  }
  EXPECT_EQ(cache_->figures().bytes, sum);
}

TEST_F(MetaVerbs, MarkOfABinaryKeyStaysWithTheItem) {
  StoreRequest binary;
  binary.key = "k";
  binary.binary_key = true;
  EXPECT_EQ(cache_->store(*context_, binary, "5").outcome, Outcome::done);
  EXPECT_TRUE(get("k").item.binary_key);
  put("k", "6", Mode::append);
  EXPECT_TRUE(get("k").item.binary_key);
  count("k", 1000);
  EXPECT_TRUE(get("k").item.binary_key);
  cache_->touch(*context_, "k", clock_.now() + 10);
  EXPECT_TRUE(get("k").item.binary_key);
  remove(request("k", false, true));
  EXPECT_TRUE(get("k").item.binary_key);
  set("k", "x");
  EXPECT_FALSE(get("k").item.binary_key);
}

TEST_F(MetaVerbs, AppendToNothingMayStoreTheValue) {
  for (const size_t size : {3U, 60'000U}) {
    const std::string text = text_of(size);
    const std::string key = numbered("k", size);
    StoreRequest wanted;
    wanted.key = key;
    wanted.mode = Mode::append;
    wanted.flags = 4;
    wanted.exptime = clock_.now() + 7;  // not looked at
    wanted.vivify = clock_.now() + 50;
    const StoreResult made = cache_->store(*context_, wanted, text);
    EXPECT_EQ(made.outcome, Outcome::done);
    EXPECT_TRUE(made.created);
    EXPECT_EQ(made.value_size, size);
    EXPECT_EQ(get(key).item.exptime, clock_.now() + 50);
    EXPECT_EQ(get(key).item.flags, 4U);
    wanted.mode = Mode::prepend;
    wanted.flags = 9;
    wanted.vivify = kNever;
    const StoreResult joined = cache_->store(*context_, wanted, "<");
    EXPECT_FALSE(joined.created);
    EXPECT_EQ(joined.value_size, size + 1);
    const GetResult hit = get(key);
    EXPECT_TRUE(all_of(hit.item.value) == "<" + text);
    EXPECT_EQ(hit.item.exptime, clock_.now() + 50);
    EXPECT_EQ(hit.item.flags, 4U);
  }
}

TEST_F(MetaVerbs, UploadedValueMayBeAppendedToNothing) {
  const std::string text = text_of(80'000);
  auto arriving = cache_->begin_upload(*context_, "k", 80'000);
  for (size_t at = 0; at < text.size();) {
    const std::span<char> space = arriving->space(*context_);
    const size_t size = text.copy(space.data(), space.size(), at);
    arriving->advance(size);
    at += size;
  }
  StoreRequest wanted;
  wanted.key = "k";
  wanted.mode = Mode::prepend;
  wanted.vivify = kNever;
  const StoreResult made = cache_->publish(*context_, wanted, std::move(arriving));
  EXPECT_TRUE(made.created);
  EXPECT_EQ(made.value_size, 80'000U);
  EXPECT_TRUE(value("k") == text);
}

TEST_F(MetaVerbs, InvalidatedItemStaysWithANewId) {
  put("k", "v", Mode::set, clock_.now() + 100, 6);
  const uint64_t before = cas_of("k");
  RemoveRequest wanted = request("k", true, false);
  EXPECT_EQ(remove(wanted), Outcome::done);
  const GetResult plain = get("k");
  EXPECT_TRUE(plain.item.stale);
  EXPECT_GT(plain.item.cas, before);
  EXPECT_EQ(plain.item.exptime, clock_.now() + 100);
  EXPECT_EQ(plain.item.flags, 6U);
  wanted.cas = before;
  EXPECT_EQ(remove(wanted), Outcome::exists);
  wanted.cas = plain.item.cas;
  wanted.new_cas = ~0ULL;
  wanted.exptime = clock_.now() + 7;
  EXPECT_EQ(remove(wanted), Outcome::done);
  const GetResult chosen = get("k");
  EXPECT_EQ(chosen.item.cas, ~0ULL);
  EXPECT_EQ(chosen.item.exptime, clock_.now() + 7);
  EXPECT_EQ(all_of(chosen.item.value), "v");
  pass(7);
  wanted.cas.reset();
  const RemoveResult late = cache_->remove(*context_, wanted);
  EXPECT_EQ(late.outcome, Outcome::not_found);
  EXPECT_EQ(late.miss, Miss::expired);
}

TEST_F(MetaVerbs, InvalidatingCanGiveAnEndToAnItemWithoutOne) {
  set("k", "v");
  RemoveRequest wanted = request("k", true, false);
  wanted.exptime = clock_.now() + 3;
  EXPECT_EQ(remove(wanted), Outcome::done);
  EXPECT_EQ(value("k"), "v");
  EXPECT_TRUE(get("k").item.stale);
  pass(3);
  EXPECT_EQ(get("k").miss, Miss::expired);
  set("gone", "v");
  wanted.key = "gone";
  wanted.exptime = kAlreadyExpired;
  EXPECT_EQ(remove(wanted), Outcome::done);
  EXPECT_EQ(get("gone").miss, Miss::expired);
}

TEST_F(MetaVerbs, ClearedItemIsEmptyAndKeepsItsId) {
  for (const size_t size : {10U, 300'000U}) {
    put("k", text_of(size), Mode::set, clock_.now() + 100, 6);
    const uint64_t before = cas_of("k");
    EXPECT_EQ(remove(request("k", false, true)), Outcome::done);
    const GetResult hit = get("k");
    EXPECT_EQ(hit.outcome, Outcome::done);
    EXPECT_EQ(hit.item.value_size, 0U);
    EXPECT_EQ(hit.item.cas, before);
    EXPECT_TRUE(hit.item.flags == 0 && hit.item.exptime == kNever && !hit.item.stale);
    EXPECT_LT(cache_->figures().bytes, 100U);
    EXPECT_EQ(put("k", "x", Mode::cas, kNever, 0, before).outcome, Outcome::done);
  }
  EXPECT_EQ(remove(request("none", false, true)), Outcome::not_found);
}

TEST_F(MetaVerbs, ClearedItemTakesWhatItIsTold) {
  put("k", "value");
  RemoveRequest wanted = request("k", false, true);
  wanted.flags = 11;
  wanted.exptime = clock_.now() + 20;
  wanted.new_cas = 1ULL << 50;
  EXPECT_EQ(remove(wanted), Outcome::done);
  const GetResult hit = get("k");
  EXPECT_EQ(hit.item.flags, 11U);
  EXPECT_EQ(hit.item.exptime, clock_.now() + 20);
  EXPECT_EQ(hit.item.cas, 1ULL << 50);
  const uint64_t before = put("k", "value").cas;
  EXPECT_EQ(remove(request("k", true, true)), Outcome::done);
  const GetResult stale = get("k");
  EXPECT_TRUE(stale.item.stale);
  EXPECT_GT(stale.item.cas, before);
  EXPECT_EQ(stale.item.value_size, 0U);
}

TEST_F(MetaVerbs, CounterMayBeMadeOnTheWay) {
  ArithRequest wanted;
  wanted.key = "n";
  wanted.delta = 5;
  wanted.initial = 40;
  const ArithResult absent = cache_->arith(*context_, wanted);
  EXPECT_EQ(absent.outcome, Outcome::not_found);
  EXPECT_EQ(absent.miss, Miss::absent);
  wanted.vivify = clock_.now() + 30;
  wanted.new_cas = 99;
  wanted.binary_key = true;
  const ArithResult made = cache_->arith(*context_, wanted);
  EXPECT_EQ(made.outcome, Outcome::done);
  EXPECT_TRUE(made.created);
  EXPECT_EQ(made.number, 40U);
  EXPECT_EQ(made.cas, 99U);
  EXPECT_EQ(made.exptime, clock_.now() + 30);
  EXPECT_EQ(value("n"), "40");
  EXPECT_TRUE(get("n").item.binary_key);
  wanted.new_cas.reset();
  const ArithResult counted = cache_->arith(*context_, wanted);
  EXPECT_FALSE(counted.created);
  EXPECT_EQ(counted.number, 45U);
  EXPECT_EQ(counted.exptime, clock_.now() + 30);
  pass(30);
  wanted.vivify.reset();
  EXPECT_EQ(cache_->arith(*context_, wanted).miss, Miss::expired);
}

TEST_F(MetaVerbs, CountingSetsTheEndItIsTold) {
  put("n", "8", Mode::set, kNever, 3);
  ArithRequest wanted;
  wanted.key = "n";
  wanted.delta = 1;
  for (const uint64_t number : {9U, 10U, 11U}) {  // copied for the field, longer, in place
    wanted.exptime = clock_.now() + static_cast<RelTime>(number);
    const ArithResult counted = cache_->arith(*context_, wanted);
    EXPECT_EQ(counted.outcome, Outcome::done);
    EXPECT_EQ(counted.number, number);
    EXPECT_EQ(counted.exptime, clock_.now() + number);
    EXPECT_EQ(get("n").item.exptime, clock_.now() + number);
    EXPECT_EQ(get("n").item.flags, 3U);
  }
  wanted.exptime = kNever;
  EXPECT_EQ(cache_->arith(*context_, wanted).exptime, kNever);
  EXPECT_EQ(get("n").item.exptime, kNever);
  put("word", "x", Mode::set, clock_.now() + 5);
  wanted.key = "word";
  EXPECT_EQ(cache_->arith(*context_, wanted).outcome, Outcome::non_numeric);
  EXPECT_EQ(get("word").item.exptime, clock_.now() + 5);
}

TEST_F(MetaVerbs, FlushedItemsAreMissesOfTheirOwnKind) {
  for (const char* const key : {"removed", "counted"}) set(key, "1");
  cache_->flush_all(*context_, kNever);
  EXPECT_EQ(cache_->remove(*context_, request("removed", true, false)).miss, Miss::flushed);
  EXPECT_EQ(count("counted", 1).miss, Miss::flushed);
}

TEST_F(MetaVerbs, FullCacheRefusesWhatNeedsMemoryAndDoesTheRest) {
  fill_without_evicting();
  EXPECT_EQ(remove(request("k", false, true)), Outcome::out_of_memory);
  EXPECT_EQ(value("k"), "5");
  EXPECT_EQ(remove(request("k", true, false)), Outcome::done);
  EXPECT_EQ(count("k", 1).number, 6U);
  EXPECT_EQ(count("full", 1).outcome, Outcome::out_of_memory);
  EXPECT_EQ(value("full"), "99999");
  ArithRequest wanted;
  wanted.key = "none";
  wanted.vivify = kNever;
  const ArithResult refused = cache_->arith(*context_, wanted);
  EXPECT_EQ(refused.outcome, Outcome::out_of_memory);
  EXPECT_FALSE(refused.created);
  EXPECT_EQ(get("none").outcome, Outcome::not_found);
}

}  // namespace
}  // namespace martlet::cache
