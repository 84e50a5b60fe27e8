// What the verbs do for meta requests: items are described and compared, and every command is counted.
#include <string>
#include <utility>

#include "tests/server/command/meta_fixture.h"

namespace martlet::command {
namespace {

using protocol::Outcome;
using protocol::Request;
using protocol::Response;

class MetaCommands : public MetaCommandTest {};

TEST_F(MetaCommands, AHitIsDescribedAsItWasBefore) {
  run("ms k 5 T100 F7", "hello");
  pass(10);
  Response response = run("mg k v");
  ASSERT_EQ(response.outcome, Outcome::hit);
  EXPECT_EQ(response.value.piece_at(0), "hello");
  EXPECT_EQ(response.flags, 7U);
  EXPECT_EQ(response.value_size, 5U);
  EXPECT_EQ(response.ttl, 90);
  EXPECT_EQ(response.idle, 10U);
  EXPECT_FALSE(response.fetched);
  pass(3);
  response = run("mg k");
  EXPECT_TRUE(response.fetched);
  EXPECT_EQ(response.idle, 3U);
  EXPECT_EQ(response.value.size(), 0U);
  EXPECT_EQ(response.value_size, 5U);
}

TEST_F(MetaCommands, AnItemWithoutAnEndHasMinusOneLeft) {
  run("ms k 1", "x");
  EXPECT_EQ(run("mg k").ttl, -1);
}

TEST_F(MetaCommands, APeekLeavesNoTrace) {
  run("ms k 1", "x");
  pass(5);
  run("mg k u");
  EXPECT_FALSE(run("mg k u").fetched);
  EXPECT_EQ(run("mg k u").idle, 5U);
}

TEST_F(MetaCommands, AGetThatSetsTheExpiryIsATouch) {
  run("ms k 1 T10", "x");
  counted();
  EXPECT_EQ(run("mg k T100").ttl, 100);
  EXPECT_EQ(counted(), meta({{"cmd_touch", 1}, {"touch_hits", 1}}));
  EXPECT_EQ(outcome("mg absent T100"), Outcome::miss);
  EXPECT_EQ(counted(), meta({{"cmd_touch", 1}, {"touch_misses", 1}}));
}

TEST_F(MetaCommands, HitsAndMissesAreCounted) {
  run("ms k 1", "x");
  EXPECT_EQ(counted(), meta({{"cmd_set", 1}}));
  run("mg k v");
  EXPECT_EQ(counted(), meta({{"cmd_get", 1}, {"get_hits", 1}}));
  run("mg absent v q");
  EXPECT_EQ(counted(), meta({{"cmd_get", 1}, {"get_misses", 1}}));
  run("mn");
  EXPECT_EQ(counted(), meta({}));
  run("me k");
  EXPECT_EQ(counted(), meta({}));
}

TEST_F(MetaCommands, AValueTheClientHasIsHeldBack) {
  const uint64_t cas = run("ms k 5", "hello").cas;
  const Response known = run("mg k v C" + std::to_string(cas));
  EXPECT_EQ(known.outcome, Outcome::hidden_hit);
  EXPECT_EQ(known.value.size(), 0U);
  EXPECT_EQ(known.value_size, 5U);
  EXPECT_EQ(outcome("mg k v C" + std::to_string(cas + 1)), Outcome::hit);
}

TEST_F(MetaCommands, ModesOfAStore) {
  EXPECT_EQ(outcome("ms k 1 MR", "x"), Outcome::not_stored);
  EXPECT_EQ(outcome("ms k 1 MA", "x"), Outcome::not_stored);
  EXPECT_EQ(outcome("ms k 1 ME", "x"), Outcome::stored);
  EXPECT_EQ(outcome("ms k 1 ME", "y"), Outcome::not_stored);
  EXPECT_EQ(outcome("ms k 1 MA", "b"), Outcome::stored);
  EXPECT_EQ(outcome("ms k 1 MP", "a"), Outcome::stored);
  EXPECT_EQ(value_of("k"), "axb");
  EXPECT_EQ(outcome("ms k 1 MR", "r"), Outcome::stored);
  EXPECT_EQ(value_of("k"), "r");
}

TEST_F(MetaCommands, AnIdIsCompared) {
  EXPECT_EQ(outcome("ms k 1 C5", "x"), Outcome::not_found);
  const std::string cas = std::to_string(run("ms k 1", "x").cas);
  EXPECT_EQ(outcome("ms k 1 MA C99", "y"), Outcome::exists);
  EXPECT_EQ(outcome("ms k 1 ME C" + cas, "y"), Outcome::not_stored);
  EXPECT_EQ(outcome("ms k 1 C99", "y"), Outcome::exists);
  EXPECT_EQ(outcome("ms k 1 MA E500 C" + cas, "y"), Outcome::stored);
  EXPECT_EQ(run("mg k").cas, 500U);
}

TEST_F(MetaCommands, AppendMakesWhatIsMissing) {
  const Response response = run("ms k 2 MA N60 T5 F3", "ab");
  EXPECT_EQ(response.outcome, Outcome::stored);
  EXPECT_EQ(response.value_size, 2U);
  EXPECT_EQ(run("ms k 2 MA N60", "cd").value_size, 4U);
  const Response found = run("mg k v");
  EXPECT_EQ(found.ttl, 60);
  EXPECT_EQ(found.flags, 3U);
  EXPECT_EQ(found.value.piece_at(0), "abcd");
}

TEST_F(MetaCommands, WhatIsNotStoredTellsItsOwnSizeAndNoId) {
  run("ms k 1", "x");
  const Response response = run("ms k 3 ME", "abc");
  EXPECT_EQ(response.value_size, 3U);
  EXPECT_EQ(response.cas, 0U);
}

TEST_F(MetaCommands, OnlyARefusedSetRemovesTheOldItem) {
  const std::string huge(kItemSizeMax + 1, 'x');
  const std::string size = std::to_string(huge.size());
  for (const std::string_view flags : {" ME", " MA", " MP", " MR", " C1", " MR C1"}) {
    run("ms k 1", "x");
    EXPECT_EQ(outcome("ms k " + size + std::string(flags), huge), Outcome::too_large);
    EXPECT_EQ(value_of("k"), "x") << flags;
  }
  counted();
  EXPECT_EQ(outcome("ms k " + size, huge), Outcome::too_large);
  EXPECT_EQ(counted(), meta({{"store_too_large", 1}}));
  EXPECT_EQ(value_of("k"), "(miss)");
  run("ms k 1", "x");
  EXPECT_EQ(outcome("ms k " + size + " MS", huge), Outcome::too_large);
  EXPECT_EQ(value_of("k"), "(miss)");
}

TEST_F(MetaCommands, AStoreInPiecesIsAStore) {
  const std::string large(40000, 'x');
  Request request;
  protocol::parse_meta("ms k 40000 T50 E77", &request);
  std::unique_ptr<cache::Upload> upload = executor.begin_upload(request);
  ASSERT_NE(upload, nullptr);
  while (upload->remaining() > 0) upload->advance(upload->space(*cache_context).size());
  const Response response = executor.publish(request, std::move(upload));
  EXPECT_EQ(response.outcome, Outcome::stored);
  EXPECT_EQ(response.cas, 77U);
  EXPECT_EQ(response.value_size, 40000U);
  EXPECT_EQ(counted(), meta({{"cmd_set", 1}}));
  EXPECT_EQ(run("mg k").ttl, 50);
}

TEST_F(MetaCommands, DeletesCompareAndAreCounted) {
  const std::string cas = std::to_string(run("ms k 1", "x").cas);
  counted();
  EXPECT_EQ(outcome("md k C99"), Outcome::exists);
  EXPECT_EQ(counted(), meta({{"delete_misses", 1}}));
  EXPECT_EQ(outcome("md k C" + cas), Outcome::deleted);
  EXPECT_EQ(counted(), meta({{"delete_hits", 1}}));
  EXPECT_EQ(outcome("md k"), Outcome::not_found);
  EXPECT_EQ(counted(), meta({{"delete_misses", 1}}));
}

TEST_F(MetaCommands, ATombstoneIsEmptyAndKeepsTheId) {
  const uint64_t cas = run("ms k 1 F9 T100", "x").cas;
  EXPECT_EQ(outcome("md k x"), Outcome::deleted);
  Response response = run("mg k v");
  EXPECT_EQ(response.value_size, 0U);
  EXPECT_EQ(response.flags, 0U);
  EXPECT_EQ(response.ttl, -1);
  EXPECT_EQ(response.cas, cas);
  run("md k x F4 T20 E600");
  response = run("mg k v");
  EXPECT_EQ(response.flags, 4U);
  EXPECT_EQ(response.ttl, 20);
  EXPECT_EQ(response.cas, 600U);
  cache.deny_memory(true);
  EXPECT_EQ(outcome("md k x"), Outcome::out_of_memory);
}

TEST_F(MetaCommands, Arithmetic) {
  EXPECT_EQ(outcome("ma n"), Outcome::not_found);
  EXPECT_EQ(counted(), meta({{"incr_misses", 1}}));
  EXPECT_EQ(run("ma n N60 J13 D5").number, 13U);
  EXPECT_EQ(counted(), meta({}));
  const Response grown = run("ma n D5 T30");
  EXPECT_EQ(grown.number, 18U);
  EXPECT_EQ(grown.ttl, 30);
  EXPECT_EQ(counted(), meta({{"incr_hits", 1}}));
  EXPECT_EQ(run("ma n MD D100").number, 0U);
  EXPECT_EQ(counted(), meta({{"decr_hits", 1}}));
  EXPECT_EQ(run("ma n E900").cas, 900U);
  EXPECT_EQ(outcome("ma n C901"), Outcome::exists);
  EXPECT_EQ(outcome("ma n C900"), Outcome::number);
  EXPECT_EQ(outcome("ma n C0"), Outcome::number);
}

TEST_F(MetaCommands, ANumberThatCannotBeMadeSaysSo) {
  cache.deny_memory(true);
  const Response response = run("ma n N60");
  EXPECT_EQ(response.outcome, Outcome::server_error);
  EXPECT_EQ(response.text, "Out of memory allocating new item");
}

TEST_F(MetaCommands, InspectingLeavesNoTrace) {
  EXPECT_EQ(outcome("me k"), Outcome::miss);
  run("ms k 5 T100", "hello");
  pass(4);
  run("me k");
  const Response response = run("me k");
  ASSERT_EQ(response.outcome, Outcome::inspected);
  EXPECT_EQ(response.ttl, 96);
  EXPECT_EQ(response.idle, 4U);
  EXPECT_FALSE(response.fetched);
  EXPECT_GT(response.item_size, 5U);
  EXPECT_EQ(response.size_class, cache.size_class(response.item_size));
  run("md k I");
  run("me k");
  EXPECT_EQ(marks("mg k"), "WX");
}

TEST_F(MetaCommands, OneKeyInBothSpellings) {
  run("ms Zm9v 2 b", "hi");
  EXPECT_EQ(value_of("foo"), "hi");
  EXPECT_EQ(outcome("mg foo"), Outcome::hit);
  EXPECT_EQ(outcome("me Zm9v b"), Outcome::inspected);
  EXPECT_TRUE(cache.get(*cache_context, "foo", {}).item.binary_key);
  run("mg YmFy b N30");
  EXPECT_TRUE(cache.get(*cache_context, "bar", {}).item.binary_key);
}

}  // namespace
}  // namespace martlet::command
