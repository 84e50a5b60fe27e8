// Meta replies, byte for byte.
#include "server/protocol/meta_reply.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/protocol/meta_parser.h"
#include "tests/server/protocol/recording_sink.h"

namespace martlet::protocol {
namespace {

Request request_of(std::string_view line) {
  Request request;
  parse_meta(line, &request);
  return request;
}

std::string written(std::string_view line, Response&& response) {
  RecordingSink sink;
  EXPECT_TRUE(write_meta(request_of(line), std::move(response), sink));
  return sink.text;
}

std::string written(std::string_view line, Outcome outcome) { return written(line, Response::of(outcome)); }

Response hit_of(std::string_view value) {
  Response response = Response::of(Outcome::hit);
  response.flags = 5;
  response.cas = 77;
  response.ttl = 30;
  response.idle = 4;
  response.fetched = true;
  response.value_size = static_cast<uint32_t>(value.size());
  response.value = PinnedBytes::transient(value);
  return response;
}

// A response to `line` that says everything it can at its longest.
Response longest_hit(std::string_view value) {
  Response response = hit_of(value);
  response.flags = response.idle = response.value_size = std::numeric_limits<uint32_t>::max();
  response.cas = std::numeric_limits<uint64_t>::max();
  response.ttl = std::numeric_limits<int64_t>::max();
  response.won = response.stale = response.token_out = true;
  return response;
}

TEST(MetaReply, AHitWithItsValue) {
  EXPECT_EQ(written("mg key v", hit_of("hello")), "VA 5\r\nhello\r\n");
  EXPECT_EQ(written("mg key v", hit_of("")), "VA 0\r\n\r\n");
  EXPECT_EQ(written("mg key v f t", hit_of("a\r\nb")), "VA 4 f5 t30\r\na\r\nb\r\n");
}

TEST(MetaReply, AHitWithoutItsValue) {
  EXPECT_EQ(written("mg key", hit_of("")), "HD\r\n");
  EXPECT_EQ(written("mg key s t", hit_of("")), "HD s0 t30\r\n");
}

TEST(MetaReply, FlagsComeInTheRequestsOrder) {
  EXPECT_EQ(written("mg key k O1 c f s t h l", hit_of("")), "HD kkey O1 c77 f5 s0 t30 h1 l4\r\n");
  EXPECT_EQ(written("mg key l h t s f c O1 k", hit_of("")), "HD l4 h1 t30 s0 f5 c77 O1 kkey\r\n");
  EXPECT_EQ(written("mg key l v q u k", hit_of("x")), "VA 1 l4 kkey\r\nx\r\n");
}

TEST(MetaReply, AnItemThatNeverExpiresHasMinusOneLeft) {
  Response response = hit_of("");
  response.ttl = -1;
  EXPECT_EQ(written("mg key t", std::move(response)), "HD t-1\r\n");
}

TEST(MetaReply, KeysInBase64ComeBackInBase64) {
  EXPECT_EQ(written("mg Zm9v b k O9", hit_of("")), "HD kZm9v b O9\r\n");
  EXPECT_EQ(written("mg Zm9v k b", Outcome::miss), "EN kZm9v b\r\n");
  EXPECT_EQ(written("md Zg== k b", Outcome::deleted), "HD kZg== b\r\n");
  EXPECT_EQ(written("mg AAogDQ== k b", Outcome::miss), "EN kAAogDQ== b\r\n");
}

TEST(MetaReply, TheMarksOfALeaseComeLast) {
  Response response = hit_of("x");
  response.token_out = response.stale = true;
  EXPECT_EQ(written("mg key v s", std::move(response)), "VA 1 s1 Z X\r\nx\r\n");
  response = hit_of("");
  response.stale = response.won = true;
  EXPECT_EQ(written("mg key c", std::move(response)), "HD c77 X W\r\n");
  response = hit_of("");
  response.won = true;
  EXPECT_EQ(written("mg key", std::move(response)), "HD W\r\n");
}

TEST(MetaReply, AValueTheClientHasIsNotSent) {
  Response response = hit_of("");
  response.outcome = Outcome::hidden_hit;
  response.value_size = 9;
  EXPECT_EQ(written("mg key v s c C77", std::move(response)), "HD s9 c77\r\n");
}

TEST(MetaReply, MissesCarryKeyAndOpaqueOnly) {
  EXPECT_EQ(written("mg key", Outcome::miss), "EN\r\n");
  EXPECT_EQ(written("mg key s t Oid k v c", Outcome::miss), "EN Oid kkey\r\n");
  EXPECT_EQ(written("md key k O1", Outcome::not_found), "NF kkey O1\r\n");
  EXPECT_EQ(written("ma key k O1 t c", Outcome::not_found), "NF kkey O1\r\n");
  EXPECT_EQ(written("ma key O1 c", Outcome::exists), "EX O1\r\n");
}

TEST(MetaReply, StoresTellSizeAndIdWhateverBecomesOfThem) {
  Response response = Response::of(Outcome::stored);
  response.cas = 12;
  response.value_size = 7;
  EXPECT_EQ(written("ms key 3 c s k O1", std::move(response)), "HD c12 s7 kkey O1\r\n");
  for (const auto& [outcome, code] : std::vector<std::pair<Outcome, std::string>>{
           {Outcome::not_stored, "NS"}, {Outcome::exists, "EX"}, {Outcome::not_found, "NF"}}) {
    response = Response::of(outcome);
    response.value_size = 3;
    EXPECT_EQ(written("ms key 3 q c s k O1", std::move(response)), code + " c0 s3 kkey O1\r\n");
  }
}

TEST(MetaReply, NumbersComeAsValues) {
  Response response = Response::of(Outcome::number);
  response.number = 18446744073709551615U;
  response.cas = 3;
  EXPECT_EQ(written("ma key v c t", std::move(response)), "VA 20 c3 t-1\r\n18446744073709551615\r\n");
  response = Response::of(Outcome::number);
  response.ttl = 9;
  EXPECT_EQ(written("ma key t", std::move(response)), "HD t9\r\n");
}

TEST(MetaReply, QuietHidesTheUsualOutcomeAndNoOther) {
  EXPECT_EQ(written("mg key q k", Outcome::miss), "");
  EXPECT_EQ(written("mg key q", hit_of("")), "HD\r\n");
  EXPECT_EQ(written("ms key 1 q", Outcome::stored), "");
  EXPECT_EQ(written("ms key 1 q", Outcome::not_stored), "NS\r\n");
  EXPECT_EQ(written("md key q", Outcome::deleted), "");
  EXPECT_EQ(written("md key q", Outcome::not_found), "NF\r\n");
  EXPECT_EQ(written("md key q", Outcome::exists), "EX\r\n");
  EXPECT_EQ(written("ma key q v", Outcome::number), "");
  EXPECT_EQ(written("ma key q", Outcome::not_found), "NF\r\n");
  EXPECT_EQ(written("me key q", Outcome::miss), "EN\r\n");
}

TEST(MetaReply, ErrorsAreNeverQuiet) {
  EXPECT_EQ(written("mg key q", Outcome::out_of_memory_get), "SERVER_ERROR out of memory writing get response\r\n");
  EXPECT_EQ(written("ms key 1 q", Outcome::too_large), "SERVER_ERROR object too large for cache\r\n");
  EXPECT_EQ(written("ms key 1 q", Outcome::bad_chunk), "CLIENT_ERROR bad data chunk\r\n");
  EXPECT_EQ(written("ma key q", Outcome::non_numeric),
            "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n");
  EXPECT_EQ(written("ma key q N0", Response::of(Outcome::server_error, "Out of memory allocating new item")),
            "SERVER_ERROR Out of memory allocating new item\r\n");
}

TEST(MetaReply, ANoopIsAnswered) { EXPECT_EQ(written("mn", Outcome::end), "MN\r\n"); }

TEST(MetaReply, AnInspectedItem) {
  Response response = Response::of(Outcome::inspected);
  response.cas = 8;
  response.idle = 3;
  response.size_class = 2;
  response.item_size = 63;
  EXPECT_EQ(written("me key k", std::move(response)), "ME key exp=-1 la=3 cas=8 fetch=no cls=2 size=63\r\n");
  response = Response::of(Outcome::inspected);
  response.ttl = 100;
  response.fetched = true;
  EXPECT_EQ(written("me Zm9v b", std::move(response)), "ME Zm9v exp=100 la=0 cas=0 fetch=yes cls=0 size=0\r\n");
  EXPECT_EQ(written("me key k O1", Outcome::miss), "EN\r\n");
}

TEST(MetaReply, TheLongestLineFits) {
  const std::string key(250, 'k');
  const std::string opaque(32, 'o');
  const std::string line = "mg " + key + " k O" + opaque + " c f s t h l";
  const std::string flags = " k" + key + " O" + opaque +
                            " c18446744073709551615 f4294967295 s4294967295 t9223372036854775807 h1 l4294967295 Z X W";
  EXPECT_EQ(written(line, longest_hit("")), "HD" + flags + "\r\n");
  EXPECT_EQ(written(line + " v", longest_hit("")), "VA 0" + flags + "\r\n\r\n");
  const std::string encoded(248, 'A');
  EXPECT_EQ(written("mg " + encoded + " b k", hit_of("")), "HD k" + encoded + " b\r\n");
  Response response = longest_hit("");
  response.outcome = Outcome::inspected;
  response.item_size = std::numeric_limits<uint32_t>::max();
  response.size_class = std::numeric_limits<unsigned>::max();
  EXPECT_EQ(written("me " + key, std::move(response)),
            "ME " + key +
                " exp=9223372036854775807 la=4294967295 cas=18446744073709551615 fetch=yes cls=4294967295 "
                "size=4294967295\r\n");
}

TEST(MetaReply, ValuesOfEverySizeAroundTheLimitOfOneStep) {
  for (size_t size = 0; size <= 600; ++size) {
    const std::string value(size, 'v');
    EXPECT_EQ(written("mg key v s", hit_of(value)),
              "VA " + std::to_string(size) + " s" + std::to_string(size) + "\r\n" + value + "\r\n");
  }
}

TEST(MetaReply, ASmallHitIsWrittenInOneStep) {
  RecordingSink sink;
  EXPECT_TRUE(write_meta(request_of("mg key v f t s k"), hit_of("hello"), sink));
  EXPECT_EQ(sink.calls, 1);
}

TEST(MetaReply, APinnedValueIsHandedOverAndLetGo) {
  TwoPieces owner;
  owner.first = std::string(20000, 'a');
  owner.second = std::string(20000, 'b');
  Response response = hit_of("");
  response.value = PinnedBytes::pinned(owner, nullptr, 40000);
  response.value_size = 40000;
  EXPECT_EQ(written("mg key v s", std::move(response)), "VA 40000 s40000\r\n" + owner.first + owner.second + "\r\n");
  EXPECT_EQ(owner.unpinned, 1);

  response = hit_of("");
  response.outcome = Outcome::hidden_hit;
  response.value = PinnedBytes::pinned(owner, nullptr, 40000);
  EXPECT_EQ(written("mg key v C77", std::move(response)), "HD\r\n");
  response = Response{};
  EXPECT_EQ(owner.unpinned, 2);
}

TEST(MetaReply, MissingMemoryIsTold) {
  const std::string large(2000, 'v');
  for (int budget = 0; budget < 3; ++budget) {
    RecordingSink sink(budget);
    EXPECT_FALSE(write_meta(request_of("mg key v"), hit_of(large), sink)) << budget;
  }
  for (const std::string_view line : {"mg key", "me key", "mn"}) {
    RecordingSink sink(0);
    EXPECT_FALSE(write_meta(request_of(line), Response::of(line == "mn" ? Outcome::end : Outcome::miss), sink)) << line;
  }
}

}  // namespace
}  // namespace martlet::protocol
