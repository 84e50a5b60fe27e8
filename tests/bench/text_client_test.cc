// The checking client must notice every reply that cannot be right; a test here plays the server that gives it.
#include "tests/bench/text_client.h"

#include <gtest/gtest.h>

#include "tests/bench/errors.h"
#include "tests/bench/fake_peer.h"

namespace martlet::bench {
namespace {

class BenchTextClient : public testing::Test {
 protected:
  BenchTextClient() : client_(TextClient::connect(peer_.endpoint(), Milliseconds(200))), server_(peer_.accept()) {}

  FakePeer peer_;
  TextClient client_;
  Socket server_;
};

TEST_F(BenchTextClient, AWholeValueIsReturnedAndAMissIsNone) {
  say(server_, "VALUE key 0 5\r\nab\r\nc\r\nEND\r\nEND\r\n");
  EXPECT_EQ(client_.get("key"), "ab\r\nc");
  EXPECT_EQ(client_.get("key"), std::nullopt);
}

TEST_F(BenchTextClient, AValueOfAnotherKeyIsRefused) {
  say(server_, "VALUE kez 0 1\r\na\r\nEND\r\n");
  EXPECT_THROW(static_cast<void>(client_.get("key")), BenchError);
}

TEST_F(BenchTextClient, AValueLongerThanItsHeaderIsRefused) {
  say(server_, "VALUE key 0 1\r\nab\r\nEND\r\n");
  EXPECT_THROW(static_cast<void>(client_.get("key")), BenchError);
}

TEST_F(BenchTextClient, ALengthThatIsNoNumberIsRefused) {
  say(server_, "VALUE key 0 1x\r\na\r\nEND\r\n");
  EXPECT_THROW(static_cast<void>(client_.get("key")), BenchError);
}

TEST_F(BenchTextClient, AMissingLengthIsRefused) {
  say(server_, "VALUE key 0 \r\n\r\nEND\r\n");
  EXPECT_THROW(static_cast<void>(client_.get("key")), BenchError);
}

TEST_F(BenchTextClient, ALineWithoutCarriageReturnIsRefused) {
  say(server_, "VERSION 1\n");
  EXPECT_THROW(static_cast<void>(client_.version()), BenchError);
}

TEST_F(BenchTextClient, AnythingButStoredFailsASet) {
  say(server_, "NOT_STORED\r\n");
  EXPECT_THROW(client_.set("key", "value"), BenchError);
}

TEST_F(BenchTextClient, SilenceIsAnErrorThatIsNotTheStreamsEnd) {
  try {
    static_cast<void>(client_.version());
    FAIL() << "silence was taken for a reply";
  } catch (const StreamEnded&) {
    FAIL() << "silence was taken for the end of the stream";
  } catch (const BenchError&) {
  }
}

TEST_F(BenchTextClient, AStreamThatEndsBetweenTwoRepliesIsNotCut) {
  say(server_, "STORED\r\n");
  server_.close();
  client_.mark();
  EXPECT_EQ(client_.read_line(), "STORED");
  client_.mark();
  EXPECT_THROW(static_cast<void>(client_.read_line()), StreamEnded);
  EXPECT_EQ(client_.bytes_since_mark(), 0U);
}

TEST_F(BenchTextClient, AStreamThatEndsInsideAReplyIsCut) {
  say(server_, "STORED\r\nVALUE key 0 5\r\nab");
  client_.mark();
  EXPECT_EQ(client_.read_line(), "STORED");
  client_.mark();
  server_.abort();
  EXPECT_THROW(static_cast<void>(client_.read_get_reply("key")), StreamEnded);
  EXPECT_GT(client_.bytes_since_mark(), 0U);
}

TEST_F(BenchTextClient, StatisticsThatAreMissingOrNotNumbersAreRefused) {
  say(server_, "STAT a 12\r\nSTAT b 12x\r\nEND\r\nSTAT a 12\r\nSTAT b 12x\r\nEND\r\nSTAT a 12\r\nEND\r\n");
  EXPECT_EQ(client_.stat("a"), 12U);
  EXPECT_THROW(static_cast<void>(client_.stat("b")), BenchError);
  EXPECT_THROW(static_cast<void>(client_.stat("b")), BenchError);
}

}  // namespace
}  // namespace martlet::bench
