// Where the numbers of a packet's header lie, and how a packet reads in a log.
#include "server/protocol/binary_header.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/support/binary_packet.h"

namespace martlet::protocol {
namespace {

using namespace std::string_literals;

const std::string kWire =
    "\x80\x24\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16"s;

TEST(BinaryHeader, FieldsLieWhereTheProtocolPutsThem) {
  const BinaryHeader header = load_header(kWire.data());
  EXPECT_EQ(header.magic, 0x80);
  EXPECT_EQ(header.opcode, 0x24);
  EXPECT_EQ(header.key_size, 0x0102);
  EXPECT_EQ(header.extras_size, 0x03);
  EXPECT_EQ(header.data_type, 0x04);
  EXPECT_EQ(header.status, 0x0506);
  EXPECT_EQ(header.body_size, 0x0708090aU);
  EXPECT_EQ(header.opaque, 0x0b0c0d0eU);
  EXPECT_EQ(header.cas, 0x0f10111213141516U);
}

TEST(BinaryHeader, IsWrittenAsItIsRead) {
  std::string out(kBinaryHeaderSize, '#');
  EXPECT_EQ(store_header(out.data(), load_header(kWire.data())), out.data() + out.size());
  EXPECT_EQ(out, kWire);
}

TEST(BinaryHeader, IsReadFromAnyAddress) {
  for (size_t shift = 0; shift < 8; ++shift) {
    const std::string moved = std::string(shift, 'x') + kWire;
    EXPECT_EQ(load_header(moved.data() + shift).cas, 0x0f10111213141516U);
  }
}

TEST(BinaryHeader, NumbersAreBigEndian) {
  std::string out(8, '#');
  EXPECT_EQ(store_number(out.data(), uint64_t{0x0102030405060708}), out.data() + 8);
  EXPECT_EQ(out, "\x01\x02\x03\x04\x05\x06\x07\x08");
  EXPECT_EQ(load_number<uint64_t>(out.data()), 0x0102030405060708U);
  EXPECT_EQ(load_number<uint32_t>(out.data()), 0x01020304U);
  EXPECT_EQ(load_number<uint16_t>(out.data() + 6), 0x0708U);
}

TEST(PacketText, NamesHeaderAndKey) {
  support::Packet packet;
  packet.opcode = 0x01;
  packet.extras = std::string(8, '\0');
  packet.key = "hello";
  packet.value = "unseen";
  packet.cas = support::big64(77);
  EXPECT_EQ(PacketText(packet.bytes()).view(),
            "binary opcode 0x01 key 5 extras 8 body 19 opaque 0xdeadbeef cas 77 hello");
}

TEST(PacketText, RepliesShowTheirStatus) {
  support::Packet packet;
  packet.magic = 0x81;
  packet.status = 0x81;
  packet.value = "Unknown command";
  EXPECT_EQ(PacketText(packet.bytes()).view(),
            "binary opcode 0x00 status 0x0081 key 0 extras 0 body 15 opaque 0xdeadbeef cas 0");
}

TEST(PacketText, ShowsNoKeyThatIsNotThereOrTooLong) {
  EXPECT_EQ(PacketText(support::header(0, 250, 0, 250)).view(),
            "binary opcode 0x00 key 250 extras 0 body 250 opaque 0xdeadbeef cas 0");
  const std::string overlong = support::header(0, 300, 255, 555) + std::string(555, 'k');
  EXPECT_EQ(PacketText(overlong).view(), "binary opcode 0x00 key 300 extras 255 body 555 opaque 0xdeadbeef cas 0");
  const std::string longest = support::header(0, 250, 0, 250) + std::string(250, 'k');
  EXPECT_TRUE(PacketText(longest).view().ends_with(std::string(250, 'k')));
  EXPECT_EQ(PacketText("\x80\x00"s).view(), "binary, 2 bytes of a header");
  EXPECT_EQ(PacketText("").view(), "binary, 0 bytes of a header");
}

}  // namespace
}  // namespace martlet::protocol
