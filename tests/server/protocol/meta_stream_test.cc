// Streams of meta commands, and the requests that come out of them whatever pieces they arrive in.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/server/protocol/stream_driver.h"

namespace martlet::protocol {
namespace {

using Events = std::vector<std::string>;

Events events_of(std::string_view stream, size_t piece, size_t capacity = 16 * 1024) {
  StreamDriver driver(capacity);
  driver.feed(stream, piece);
  return driver.events();
}

// Cut into pieces of every size, and once at every byte.
void expect_however_cut(std::string_view stream, const Events& expected) {
  for (size_t piece = 1; piece <= stream.size(); ++piece) {
    EXPECT_EQ(events_of(stream, piece), expected) << "in pieces of " << piece;
  }
  for (size_t at = 1; at < stream.size(); ++at) {
    StreamDriver driver;
    driver.feed(stream.substr(0, at), 0);
    driver.feed(stream.substr(at), 0);
    EXPECT_EQ(driver.events(), expected) << "cut at " << at;
  }
}

TEST(MetaStream, AConversationIsTheSameHoweverItIsCut) {
  expect_however_cut(
      "mg k v t Oid\r\nms k 3 T30\r\nabc\r\nmd k q\nma n D2 v\r\nme k\r\nmn\r\nget k\r\nmg Zm9v b k\r\n",
      {"get as:meta key:k return:tO opaque:id", "store set as:meta key:k with_touch exptime:30 bytes:3 no_value",
       "value good", "remove as:meta key:k quiet no_value", "arith as:meta key:n delta:2",
       "inspect as:meta key:k no_value", "noop as:meta", "get as:get key:k", "noop as:end",
       "get as:meta key:foo base64 no_value return:k"});
}

TEST(MetaStream, ValuesOfRefusedStoresAreDropped) {
  expect_however_cut("ms k 11 S1\r\nflush_all\r\n\r\nms k 4 v v\r\nmn\r\n\r\nms Zm9 2 b\r\nmn\r\nmn\r\n",
                     {"invalid invalid_flag swallow:13", "invalid duplicate_flag swallow:6",
                      "invalid bad_base64_key swallow:4", "noop as:meta"});
}

TEST(MetaStream, AStoreWithAnUnusableLengthCloses) {
  expect_however_cut("ms k -1\r\nflush_all\r\n", {"invalid bad_line close_after"});
  expect_however_cut("ms k 2147483646 v v\r\nflush_all\r\n", {"invalid bad_line close_after"});
  expect_however_cut("ms k x\r\nmn\r\n", {"invalid bad_line", "noop as:meta"});
}

TEST(MetaStream, TheRestOfABrokenValueIsDropped) {
  expect_however_cut("ms k 2\r\nabcdmn\r\nmn\r\n",
                     {"store set as:meta key:k bytes:2 no_value", "value bad", "noop as:meta"});
}

TEST(MetaStream, ShortAndUnknownLines) {
  expect_however_cut("mn\nmg\r\nmx k\r\nmgk v\r\n",
                     {"invalid bad_line", "invalid bad_line", "invalid unknown_command", "invalid unknown_command"});
}

TEST(MetaStream, ALineOfMoreThan2048BytesCloses) {
  for (const size_t piece : {0U, 1U, 7U, 64U, 2048U}) {
    EXPECT_EQ(events_of("mg " + std::string(3000, 'k') + "\r\nmn\r\n", piece), (Events{"close"})) << piece;
    EXPECT_EQ(events_of("mg k" + std::string(2000, ' ') + "v\r\nmn\r\n", piece),
              (Events{"get as:meta key:k", "noop as:meta"}))
        << piece;
  }
}

TEST(MetaStream, ALongPipelineComesOutWhole) {
  std::string stream;
  Events expected;
  for (int i = 0; i < 5000; ++i) {
    const std::string key = "key" + std::to_string(i);
    stream += "mg " + key + " v q k O" + std::to_string(i) + "\r\n";
    expected.push_back("get as:meta key:" + key + " quiet return:kO opaque:" + std::to_string(i));
  }
  stream += "mn\r\n";
  expected.emplace_back("noop as:meta");
  for (const size_t piece : {0U, 1U, 3U, 1000U}) EXPECT_EQ(events_of(stream, piece), expected) << piece;
}

}  // namespace
}  // namespace martlet::protocol
