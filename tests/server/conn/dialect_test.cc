// Which dialect a connection speaks, what is logged of it, and binary values of every size through the state machine.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "tests/server/conn/conn_room.h"
#include "tests/support/binary_packet.h"

namespace martlet::conn {
namespace {

using protocol::Dialect;
using support::big32;
using support::Packet;

RoomOptions demanding(Dialect dialect, int verbosity = 0) {
  RoomOptions options;
  options.conn.protocol = dialect;
  options.verbosity = verbosity;
  return options;
}

std::string packet(uint8_t opcode, std::string key = {}, std::string extras = {}, std::string value = {}) {
  Packet out;
  out.opcode = opcode;
  out.key = std::move(key);
  out.extras = std::move(extras);
  out.value = std::move(value);
  return out.bytes();
}

std::string answer(uint8_t opcode, uint16_t status = 0, std::string value = {}) {
  Packet out;
  out.magic = 0x81;
  out.opcode = opcode;
  out.status = status;
  out.value = std::move(value);
  return out.bytes();
}

const std::string kNoop = packet(0x0a);
const std::string kTooLarge = answer(0x01, 0x03, "Too large.");

TEST(ConnectionDialect, TheFirstByteDecidesForLife) {
  ConnRoom room;
  HandDriven binary(room);
  EXPECT_EQ(binary.say("\x80"), Wait::readable);
  EXPECT_EQ(binary.say(kNoop.substr(1)), Wait::readable);
  EXPECT_EQ(binary.transport.received(), answer(0x0a));
  EXPECT_EQ(binary.say("version\r\n"), Wait::closed);
  EXPECT_EQ(binary.transport.received(), answer(0x0a));

  HandDriven text(room);
  EXPECT_EQ(text.say("bogus\r\n"), Wait::readable);
  const std::string before = text.transport.received();
  EXPECT_EQ(text.say(packet(0x0b) + "\r\n"), Wait::readable);
  EXPECT_EQ(text.transport.received(), before + "ERROR\r\n");
}

TEST(ConnectionDialect, AMismatchClosesWithoutAReply) {
  for (const auto& [demanded, bytes] : {std::pair<Dialect, std::string>{Dialect::ascii, kNoop},
                                        std::pair<Dialect, std::string>{Dialect::binary, "version\r\n"}}) {
    ConnRoom room(demanding(demanded));
    HandDriven client(room);
    EXPECT_EQ(client.say(bytes), Wait::closed);
    EXPECT_EQ(client.transport.received(), "");
    EXPECT_EQ(client.connection->close_reason(), CloseReason::error);
    client.destroy();
    room.expect_all_given_back();
  }
}

TEST(ConnectionDialect, WhatIsDemandedIsServed) {
  ConnRoom room(demanding(Dialect::binary));
  HandDriven client(room);
  EXPECT_EQ(client.say(kNoop), Wait::readable);
  EXPECT_EQ(client.transport.received(), answer(0x0a));
}

TEST(ConnectionDialect, LogsShowPacketsInWords) {
  ConnRoom room(demanding(Dialect::automatic, 2));
  HandDriven client(room);
  client.say(packet(0x01, std::string("k\n\0y", 4), big32(0) + big32(0), "secret value") + packet(0x00, "no"));
  const std::string log = room.log.text();
  EXPECT_NE(log.find("Client using the binary protocol"), std::string::npos) << log;
  EXPECT_NE(log.find("binary opcode 0x01 key 4 extras 8 body 24 opaque 0xdeadbeef cas 0 k\\x0a\\x00y\n"),
            std::string::npos)
      << log;
  EXPECT_NE(log.find("binary opcode 0x00 status 0x0001 key 0 extras 0 body 9 opaque 0xdeadbeef cas 0\n"),
            std::string::npos)
      << log;
  EXPECT_EQ(log.find("secret"), std::string::npos) << log;
}

TEST(ConnectionDialect, ValuesOfAnySizeArriveInAnyPieces) {
  for (const size_t size : {0U, 1U, 1000U, 16384U, 16385U, 100000U}) {
    for (const size_t max_read : {7U, 64U, 5000U, 16384U}) {
      RoomOptions options;
      options.max_read = max_read;
      ConnRoom room(options);
      HandDriven client(room);
      const std::string value(size, '\x80');
      client.say(packet(0x11, "key", big32(0) + big32(0), value) + kNoop);
      ASSERT_EQ(client.transport.received(), answer(0x0a)) << size << ", " << max_read << " bytes a read";
      client.say(packet(0x00, "key"));
      ASSERT_EQ(client.transport.received().size(), 24 + 24 + 4 + size);
      ASSERT_TRUE(client.transport.received().ends_with(value));
      client.destroy();
      room.expect_all_given_back();
    }
  }
}

TEST(ConnectionDialect, ARefusedValueIsDroppedToItsLastByte) {
  for (const size_t max_read : {7U, 16384U}) {
    RoomOptions options;
    options.max_read = max_read;
    options.cache.item_size_max = 1000;
    ConnRoom room(options);
    HandDriven client(room);
    client.say(packet(0x01, "key", big32(0) + big32(0), std::string(5000, '\x80')) + kNoop);
    EXPECT_EQ(client.transport.received(), kTooLarge + answer(0x0a));
  }
}

TEST(ConnectionDialect, MemoryThatGivesOutInTheMidstOfAValueIsTold) {
  ConnRoom room;
  room.fake().limit_upload_bytes(20'000);
  HandDriven client(room);
  client.say(packet(0x11, "key", big32(0) + big32(0), std::string(50'000, '\x80')) + kNoop);
  EXPECT_EQ(client.transport.received(), answer(0x11, 0x82, "Out of memory during read") + answer(0x0a));
  EXPECT_FALSE(room.fake().holds("key"));
}

}  // namespace
}  // namespace martlet::conn
