// Lines and what they mean, row by row.
#include "server/protocol/classic_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/server/protocol/request_text.h"

namespace martlet::protocol {
namespace {

using namespace std::string_literals;

struct Row {
  std::string line;
  std::string expected;  // text_of() the request, or "close"
};

// Parses into a Request that is dirty all over, as the one that a connection reuses is.
std::string parsed(const std::string& line) {
  Request request;
  request.verb = Verb::store;
  request.mode = StoreMode::cas;
  request.wire = WireForm::classic_gets;
  request.failure = Failure::bad_chunk;
  request.noreply = request.has_value = request.negative = request.with_touch = request.close_after = true;
  request.flags = request.value_size = 77;
  request.exptime = 77;
  request.cas = request.delta = request.swallow = 77;
  request.key = "dirt";
  request.arg_count = 3;
  const ParseStatus status = parse_classic(line, &request);
  return status == ParseStatus::close ? "close" : text_of(request);
}

void expect_rows(const std::vector<Row>& rows) {
  for (const Row& row : rows) EXPECT_EQ(parsed(row.line), row.expected) << "line: " << row.line;
}

const std::string kLongKey(250, 'k');
const std::string kOverlongKey(251, 'k');

TEST(ClassicParser, StorageCommandsCarryTheirFields) {
  expect_rows({
      {"set k 0 0 0", "store set key:k bytes:0"},
      {"set k 1 2 3", "store set key:k flags:1 exptime:2 bytes:3"},
      {"add k 1 2 3", "store add key:k flags:1 exptime:2 bytes:3"},
      {"replace k 1 2 3", "store replace key:k flags:1 exptime:2 bytes:3"},
      {"append k 1 2 3", "store append key:k flags:1 exptime:2 bytes:3"},
      {"prepend k 1 2 3", "store prepend key:k flags:1 exptime:2 bytes:3"},
      {"cas k 1 2 3 4", "store cas key:k flags:1 exptime:2 bytes:3 cas:4"},
      {"cas k 1 2 3 18446744073709551615", "store cas key:k flags:1 exptime:2 bytes:3 cas:18446744073709551615"},
      {"set   k  1   2 3   ", "store set key:k flags:1 exptime:2 bytes:3"},
      {"set " + kLongKey + " 0 0 1", "store set key:" + kLongKey + " bytes:1"},
      {"set k\tx 0 0 1", "store set key:k\tx bytes:1"},
      {"set k\0x 0 0 1"s, "store set key:k\0x bytes:1"s},
  });
}

TEST(ClassicParser, FlagsAre32BitsAndExptimeIs64) {
  expect_rows({
      {"set k 4294967295 9223372036854775807 1",
       "store set key:k flags:4294967295 exptime:9223372036854775807 bytes:1"},
      {"set k 4294967296 0 1", "invalid bad_line swallow:3"},
      {"set k 0 9223372036854775808 1", "invalid bad_line swallow:3"},
      {"set k 0 4294967297 1", "store set key:k exptime:4294967297 bytes:1"},
      {"set k 0 -1 1", "store set key:k exptime:-1 bytes:1"},
      {"set k +5 +5 1", "store set key:k flags:5 exptime:5 bytes:1"},
      {"set k -1 0 1", "invalid bad_line swallow:3"},
      {"set k +-1 0 1", "invalid bad_line swallow:3"},
      {"set k + 0 1", "invalid bad_line swallow:3"},
      {"set k 0 +-1 1", "invalid bad_line swallow:3"},
      {"set k 1x 0 1", "invalid bad_line swallow:3"},
      {"set k 0 1x 1", "invalid bad_line swallow:3"},
      {"set k 0 - 1", "invalid bad_line swallow:3"},
  });
}

TEST(ClassicParser, ARefusedStorageLineWithAUsableLengthTakesItsValueAlong) {
  expect_rows({
      {"set " + kOverlongKey + " 0 0 100", "invalid bad_line swallow:102"},
      {"set " + kOverlongKey + " 0 0 100 noreply", "invalid bad_line noreply swallow:102"},
      {"set k x 0 2147483645", "invalid bad_line swallow:2147483647"},
      {"cas k 0 0 5", "invalid bad_line swallow:7"},
      {"cas k 0 0 5 x", "invalid bad_line swallow:7"},
      {"cas k 0 0 5 -1", "invalid bad_line swallow:7"},
      {"cas k 0 0 5 18446744073709551616", "invalid bad_line swallow:7"},
      {"cas k 0 0 5 noreply", "invalid bad_line noreply swallow:7"},
  });
}

TEST(ClassicParser, ALengthDecidesWhetherTheStreamCanBeSaved) {
  expect_rows({
      {"set k 0 0 2147483645", "store set key:k bytes:2147483645"},
      {"set k 0 0 2147483646", "invalid bad_line close_after"},
      {"set k 0 0 4294967301", "invalid bad_line close_after"},
      {"set k 0 0 18446744073709551616", "invalid bad_line close_after"},
      {"set k 0 0 99999999999999999999999999", "invalid bad_line close_after"},
      {"set k 0 0 -1", "invalid bad_line close_after"},
      {"set k 0 0 -99999999999999999999999999", "invalid bad_line close_after"},
      {"set k 0 0 -1 noreply", "invalid bad_line close_after"},
      {"set k 0 0 abc", "invalid bad_line"},
      {"set k 0 0 abc noreply", "invalid bad_line"},
      {"set k 0 0 1x", "invalid bad_line"},
      {"set k 0 0 +1", "invalid bad_line"},
      {"set k 0 0 -", "invalid bad_line"},
      {"set k 0 0 1\t", "invalid bad_line"},
      {"set k 0 0", "invalid bad_line"},
      {"set k 0", "invalid bad_line"},
      {"set k", "invalid bad_line"},
      {"set", "invalid bad_line"},
      {"set k 0 0 noreply", "invalid bad_line"},
  });
}

TEST(ClassicParser, NoreplyIsTheLastWordAndNoOther) {
  expect_rows({
      {"set k 0 0 1 noreply", "store set key:k bytes:1 noreply"},
      {"set k 0 0 1 noreply x", "store set key:k bytes:1"},
      {"set k 0 0 1 x noreply", "store set key:k bytes:1 noreply"},
      {"set k 0 0 1 noreplyx", "store set key:k bytes:1"},
      {"set k 0 0 1 NOREPLY", "store set key:k bytes:1"},
      {"set k 0 0 1 xnoreply", "store set key:k bytes:1"},
      {"set k 0 0 1 noreply   ", "store set key:k bytes:1 noreply"},
      {"cas k 0 0 1 9 noreply", "store cas key:k bytes:1 cas:9 noreply"},
      {"delete k noreply", "remove key:k noreply"},
      {"delete knoreply", "remove key:knoreply"},
      {"incr k 1 noreply", "arith key:k delta:1 noreply"},
      {"touch k 1 noreply", "touch key:k exptime:1 noreply"},
      {"flush_all noreply", "flush_all noreply"},
      {"verbosity 1 noreply", "verbosity arg:1 noreply"},
      {"verbosity noreply", "verbosity noreply"},
      {"cache_memlimit 64 noreply", "cache_memlimit arg:64 noreply"},
      {"shutdown graceful noreply", "shutdown arg:graceful noreply"},
      {"stats noreply", "stats arg:noreply"},
      {"version noreply", "version arg:noreply"},
  });
}

TEST(ClassicParser, DeleteIgnoresWhatFollowsTheKey) {
  expect_rows({
      {"delete k", "remove key:k"},
      {"delete k 0", "remove key:k"},
      {"delete k 0 noreply", "remove key:k noreply"},
      {"delete k 0 noreply", "remove key:k noreply"},
      {"delete k 5", "invalid bad_line"},
      {"delete k a b c d e f g h i j k l m n", "invalid bad_line"},
      {"delete noreply", "remove key:noreply"},
      {"delete", "invalid bad_line"},
      {"delete " + kOverlongKey, "invalid bad_line"},
      {"delete " + kOverlongKey + " noreply", "invalid bad_line noreply"},
      {"delete " + kLongKey, "remove key:" + kLongKey},
  });
}

TEST(ClassicParser, DeltasAreUnsigned64BitNumbers) {
  expect_rows({
      {"incr k 1", "arith key:k delta:1"},
      {"decr k 1", "arith key:k negative delta:1"},
      {"incr k 18446744073709551615", "arith key:k delta:18446744073709551615"},
      {"incr k 18446744073709551616", "invalid bad_delta"},
      {"incr k -1", "invalid bad_delta"},
      {"incr k +1", "invalid bad_delta"},
      {"incr k abc", "invalid bad_delta"},
      {"incr k abc noreply", "invalid bad_delta noreply"},
      {"incr k noreply", "invalid bad_delta noreply"},
      {"incr k", "invalid bad_line"},
      {"decr", "invalid bad_line"},
      {"incr " + kOverlongKey + " 1", "invalid bad_line"},
  });
}

TEST(ClassicParser, TouchTakesAnExptime) {
  expect_rows({
      {"touch k 0", "touch key:k"},
      {"touch k 60", "touch key:k exptime:60"},
      {"touch k -1", "touch key:k exptime:-1"},
      {"touch k 4294967297", "touch key:k exptime:4294967297"},
      {"touch k 9223372036854775808", "invalid bad_exptime"},
      {"touch k abc", "invalid bad_exptime"},
      {"touch k abc noreply", "invalid bad_exptime noreply"},
      {"touch k 1a", "invalid bad_exptime"},
      {"touch k", "invalid bad_line"},
      {"touch " + kOverlongKey + " 0", "invalid bad_line"},
  });
}

TEST(ClassicParser, FlushAllMayBeDelayed) {
  expect_rows({
      {"flush_all", "flush_all"},
      {"flush_all 0", "flush_all arg:0"},
      {"flush_all 10", "flush_all exptime:10 arg:10"},
      {"flush_all -10", "flush_all exptime:-10 arg:-10"},
      {"flush_all 10 noreply", "flush_all exptime:10 arg:10 noreply"},
      {"flush_all x", "invalid bad_exptime arg:x"},
      {"flush_all x noreply", "invalid bad_exptime arg:x noreply"},
  });
}

TEST(ClassicParser, AdminCommandsHandTheirWordsOn) {
  expect_rows({
      {"version", "version"},
      {"quit", "quit close_after"},
      {"watch", "watch"},
      {"watch fetchers  noreply", "watch arg:fetchers arg:noreply"},
      {"quit now", "quit arg:now close_after"},
      {"stats", "stats"},
      {"stats settings", "stats arg:settings"},
      {"verbosity", "verbosity"},
      {"cache_memlimit", "cache_memlimit"},
      {"shutdown", "shutdown"},
      {"stats a b c d e f g h", "stats arg:a arg:b arg:c arg:d arg:e arg:f arg:g arg:h"},
      {"stats a b c d e f g h i j k l m n",
       "stats arg:a arg:b arg:c arg:d arg:e arg:f arg:g arg:h arg:i arg:j arg:k arg:l"},
      {"verbosity a b c d e f g h noreply", "verbosity arg:a arg:b arg:c arg:d arg:e arg:f arg:g arg:h noreply"},
  });
}

TEST(ClassicParser, EverythingElseIsUnknown) {
  expect_rows({
      {"foo", "invalid unknown_command"},
      {"foo bar noreply", "invalid unknown_command"},
      {"SET k 0 0 1", "invalid unknown_command"},
      {"Version", "invalid unknown_command"},
      {" version", "invalid unknown_command"},
      {"    ", "invalid unknown_command"},
      {"", "invalid unknown_command"},
      {"set\tk 0 0 1", "invalid unknown_command"},
      {"set\0 k 0 0 1"s, "invalid unknown_command"},
      {"\0\0\0\0"s, "invalid unknown_command"},
      {"deletes k", "invalid unknown_command"},
      {"set2 k 0 0 1", "invalid unknown_command"},
      {"\xff\xfe\xfd\xfc", "invalid unknown_command"},
  });
}

TEST(ClassicParser, ClientsThatSpeakHttpAreCutOff) {
  expect_rows({
      {"GET / HTTP/1.1", "close"},
      {"POST /x HTTP/2  ", "close"},
      {"foo HTTP/1.1 bar", "invalid unknown_command"},
      {"HTTP/1.1", "invalid unknown_command"},
      {"foo xHTTP/1.1", "invalid unknown_command"},
      {"foo HTTP", "invalid unknown_command"},
      {"delete k HTTP/1.1", "invalid bad_line"},
  });
}

TEST(ClassicParser, HeadsOfGetLinesAreTold) {
  const auto form = [](std::string_view line) {
    const GetHead head = get_head(line);
    return std::string(line.substr(0, head.size)) + ":" + name_of(head.form) + (head.with_touch ? ":touch" : "");
  };
  EXPECT_EQ(form("get a"), "get:get");
  EXPECT_EQ(form("gets a"), "gets:gets");
  EXPECT_EQ(form("gat 0 a"), "gat:get:touch");
  EXPECT_EQ(form("gats 0 a"), "gats:gets:touch");
  EXPECT_EQ(form("get"), "get:get");
  EXPECT_EQ(form("gats"), "gats:gets:touch");
  for (const std::string_view line :
       {"", "g", "ge", "getx a", "getss a", "git a", "get\ta", "set a", "GET a", " get a"}) {
    EXPECT_EQ(get_head(line).size, 0U) << line;
  }
}

}  // namespace
}  // namespace martlet::protocol
