// Time: expiry to the second, and flush_all now and later.
#include "tests/server/cache/cache_fixture.h"

namespace martlet::cache {
namespace {

class Expiry : public CacheTest {
 protected:
  void SetUp() override { make({}); }
  RelTime in(uint32_t seconds) const { return clock_.now() + seconds; }
};

TEST_F(Expiry, AnItemIsGoneInTheSecondItExpires) {
  set("k", "v", in(3));
  pass(2);
  EXPECT_EQ(value("k"), "v");
  pass(1);
  const GetResult miss = get("k");
  EXPECT_EQ(miss.outcome, Outcome::not_found);
  EXPECT_EQ(miss.miss, Miss::expired);
  EXPECT_EQ(get("k").miss, Miss::absent);  // it was taken away
  EXPECT_EQ(cache_->figures().items, 0U);
  EXPECT_EQ(cache_->figures().bytes, 0U);
  EXPECT_EQ(cache_->figures().reclaimed, 1U);
}

TEST_F(Expiry, NoVerbSeesAnExpiredItem) {
  const auto fresh = [&](Mode mode) {
    set("k", "1", in(1));
    pass(1);
    return put("k", "2", mode, kNever, 0, 1).outcome;
  };
  EXPECT_EQ(fresh(Mode::add), Outcome::done);
  EXPECT_EQ(fresh(Mode::replace), Outcome::not_stored);
  EXPECT_EQ(fresh(Mode::append), Outcome::not_stored);
  EXPECT_EQ(fresh(Mode::cas), Outcome::not_found);
  set("k", "1", in(1));
  pass(1);
  EXPECT_EQ(count("k", 1).outcome, Outcome::not_found);
  set("k", "1", in(1));
  pass(1);
  EXPECT_EQ(cache_->touch(*context_, "k", in(10)).outcome, Outcome::not_found);
  set("k", "1", in(1));
  pass(1);
  EXPECT_EQ(cache_->remove(*context_, "k"), Outcome::not_found);
}

TEST_F(Expiry, AlreadyExpiredIsStoredAndNeverSeen) {
  EXPECT_EQ(set("k", "old"), Outcome::done);
  EXPECT_EQ(set("k", "v", kAlreadyExpired), Outcome::done);
  EXPECT_EQ(get("k").outcome, Outcome::not_found);
}

TEST_F(Expiry, TouchProlongsAndShortens) {
  set("k", "v", in(2));
  cache_->touch(*context_, "k", in(5));
  pass(4);
  EXPECT_EQ(value("k"), "v");
  cache_->touch(*context_, "k", in(1));
  pass(1);
  EXPECT_FALSE(value("k").has_value());
}

TEST_F(Expiry, TouchIntoThePastFindsTheItemOnceMore) {
  GetOptions past;
  past.touch = true;
  past.exptime = kAlreadyExpired;
  for (const RelTime exptime : {kNever, in(100)}) {
    for (const std::string& text : {std::string("v"), text_of(100'000)}) {
      set("k", text, exptime);
      EXPECT_EQ(cache_->touch(*context_, "k", kAlreadyExpired).outcome, Outcome::done);
      EXPECT_EQ(get("k").miss, Miss::expired);
      set("k", text, exptime);
      const GetResult hit = cache_->get(*context_, "k", past);
      EXPECT_EQ(hit.outcome, Outcome::done);
      EXPECT_TRUE(all_of(hit.item.value) == text);
      EXPECT_EQ(get("k").miss, Miss::expired);
    }
  }
}

TEST_F(Expiry, LargeValuesExpireLikeSmallOnes) {
  const std::string large = text_of(300'000);
  set("k", large, in(2));
  set("touched", large);
  cache_->touch(*context_, "touched", in(3));
  pass(1);
  EXPECT_EQ(value("k"), large);
  pass(1);
  EXPECT_EQ(get("k").miss, Miss::expired);
  EXPECT_EQ(value("touched"), large);
  pass(1);
  EXPECT_EQ(get("touched").miss, Miss::expired);
  EXPECT_EQ(cache_->figures().bytes, 0U);
}

TEST_F(Expiry, FlushForgetsWhatWasAndKeepsWhatComesInTheSameSecond) {
  set("old", "v");
  set("large", text_of(100'000));
  cache_->flush_all(*context_, kNever);
  set("new", "v");
  EXPECT_EQ(value("new"), "v");
  EXPECT_EQ(get("old").miss, Miss::flushed);
  EXPECT_EQ(get("large").miss, Miss::flushed);
  EXPECT_EQ(get("old").miss, Miss::absent);
  EXPECT_EQ(put("old", "v", Mode::add).outcome, Outcome::done);
  pass(1);
  EXPECT_EQ(value("new"), "v");
  EXPECT_EQ(value("old"), "v");
}

TEST_F(Expiry, DelayedFlushTakesWhatWasStoredUntilThen) {
  set("before", "v");
  cache_->flush_all(*context_, in(3));
  set("between", "v");
  pass(2);
  set("late", "v");
  EXPECT_EQ(value("before"), "v");
  EXPECT_EQ(value("between"), "v");
  pass(1);
  set("after", "v");
  EXPECT_FALSE(value("before").has_value());
  EXPECT_FALSE(value("between").has_value());
  EXPECT_FALSE(value("late").has_value());
  pass(10);
  EXPECT_EQ(value("after"), "v");
}

TEST_F(Expiry, TheLastFlushWins) {
  set("k", "v");
  cache_->flush_all(*context_, in(2));
  cache_->flush_all(*context_, in(5));
  pass(4);
  EXPECT_EQ(value("k"), "v");
  cache_->flush_all(*context_, kNever);
  set("k", "w");
  pass(5);
  EXPECT_EQ(value("k"), "w");  // the flush now took the place of the one to come
}

TEST_F(Expiry, AFlushDuringAnUploadDoesNotTakeIt) {
  const std::string large = text_of(700'000);
  auto arriving = cache_->begin_upload(*context_, "k", static_cast<uint32_t>(large.size()));
  size_t done = 0;
  while (arriving->remaining() > 0) {
    const std::span<char> space = arriving->space(*context_);
    ASSERT_FALSE(space.empty());
    const size_t size = std::min<size_t>(space.size(), 10'000);
    large.copy(space.data(), size, done);
    arriving->advance(size);
    done += size;
    if (done > 300'000 && done < 320'000) cache_->flush_all(*context_, kNever);
  }
  EXPECT_EQ(cache_->publish(*context_, {"k", Mode::set, 0, kNever, 0}, std::move(arriving)).outcome, Outcome::done);
  EXPECT_EQ(value("k"), large);
  for (int i = 0; i < 300; ++i) set(numbered("fill", i), text_of(100'000));
  EXPECT_EQ(value("k"), large);
}

TEST_F(Expiry, FlushedMemoryIsUsedAgainBeforeAnythingIsEvicted) {
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 400; ++i) ASSERT_EQ(set(numbered("k", i), text_of(100'000)), Outcome::done);
    cache_->flush_all(*context_, kNever);
  }
  EXPECT_EQ(cache_->figures().evictions, 0U);
}

TEST_F(Expiry, ExpiredMemoryIsUsedAgainBeforeAnythingIsEvicted) {
  set("stays", "v");
  for (int i = 0; i < 6000; ++i) ASSERT_EQ(set(numbered("filler", i), text_of(100)), Outcome::done);
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 4000; ++i) {
      ASSERT_EQ(set(numbered("k", round * 4000 + i), text_of(10'000), in(5)), Outcome::done);
    }
    pass(6);
  }
  EXPECT_EQ(cache_->figures().evictions, 0U);
  EXPECT_GT(cache_->figures().expired_unfetched, 20'000U);
  EXPECT_EQ(value("stays"), "v");
}

}  // namespace
}  // namespace martlet::cache
