#include "tests/server/command/command_fixture.h"

namespace martlet::command {
namespace {

using protocol::Outcome;
using protocol::Response;
using protocol::Verb;

class GetCommands : public CommandTest {};

TEST_F(GetCommands, HitBringsValueFlagsAndCasAndCountsAsHit) {
  protocol::Request put = store_request(protocol::StoreMode::set, "k", 5);
  put.flags = 77;
  const uint64_t cas = store(put, "hello").cas;
  counted();
  const Response response = executor.execute(get_request("k"));
  ASSERT_EQ(response.outcome, Outcome::hit);
  EXPECT_EQ(response.flags, 77u);
  EXPECT_EQ(response.cas, cas);
  EXPECT_NE(response.cas, 0u);
  EXPECT_EQ(response.value.piece_at(0), "hello");
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"cmd_get", 1}, {"get_hits", 1}}));
}

TEST_F(GetCommands, AbsentKeyIsAMiss) {
  EXPECT_EQ(executor.execute(get_request("k")).outcome, Outcome::miss);
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"cmd_get", 1}, {"get_misses", 1}}));
}

TEST_F(GetCommands, MissBecauseOfExpirySaysSoOnce) {
  set("k", "v", 10);
  pass(10);
  counted();
  EXPECT_EQ(executor.execute(get_request("k")).outcome, Outcome::miss);
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"cmd_get", 1}, {"get_misses", 1}, {"get_expired", 1}}));
  executor.execute(get_request("k"));
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"cmd_get", 1}, {"get_misses", 1}}));
}

TEST_F(GetCommands, MissBecauseOfFlushSaysSo) {
  set("k", "v");
  executor.execute(admin(Verb::flush_all));
  counted();
  executor.execute(get_request("k"));
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"cmd_get", 1}, {"get_misses", 1}, {"get_flushed", 1}}));
}

TEST_F(GetCommands, GatMovesTheExpiryAndCountsAsTouchOnly) {
  set("k", "v", 10);
  counted();
  EXPECT_EQ(executor.execute(gat_request("k", 100)).outcome, Outcome::hit);
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"cmd_touch", 1}, {"touch_hits", 1}}));
  pass(50);
  EXPECT_EQ(value_of("k"), "v");
  pass(50);
  EXPECT_EQ(executor.execute(gat_request("k", 100)).outcome, Outcome::miss);
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"cmd_touch", 1}, {"touch_misses", 1}, {"get_expired", 1}}));
}

TEST_F(GetCommands, GatWithANegativeTimeAnswersAndExpiresTheItem) {
  set("k", "v");
  EXPECT_EQ(executor.execute(gat_request("k", -1)).outcome, Outcome::hit);
  EXPECT_EQ(value_of("k"), "(miss)");
}

TEST_F(GetCommands, LargeValueStaysPinnedAsLongAsTheResponse) {
  const std::string large(cache::kPinThreshold + 1, 'x');
  set("k", large);
  {
    const Response response = executor.execute(get_request("k"));
    ASSERT_EQ(response.outcome, Outcome::hit);
    EXPECT_TRUE(response.value.is_pinned());
    EXPECT_EQ(cache.pins(), 1u);
  }
  EXPECT_EQ(cache.pins(), 0u);
}

TEST_F(GetCommands, ValueThatCannotBePinnedIsAnErrorAndAMiss) {
  set("k", std::string(cache::kPinThreshold + 1, 'x'));
  counted();
  cache.deny_memory(true);
  EXPECT_EQ(executor.execute(get_request("k")).outcome, Outcome::out_of_memory_get);
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"cmd_get", 1}, {"get_misses", 1}, {"malloc_fails", 1}}));
}

}  // namespace
}  // namespace martlet::command
