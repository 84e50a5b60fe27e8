// Streams of text, and the requests that come out of them whatever pieces they arrive in.
#include "server/protocol/text_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/server/protocol/stream_driver.h"

namespace martlet::protocol {
namespace {

using namespace std::string_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Events = std::vector<std::string>;

const std::string kEnd = "noop as:end";
const std::string kBadLine = "invalid bad_line";
const std::string kUnknown = "invalid unknown_command";

Events events_of(std::string_view stream, size_t piece = 0, size_t capacity = 16 * 1024) {
  StreamDriver driver(capacity);
  driver.feed(stream, piece);
  return driver.events();
}

void expect_in_any_pieces(std::string_view stream, const Events& expected) {
  for (const size_t piece : {1U, 2U, 3U, 7U, 64U, 0U}) {
    EXPECT_EQ(events_of(stream, piece), expected) << "in pieces of " << piece;
  }
}

std::string repeated(std::string_view text, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(TextCodec, AConversationIsTheSameInPiecesOfAnySize) {
  expect_in_any_pieces(
      "set a 1 2 3\r\nabc\r\nget a\r\ngets a b\nadd b 0 0 0 noreply\r\n\r\nincr a 5\r\ndelete a\r\nversion\r\nquit\r\n",
      {"store set key:a flags:1 exptime:2 bytes:3", "value good", "get as:get key:a", kEnd, "get as:gets key:a",
       "get as:gets key:b", kEnd, "store add key:b bytes:0 noreply", "value good", "arith key:a delta:5",
       "remove key:a", "version", "quit close_after"});
}

TEST(TextCodec, AGetIsUnrolledKeyByKey) {
  expect_in_any_pieces("get a b a\r\n", {"get as:get key:a", "get as:get key:b", "get as:get key:a", kEnd});
  expect_in_any_pieces("get   a  b   \r\n", {"get as:get key:a", "get as:get key:b", kEnd});
  expect_in_any_pieces("get a noreply\n", {"get as:get key:a", "get as:get key:noreply", kEnd});
  expect_in_any_pieces("get a\tb \x01\0\xff\r\n"s, {"get as:get key:a\tb", "get as:get key:\x01\0\xff"s, kEnd});
}

TEST(TextCodec, AGatCarriesItsExptimeToEveryKey) {
  expect_in_any_pieces("gat 60 a b\r\n",
                       {"get as:get key:a with_touch exptime:60", "get as:get key:b with_touch exptime:60", kEnd});
  expect_in_any_pieces("gats -1 a\r\n", {"get as:gets key:a with_touch exptime:-1", kEnd});
  expect_in_any_pieces("gat 60 a\r\nget b\r\n",
                       {"get as:get key:a with_touch exptime:60", kEnd, "get as:get key:b", kEnd});
}

TEST(TextCodec, AGetWithoutKeysIsRefused) {
  for (const std::string_view line :
       {"get\r\n", "get \r\n", "gets\r\n", "gets    \n", "gat\r\n", "gat 0\r\n", "gats 0   \r\n"}) {
    expect_in_any_pieces(line, {kBadLine});
  }
}

TEST(TextCodec, AGatWithoutANumberIsRefused) {
  expect_in_any_pieces("gat x a b\r\nversion\r\n", {"invalid bad_exptime", "version"});
  expect_in_any_pieces("gat 9223372036854775808 a\r\n", {"invalid bad_exptime"});
}

TEST(TextCodec, AnOverlongKeyAnywhereAnswersOneErrorAndNothingElse) {
  const std::string longest(250, 'k');
  const std::string overlong(251, 'k');
  expect_in_any_pieces("get " + longest + "\r\n", {"get as:get key:" + longest, kEnd});
  expect_in_any_pieces("get " + overlong + "\r\nversion\r\n", {kBadLine, "version"});
  expect_in_any_pieces("get a b " + overlong + " c\r\nversion\r\n", {kBadLine, "version"});
  expect_in_any_pieces("gat 0 a " + overlong + "\r\nversion\r\n", {kBadLine, "version"});
  expect_in_any_pieces("get " + longest + " " + longest + "\n",
                       {"get as:get key:" + longest, "get as:get key:" + longest, kEnd});
}

TEST(TextCodec, ShortLinesAreNoCommands) {
  expect_in_any_pieces("\r\n", {kBadLine});
  expect_in_any_pieces("\n\n", {kBadLine, kBadLine});
  expect_in_any_pieces("mn\nab\n", {kBadLine, kBadLine});
  expect_in_any_pieces("a\r\n", {kBadLine});
  expect_in_any_pieces("ab\r\nabc\n", {kUnknown, kUnknown});
}

TEST(TextCodec, ALeadingSpaceSpoilsALine) {
  expect_in_any_pieces(" get a\r\n", {kUnknown});
  expect_in_any_pieces("    \r\n", {kUnknown});
}

TEST(TextCodec, OnlyTheLastCarriageReturnBelongsToTheEnding) {
  expect_in_any_pieces("get a\r\r\n", {"get as:get key:a\r", kEnd});
  expect_in_any_pieces("get \r\r\n", {"get as:get key:\r", kEnd});
  expect_in_any_pieces("get a \r\n", {"get as:get key:a", kEnd});
  expect_in_any_pieces("get a\rb\n", {"get as:get key:a\rb", kEnd});
  expect_in_any_pieces("get a\r b\r\n", {"get as:get key:a\r", "get as:get key:b", kEnd});
  expect_in_any_pieces("delete a\r\r\n", {"remove key:a\r"});
}

TEST(TextCodec, BytesOfAValueAreNeverTakenForCommands) {
  expect_in_any_pieces("set a 0 0 19\r\nget b\r\nflush_all\r\n\r\n\r\nversion\r\n",
                       {"store set key:a bytes:19", "value bad", "version"});
  expect_in_any_pieces("set a 0 0 18\r\nget b\r\nflush_all\r\n\r\nversion\r\n",
                       {"store set key:a bytes:18", "value good", "version"});
}

TEST(TextCodec, ALengthThatLiesCostsTheRestOfItsLine) {
  // Too short a length: the trailer falls into the value, and what follows on that line goes.
  expect_in_any_pieces("set a 0 0 3\r\nabcdelete b\r\nversion\r\n",
                       {"store set key:a bytes:3", "value bad", "version"});
  // The trailer's second byte ends the line itself.
  expect_in_any_pieces("set a 0 0 3\r\nabcd\nversion\r\n", {"store set key:a bytes:3", "value bad", "version"});
  expect_in_any_pieces("set a 0 0 3\r\nabc\n\nversion\r\n", {"store set key:a bytes:3", "value bad", "version"});
  // Its first byte does: the second begins a line that goes as well.
  expect_in_any_pieces("set a 0 0 3\r\nabc\nflush_all\r\nversion\r\n",
                       {"store set key:a bytes:3", "value bad", "version"});
  expect_in_any_pieces("set a 0 0 3\r\nabc\r\r\nversion\r\n", {"store set key:a bytes:3", "value bad", "version"});
}

TEST(TextCodec, ABrokenValueThatNeverEndsClosesTheConnection) {
  const std::string head = "set a 0 0 1\r\nxyz";
  expect_in_any_pieces(head + std::string(kMaxLine - 1, 'x') + "\nversion\r\n",
                       {"store set key:a bytes:1", "value bad", "version"});
  expect_in_any_pieces(head + std::string(kMaxLine, 'x') + "\nversion\r\n",
                       {"store set key:a bytes:1", "value bad", "close"});
  expect_in_any_pieces(head + std::string(100000, 'x'), {"store set key:a bytes:1", "value bad", "close"});
}

TEST(TextCodec, EachBrokenValueMayDropAsMuchAsTheFirst) {
  const std::string broken = "set a 0 0 1\r\nxyz" + std::string(kMaxLine - 1, 'x') + "\n";
  expect_in_any_pieces(broken + broken,
                       {"store set key:a bytes:1", "value bad", "store set key:a bytes:1", "value bad"});
}

TEST(TextCodec, RefusedStorageLinesKeepTheStreamInStep) {
  const std::string overlong(251, 'k');
  expect_in_any_pieces("set " + overlong + " 0 0 9\r\nflush_all\r\nversion\r\n",
                       {"invalid bad_line swallow:11", "version"});
  expect_in_any_pieces("set a 0 0 -1\r\nflush_all\r\n", {"invalid bad_line close_after"});
  expect_in_any_pieces("set a 0 0 2147483646\r\nflush_all\r\n", {"invalid bad_line close_after"});
  expect_in_any_pieces("set a 0 0 x\r\nversion\r\n", {kBadLine, "version"});
}

TEST(TextCodec, OverlongLineIsRefused) {
  EXPECT_THAT(events_of(std::string(kMaxLine, 'x')), IsEmpty());
  EXPECT_THAT(events_of(std::string(kMaxLine + 1, 'x'), 1), ElementsAre("close"));
  EXPECT_THAT(events_of("set " + std::string(3 << 20, 'x'), 64), ElementsAre("close"));
  EXPECT_THAT(events_of("getx " + std::string(kMaxLine, 'x')), ElementsAre("close"));
  EXPECT_THAT(events_of(std::string(3 << 20, '\0'), 64), ElementsAre("close"));
  EXPECT_THAT(events_of(std::string(3 << 20, ' '), 64), ElementsAre("close"));
}

TEST(TextCodec, ALineThatIsTooLongClosesEvenWhenAllOfItIsThere) {
  EXPECT_THAT(events_of("delete a " + std::string(3000, 'x') + "\r\n"), ElementsAre("close"));
}

TEST(TextCodec, LongGetLinesMayFollowUpToAHundredSpaces) {
  const std::string keys = repeated("key ", 10000);
  EXPECT_THAT(events_of(std::string(100, ' ') + "get " + keys + "\r\nversion\r\n", 64),
              ElementsAre(kUnknown, "version"));
  EXPECT_THAT(events_of(std::string(101, ' ') + "get " + keys + "\r\nversion\r\n", 64), ElementsAre("close"));
}

class LongGet : public ::testing::TestWithParam<size_t> {};

TEST_P(LongGet, FortyThousandKeysPassThroughASmallBuffer) {
  for (const std::string command : {"get", "gets", "gat 5", "gats 5"}) {
    std::string line = command;
    Events expected;
    const bool with_cas = command[3] == 's';
    const std::string tail = command.size() > 4 ? " with_touch exptime:5" : "";
    for (int i = 0; i < 40000; ++i) {
      line += " key" + std::to_string(i);
      expected.push_back(std::string("get as:") + (with_cas ? "gets" : "get") + " key:key" + std::to_string(i) + tail);
    }
    expected.push_back(kEnd);
    expected.emplace_back("version");
    EXPECT_EQ(events_of(line + "\r\nversion\r\n", GetParam()), expected) << command;
  }
}

TEST_P(LongGet, AnOverlongKeyEndsItWithOneError) {
  const std::string overlong(251, 'k');
  const std::string many = repeated(" a", 20000);
  const Events events = events_of("get" + many + " " + overlong + many + "\r\nversion\r\n", GetParam());
  ASSERT_EQ(events.size(), 20002U);
  EXPECT_EQ(events[19999], "get as:get key:a");
  EXPECT_EQ(events[20000], kBadLine);
  EXPECT_EQ(events[20001], "version");
}

TEST_P(LongGet, AKeyLargerThanTheBufferEndsItWithOneError) {
  const std::string many = repeated(" a", 20000);
  const std::string huge(3 << 20, 'k');
  const Events events = events_of("get" + many + " " + huge + many + "\nversion\r\n", GetParam());
  ASSERT_EQ(events.size(), 20002U);
  EXPECT_EQ(events[20000], kBadLine);
  EXPECT_EQ(events[20001], "version");
  EXPECT_THAT(events_of("get " + huge + "\r\nversion\r\n", GetParam()), ElementsAre(kBadLine, "version"));
}

TEST_P(LongGet, TheLongestKeyIsTakenWhereverTheBufferEnds) {
  const std::string longest(250, 'k');
  std::string line = "get";
  for (int i = 0; i < 500; ++i) line += " " + longest;
  const Events events = events_of(line + "\r\n", GetParam(), 4096);
  ASSERT_EQ(events.size(), 501U);
  EXPECT_EQ(events[499], "get as:get key:" + longest);
  EXPECT_EQ(events[500], kEnd);
}

TEST_P(LongGet, NothingButSpacesIsAGetWithoutKeys) {
  EXPECT_THAT(events_of("get " + std::string(100000, ' ') + "\r\nversion\r\n", GetParam()),
              ElementsAre(kBadLine, "version"));
  EXPECT_THAT(events_of("gat 0 " + std::string(100000, ' ') + "\r\nversion\r\n", GetParam()),
              ElementsAre(kBadLine, "version"));
}

TEST_P(LongGet, AGatWithoutANumberIsDroppedToItsEnd) {
  const std::string many = repeated(" a", 20000);
  EXPECT_THAT(events_of("gat x" + many + "\r\nversion\r\n", GetParam()), ElementsAre("invalid bad_exptime", "version"));
  EXPECT_THAT(events_of("gat " + std::string(100000, '1') + many + "\r\nversion\r\n", GetParam()),
              ElementsAre("invalid bad_exptime", "version"));
}

INSTANTIATE_TEST_SUITE_P(Pieces, LongGet, ::testing::Values(7, 64, 1000, 0));

TEST(TextCodec, ALineUnderWayKeepsOnlyTheUnfinishedKey) {
  StreamDriver driver;
  driver.feed("get" + repeated(" abc", 5000), 0);  // past the buffer: unrolled from there on
  EXPECT_EQ(driver.events().size(), 4999U);
  EXPECT_EQ(driver.pending(), 3U);  // the last key may go on
}

TEST(TextCodec, TinyBuffersNeverStallIt) {
  const std::string stream =
      "get aaaa bbbb\r\nset a 0 0 3\r\nabc\r\nget " + std::string(400, 'k') + " b\r\nversion\r\n";
  for (size_t capacity = 1; capacity < 300; ++capacity) events_of(stream, 0, capacity);
}

TEST(TextCodec, AnEmptyBufferAsksForMoreWhereverALineStands) {
  TextCodec codec;
  Request request;
  const auto expect_need_more = [&] {
    const Parsed parsed = codec.parse({}, true, &request);
    EXPECT_EQ(parsed.status, ParseStatus::need_more);
    EXPECT_EQ(parsed.consumed, 0U);
  };
  expect_need_more();
  ASSERT_EQ(codec.parse("get a b\r\n", false, &request).status, ParseStatus::request);
  expect_need_more();
  ASSERT_EQ(codec.finish_value("xy"), Trailer::bad);
  expect_need_more();
}

TEST(TextCodec, NamesItself) {
  const TextCodec codec;
  EXPECT_EQ(codec.name(), "ascii");
  EXPECT_EQ(codec.trailer_size(), 2U);
}

}  // namespace
}  // namespace martlet::protocol
