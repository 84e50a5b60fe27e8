// Who is to compute a value anew: misses that make an item, items close to their end, stale ones.
#include <string>

#include "tests/server/command/meta_fixture.h"

namespace martlet::command {
namespace {

using protocol::Outcome;
using protocol::Response;

class MetaLeases : public MetaCommandTest {};

TEST_F(MetaLeases, TheFirstToMissWinsAndTheOthersWait) {
  EXPECT_EQ(marks("mg k v N30"), "W");
  EXPECT_EQ(counted(), meta({{"cmd_get", 1}, {"get_misses", 1}}));
  EXPECT_EQ(marks("mg k v N30"), "Z");
  EXPECT_EQ(counted(), meta({{"cmd_get", 1}, {"get_hits", 1}}));
  const Response stub = run("mg k v");
  EXPECT_EQ(stub.outcome, Outcome::hit);
  EXPECT_EQ(stub.value_size, 0U);
  EXPECT_EQ(stub.ttl, 30);
  run("ms k 1", "x");
  EXPECT_EQ(marks("mg k v N30"), "");
}

TEST_F(MetaLeases, AStubExpires) {
  run("mg k N30");
  pass(30);
  EXPECT_EQ(marks("mg k N30"), "W");
}

TEST_F(MetaLeases, AStubGetsTheIdItIsGiven) {
  EXPECT_EQ(run("mg k N30 E1234").cas, 1234U);
  EXPECT_EQ(outcome("ms k 1 C1234", "x"), Outcome::stored);
}

TEST_F(MetaLeases, AStubThatFindsNoMemoryIsAMiss) {
  cache.deny_memory(true);
  EXPECT_EQ(outcome("mg k N30"), Outcome::miss);
  EXPECT_EQ(counted(), meta({{"cmd_get", 1}, {"get_misses", 1}, {"malloc_fails", 1}}));
}

TEST_F(MetaLeases, CloseToItsEndOneWins) {
  run("ms k 1 T100", "x");
  EXPECT_EQ(marks("mg k R30"), "");
  pass(71);
  EXPECT_EQ(marks("mg k R29"), "");
  EXPECT_EQ(marks("mg k R30"), "W");
  EXPECT_EQ(marks("mg k R30"), "Z");
  run("ms k 1", "x");
  EXPECT_EQ(marks("mg k R30"), "");
}

TEST_F(MetaLeases, NothingIsCloseToAnEndThatLiesBehindOrIsNone) {
  run("ms k 1 T100", "x");
  EXPECT_EQ(marks("mg k R0"), "");
  EXPECT_EQ(marks("mg k R-1"), "");
  const int64_t far = clock.unix_seconds() + 40 * 24 * 60 * 60;
  EXPECT_EQ(marks("mg k R" + std::to_string(far)), "W");  // a Unix time, as in any exptime
}

TEST_F(MetaLeases, AStaleValueIsServedWhileOneComputesAnew) {
  run("ms k 1 T100", "x");
  const uint64_t before = run("mg k").cas;
  counted();
  EXPECT_EQ(outcome("md k I T30"), Outcome::deleted);
  EXPECT_EQ(counted(), meta({}));
  const Response first = run("mg k v");
  EXPECT_TRUE(first.won && first.stale);
  EXPECT_FALSE(first.token_out);
  EXPECT_EQ(first.value.piece_at(0), "x");
  EXPECT_NE(first.cas, before);
  EXPECT_EQ(first.ttl, 30);
  EXPECT_EQ(marks("mg k"), "XZ");
  run("ms k 1", "y");
  EXPECT_EQ(marks("mg k"), "");
}

TEST_F(MetaLeases, AStoreWithAnOlderIdIsTakenAsStale) {
  const uint64_t old = run("ms k 1", "a").cas;
  run("ms k 1", "b");
  EXPECT_EQ(outcome("ms k 1 C" + std::to_string(old), "c"), Outcome::exists);
  EXPECT_EQ(outcome("ms k 1 I C" + std::to_string(old), "c"), Outcome::stored);
  EXPECT_EQ(value_of("k"), "c");
  EXPECT_EQ(marks("mg k"), "WX");
  EXPECT_EQ(outcome("ms k 1 I C999999", "d"), Outcome::exists);
}

}  // namespace
}  // namespace martlet::command
