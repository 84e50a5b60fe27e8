#include <array>
#include <cstring>

#include "tests/server/command/command_fixture.h"

namespace martlet::command {
namespace {

using protocol::Outcome;
using protocol::Request;
using protocol::Response;
using protocol::StoreMode;

constexpr std::array kModes{StoreMode::set,    StoreMode::add,     StoreMode::replace,
                            StoreMode::append, StoreMode::prepend, StoreMode::cas};

class StoreCommands : public CommandTest {
 protected:
  Outcome run(StoreMode mode, std::string_view key, std::string_view value, uint64_t cas = 0) {
    Request put = store_request(mode, key, value.size());
    put.cas = cas;
    return store(put, value).outcome;
  }
  static std::string expected_after_refusal(StoreMode mode) { return mode == StoreMode::set ? "(miss)" : "old"; }
};

TEST_F(StoreCommands, EveryModeAnswersForPresentAndAbsentKeys) {
  const Counts one{{"requests", 1}, {"cmd_set", 1}};
  EXPECT_EQ(run(StoreMode::replace, "k", "v"), Outcome::not_stored);
  EXPECT_EQ(counted(), one);
  EXPECT_EQ(run(StoreMode::append, "k", "v"), Outcome::not_stored);
  EXPECT_EQ(counted(), one);
  EXPECT_EQ(run(StoreMode::prepend, "k", "v"), Outcome::not_stored);
  EXPECT_EQ(counted(), one);
  EXPECT_EQ(run(StoreMode::add, "k", "a"), Outcome::stored);
  EXPECT_EQ(counted(), one);
  EXPECT_EQ(run(StoreMode::add, "k", "b"), Outcome::not_stored);
  EXPECT_EQ(counted(), one);
  EXPECT_EQ(run(StoreMode::append, "k", ">"), Outcome::stored);
  EXPECT_EQ(run(StoreMode::prepend, "k", "<"), Outcome::stored);
  EXPECT_EQ(value_of("k"), "<a>");
  EXPECT_EQ(run(StoreMode::replace, "k", "r"), Outcome::stored);
  EXPECT_EQ(value_of("k"), "r");
  counted();
  EXPECT_EQ(run(StoreMode::set, "k", "s"), Outcome::stored);
  EXPECT_EQ(counted(), one);
  EXPECT_EQ(value_of("k"), "s");
}

TEST_F(StoreCommands, CasCountsItsResultAndAsASet) {
  EXPECT_EQ(run(StoreMode::cas, "k", "v", 1), Outcome::not_found);
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"cmd_set", 1}, {"cas_misses", 1}}));
  const uint64_t cas = store(store_request(StoreMode::set, "k", 3), "old").cas;
  counted();
  EXPECT_EQ(run(StoreMode::cas, "k", "new", cas + 1), Outcome::exists);
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"cmd_set", 1}, {"cas_badval", 1}}));
  EXPECT_EQ(value_of("k"), "old");
  EXPECT_EQ(run(StoreMode::cas, "k", "new", cas), Outcome::stored);
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"cmd_set", 1}, {"cas_hits", 1}}));
  EXPECT_EQ(value_of("k"), "new");
}

TEST_F(StoreCommands, NegativeTimeStoresAnItemThatNobodySees) {
  EXPECT_EQ(set("k", "v", -1), Outcome::stored);
  EXPECT_TRUE(cache.holds("k"));
  EXPECT_EQ(value_of("k"), "(miss)");
}

TEST_F(StoreCommands, TimesAreRelativeUpToThirtyDaysAndUnixTimesBeyond) {
  set("relative", "v", 60);
  set("unix", "v", clock.unix_seconds() + 60);
  set("past", "v", clock.unix_seconds() - 60);
  EXPECT_EQ(value_of("past"), "(miss)");
  pass(59);
  EXPECT_EQ(value_of("relative"), "v");
  EXPECT_EQ(value_of("unix"), "v");
  pass(1);
  EXPECT_EQ(value_of("relative"), "(miss)");
  EXPECT_EQ(value_of("unix"), "(miss)");
}

TEST_F(StoreCommands, TooLargeIsRefusedBeforeTheValueAndOnlySetRemovesTheOldItem) {
  for (const StoreMode mode : kModes) {
    set("k", "old");
    counted();
    const auto refusal = executor.admit(store_request(mode, "k", kItemSizeMax + 1));
    ASSERT_TRUE(refusal.has_value());
    EXPECT_EQ(refusal->outcome, Outcome::too_large);
    EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"store_too_large", 1}}));
    EXPECT_EQ(value_of("k"), expected_after_refusal(mode)) << static_cast<int>(mode);
  }
  EXPECT_FALSE(executor.admit(store_request(StoreMode::set, "k", kItemSizeMax)).has_value());
  EXPECT_EQ(counted(), Counts{});
}

TEST_F(StoreCommands, AppendThatGrowsTooLargeKeepsTheOldItem) {
  const std::string half(kItemSizeMax / 2 + 1, 'x');
  set("k", half);
  counted();
  EXPECT_EQ(run(StoreMode::append, "k", half), Outcome::too_large);
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"store_too_large", 1}}));
  EXPECT_TRUE(cache.holds("k"));
}

TEST_F(StoreCommands, WithoutMemoryEveryModeSaysSoAndOnlySetRemovesTheOldItem) {
  for (const StoreMode mode : kModes) {
    cache.deny_memory(false);
    const uint64_t cas = store(store_request(StoreMode::set, "k", 3), "old").cas;
    counted();
    cache.deny_memory(true);
    const std::string_view key = mode == StoreMode::add ? "other" : "k";
    EXPECT_EQ(run(mode, key, "new", cas), Outcome::out_of_memory_storing) << static_cast<int>(mode);
    EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"store_no_memory", 1}}));
    EXPECT_EQ(value_of("k"), expected_after_refusal(mode)) << static_cast<int>(mode);
  }
}

TEST_F(StoreCommands, UploadThatFindsNoMemoryIsRefusedLikeAStore) {
  for (const StoreMode mode : kModes) {
    cache.deny_memory(false);
    set("k", "old");
    counted();
    cache.deny_memory(true);
    const Request put = store_request(mode, "k", cache::kPinThreshold + 1);
    ASSERT_FALSE(executor.admit(put).has_value());
    ASSERT_EQ(executor.begin_upload(put), nullptr);
    EXPECT_EQ(executor.refuse(put, false).outcome, Outcome::out_of_memory_storing);
    EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"store_no_memory", 1}}));
    EXPECT_EQ(value_of("k"), expected_after_refusal(mode)) << static_cast<int>(mode);
  }
}

TEST_F(StoreCommands, UploadThatLosesItsMemoryHalfWayKeepsTheOldItem) {
  set("k", "old");
  counted();
  cache.limit_upload_bytes(100);
  const Request put = store_request(StoreMode::set, "k", cache::kPinThreshold + 1);
  auto upload = executor.begin_upload(put);
  ASSERT_NE(upload, nullptr);
  ASSERT_EQ(upload->space(*cache_context).size(), 100u);
  upload->advance(100);
  ASSERT_TRUE(upload->space(*cache_context).empty());
  EXPECT_EQ(executor.refuse(put, true).outcome, Outcome::out_of_memory_read);
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"store_no_memory", 1}}));
  EXPECT_EQ(value_of("k"), "old");
}

TEST_F(StoreCommands, ValueUploadedInPiecesIsPublishedLikeAStore) {
  const std::string value(cache::kPinThreshold * 2 + 3, 'u');
  const Request put = store_request(StoreMode::set, "k", value.size());
  ASSERT_FALSE(executor.admit(put).has_value());
  auto upload = executor.begin_upload(put);
  ASSERT_NE(upload, nullptr);
  size_t done = 0;
  while (upload->remaining() > 0) {
    const auto space = upload->space(*cache_context);
    ASSERT_FALSE(space.empty());
    std::memcpy(space.data(), value.data() + done, space.size());
    upload->advance(space.size());
    done += space.size();
  }
  EXPECT_EQ(executor.publish(put, std::move(upload)).outcome, Outcome::stored);
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"cmd_set", 1}}));
  EXPECT_EQ(value_of("k"), value);
}

TEST_F(StoreCommands, ValueWithABadEndCountsAsASetAndKeepsTheOldItem) {
  set("k", "old");
  counted();
  EXPECT_EQ(executor.bad_chunk(store_request(StoreMode::set, "k", 3)).outcome, Outcome::bad_chunk);
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"cmd_set", 1}}));
  EXPECT_EQ(value_of("k"), "old");
}

}  // namespace
}  // namespace martlet::command
