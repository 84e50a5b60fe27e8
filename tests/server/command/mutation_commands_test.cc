// incr, decr, delete, touch, flush_all.
#include "tests/server/command/command_fixture.h"

namespace martlet::command {
namespace {

using protocol::Outcome;
using protocol::Request;
using protocol::Response;
using protocol::Verb;

class MutationCommands : public CommandTest {
 protected:
  Response arith(std::string_view key, uint64_t delta, bool negative) {
    Request change = request(Verb::arith, key);
    change.delta = delta;
    change.negative = negative;
    return executor.execute(change);
  }
  Outcome touch(std::string_view key, int64_t exptime) {
    Request change = request(Verb::touch, key);
    change.exptime = exptime;
    return executor.execute(change).outcome;
  }
  Outcome flush(int64_t delay) {
    Request all = admin(Verb::flush_all);
    all.exptime = delay;
    return executor.execute(all).outcome;
  }
};

TEST_F(MutationCommands, IncrAndDecrAnswerTheNumberAndCountApart) {
  set("n", "10");
  counted();
  const Response up = arith("n", 5, false);
  EXPECT_EQ(up.outcome, Outcome::number);
  EXPECT_EQ(up.number, 15u);
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"incr_hits", 1}}));
  EXPECT_EQ(arith("n", 20, true).number, 0u);
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"decr_hits", 1}}));
  EXPECT_EQ(arith("absent", 1, false).outcome, Outcome::not_found);
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"incr_misses", 1}}));
  EXPECT_EQ(arith("absent", 1, true).outcome, Outcome::not_found);
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"decr_misses", 1}}));
}

TEST_F(MutationCommands, IncrOfSomethingElseIsNeitherHitNorMiss) {
  set("text", "abc");
  counted();
  EXPECT_EQ(arith("text", 1, false).outcome, Outcome::non_numeric);
  EXPECT_EQ(counted(), (Counts{{"requests", 1}}));
}

TEST_F(MutationCommands, IncrWithoutMemorySaysSo) {
  set("n", "9");
  counted();
  cache.deny_memory(true);
  EXPECT_EQ(arith("n", 1, false).outcome, Outcome::out_of_memory);
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"malloc_fails", 1}}));
  EXPECT_EQ(value_of("n"), "9");
}

TEST_F(MutationCommands, DeleteHitsOnceThenMisses) {
  set("k", "v");
  counted();
  EXPECT_EQ(executor.execute(request(Verb::remove, "k")).outcome, Outcome::deleted);
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"delete_hits", 1}}));
  EXPECT_EQ(executor.execute(request(Verb::remove, "k")).outcome, Outcome::not_found);
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"delete_misses", 1}}));
}

TEST_F(MutationCommands, TouchMovesTheExpiryAndCountsHitsAndMisses) {
  set("k", "v", 10);
  counted();
  EXPECT_EQ(touch("k", 100), Outcome::touched);
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"cmd_touch", 1}, {"touch_hits", 1}}));
  pass(99);
  EXPECT_EQ(value_of("k"), "v");
  EXPECT_EQ(touch("k", -1), Outcome::touched);
  EXPECT_EQ(value_of("k"), "(miss)");
  counted();
  EXPECT_EQ(touch("k", 0), Outcome::not_found);
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"cmd_touch", 1}, {"touch_misses", 1}}));
}

TEST_F(MutationCommands, FlushAtOnceTakesWhatIsThereAndLeavesWhatComes) {
  for (const int64_t delay : {int64_t{0}, int64_t{-1}, INT64_MIN}) {
    set("before", "v");
    counted();
    EXPECT_EQ(flush(delay), Outcome::ok);
    EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"cmd_flush", 1}}));
    set("after", "v");
    EXPECT_EQ(value_of("before"), "(miss)") << delay;
    EXPECT_EQ(value_of("after"), "v") << delay;
  }
}

TEST_F(MutationCommands, DelayedFlushTakesWhatIsStoredUpToItsMoment) {
  set("early", "v");
  EXPECT_EQ(flush(10), Outcome::ok);
  EXPECT_EQ(value_of("early"), "v");
  pass(5);
  set("late", "v");
  pass(5);
  EXPECT_EQ(value_of("early"), "(miss)");
  EXPECT_EQ(value_of("late"), "(miss)");
  set("after", "v");
  EXPECT_EQ(value_of("after"), "v");
}

TEST_F(MutationCommands, DelayBeyondThirtyDaysIsAUnixTime) {
  flush(clock.unix_seconds() + 20);
  EXPECT_EQ(cache.pending_flush(), rel_clock.now() + 20);
}

TEST_F(MutationCommands, RefusedFlushIsCountedAndTakesNothing) {
  settings.flush_enabled = false;
  set("k", "v");
  counted();
  const Response response = executor.execute(admin(Verb::flush_all));
  EXPECT_EQ(response.outcome, Outcome::client_error);
  EXPECT_EQ(response.text, "flush_all not allowed");
  EXPECT_EQ(counted(), (Counts{{"requests", 1}, {"cmd_flush", 1}}));
  EXPECT_EQ(value_of("k"), "v");
}

}  // namespace
}  // namespace martlet::command
