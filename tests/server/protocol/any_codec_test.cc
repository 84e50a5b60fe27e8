// One face for two dialects.
#include "server/protocol/any_codec.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/server/protocol/recording_sink.h"
#include "tests/support/binary_packet.h"

namespace martlet::protocol {
namespace {

TEST(AnyCodec, SpeaksTextUnlessToldOtherwise) {
  AnyCodec codec;
  EXPECT_EQ(codec.name(), "ascii");
  EXPECT_FALSE(codec.is_binary());
  codec.speak(Dialect::ascii);
  EXPECT_EQ(codec.name(), "ascii");
  EXPECT_EQ(codec.trailer_size(), 2U);
  EXPECT_EQ(codec.finish_value("\r\n"), Trailer::good);
  EXPECT_EQ(codec.finish_value("xx"), Trailer::bad);
  EXPECT_TRUE(codec.mid_request());  // in the rest of a broken value
}

TEST(AnyCodec, SpeaksBinaryOnceToldTo) {
  AnyCodec codec;
  codec.speak(Dialect::binary);
  EXPECT_EQ(codec.name(), "binary");
  EXPECT_TRUE(codec.is_binary());
  EXPECT_EQ(codec.trailer_size(), 0U);
  EXPECT_EQ(codec.finish_value(""), Trailer::good);

  support::Packet noop;
  noop.opcode = 0x0a;
  Request request;
  const Parsed parsed = codec.parse(noop.bytes(), false, &request);
  EXPECT_EQ(parsed.status, ParseStatus::request);
  EXPECT_EQ(parsed.consumed, 24U);
  EXPECT_EQ(request.verb, Verb::noop);
  EXPECT_FALSE(codec.mid_request());

  RecordingSink sink;
  EXPECT_TRUE(codec.write_reply(request, Response::of(Outcome::end), sink));
  noop.magic = 0x81;
  EXPECT_EQ(sink.text, noop.bytes());
}

TEST(AnyCodec, TakesHardlyMoreRoomThanTheTextCodec) { EXPECT_LE(sizeof(AnyCodec), sizeof(TextCodec) + 8); }

}  // namespace
}  // namespace martlet::protocol
