// Streams of packets, and the requests that come out of them whatever pieces they arrive in.
#include "server/protocol/binary_codec.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/server/protocol/stream_driver.h"
#include "tests/support/binary_packet.h"

namespace martlet::protocol {
namespace {

using namespace std::string_literals;
using support::big32;
using support::big64;
using support::header;
using support::Packet;

using Events = std::vector<std::string>;

Events events_of(std::string_view stream, size_t piece, size_t capacity = 16 * 1024) {
  StreamDriver driver(capacity, Dialect::binary);
  driver.feed(stream, piece);
  return driver.events();
}

void expect_in_any_pieces(std::string_view stream, const Events& expected) {
  for (const size_t piece : {1U, 2U, 3U, 5U, 7U, 23U, 24U, 25U, 64U, 0U}) {
    EXPECT_EQ(events_of(stream, piece), expected) << "in pieces of " << piece;
  }
}

// Without an opaque, to keep the expectations short.
std::string packet(uint8_t opcode, std::string key = {}, std::string extras = {}, std::string value = {},
                   uint64_t cas = 0) {
  Packet out;
  out.opcode = opcode;
  out.key = std::move(key);
  out.extras = std::move(extras);
  out.value = std::move(value);
  out.cas = big64(cas);
  out.opaque = 0;
  return out.bytes();
}

const std::string kVersion = packet(0x0b);
const std::string kVersionEvent = "version as:binary";

// The refusals below are of packets with the usual opaque.
const std::string kEcho = " echo:" + std::to_string(support::kOpaque);
const std::string kInvalid = "invalid invalid_arguments as:binary close_after" + kEcho;
const std::string kImpossible = "invalid unknown_opcode as:binary close_after" + kEcho;

TEST(BinaryCodec, AConversationIsTheSameInPiecesOfAnySize) {
  expect_in_any_pieces(
      packet(0x01, "a", big32(1) + big32(2), "value") + packet(0x00, "a") + packet(0x11, "b", big32(0) + big32(0)) +
          packet(0x05, "n", big64(5) + big64(7) + big32(60)) + packet(0x0a) + packet(0x04, "a") + packet(0x07),
      {"store set as:binary key:a flags:1 exptime:2 bytes:5", "value good", "get as:binary key:a",
       "store set as:binary key:b bytes:0 quiet", "value good", "arith as:binary key:n delta:5 vivify:60 initial:7",
       "noop as:binary", "remove as:binary key:a", "quit as:binary"});
}

TEST(BinaryCodec, GetsOfEveryKind) {
  for (const uint8_t opcode : std::initializer_list<uint8_t>{0x00, 0x0c})
    expect_in_any_pieces(packet(opcode, "k"), {"get as:binary key:k"});
  for (const uint8_t opcode : std::initializer_list<uint8_t>{0x09, 0x0d})
    expect_in_any_pieces(packet(opcode, "k"), {"get as:binary key:k quiet"});
  for (const uint8_t opcode : std::initializer_list<uint8_t>{0x1d, 0x23}) {
    expect_in_any_pieces(packet(opcode, "k", big32(9)), {"get as:binary key:k with_touch exptime:9"});
  }
  for (const uint8_t opcode : std::initializer_list<uint8_t>{0x1e, 0x24}) {
    expect_in_any_pieces(packet(opcode, "k", big32(9)), {"get as:binary key:k with_touch exptime:9 quiet"});
  }
  expect_in_any_pieces(packet(0x1c, "k", big32(9)), {"get as:binary key:k with_touch exptime:9 no_value"});
}

TEST(BinaryCodec, StoresOfEveryKind) {
  const std::vector<std::pair<std::string, std::pair<uint8_t, uint8_t>>> kinds = {
      {"set", {0x01, 0x11}}, {"add", {0x02, 0x12}}, {"replace", {0x03, 0x13}}};
  for (const auto& [name, opcodes] : kinds) {
    const std::string event = "store " + name + " as:binary key:k flags:4294967295 exptime:4294967295 bytes:3";
    const std::string extras = big32(0xffffffff) + big32(0xffffffff);
    expect_in_any_pieces(packet(opcodes.first, "k", extras, "abc"), {event, "value good"});
    expect_in_any_pieces(packet(opcodes.second, "k", extras, "abc"), {event + " quiet", "value good"});
    // An id turns each of them into a store over the item that has it.
    expect_in_any_pieces(packet(opcodes.first, "k", big64(0), "abc", 9),
                         {"store cas as:binary key:k bytes:3 cas:9 compare_cas", "value good"});
  }
  expect_in_any_pieces(packet(0x0e, "k", "", "abc"), {"store append as:binary key:k bytes:3", "value good"});
  expect_in_any_pieces(packet(0x19, "k", "", "abc"), {"store append as:binary key:k bytes:3 quiet", "value good"});
  expect_in_any_pieces(packet(0x0f, "k", "", "abc", 9),
                       {"store prepend as:binary key:k bytes:3 cas:9 compare_cas", "value good"});
  expect_in_any_pieces(packet(0x1a, "k", "", ""), {"store prepend as:binary key:k bytes:0 quiet", "value good"});
}

TEST(BinaryCodec, NumbersWithAndWithoutAStart) {
  expect_in_any_pieces(packet(0x05, "k", big64(1) + big64(7) + big32(0), "", 3),
                       {"arith as:binary key:k cas:3 delta:1 compare_cas vivify:0 initial:7"});
  expect_in_any_pieces(packet(0x15, "k", big64(1) + big64(0) + big32(0xffffffff)),
                       {"arith as:binary key:k delta:1 quiet"});
  expect_in_any_pieces(packet(0x06, "k", big64(UINT64_MAX) + big64(0) + big32(0xfffffffe)),
                       {"arith as:binary key:k negative delta:18446744073709551615 vivify:4294967294"});
  expect_in_any_pieces(packet(0x16, "k", big64(2) + big64(0) + big32(0xffffffff)),
                       {"arith as:binary key:k negative delta:2 quiet"});
}

TEST(BinaryCodec, TheRest) {
  expect_in_any_pieces(packet(0x04, "k", "", "", 5), {"remove as:binary key:k cas:5 compare_cas"});
  expect_in_any_pieces(packet(0x14, "k"), {"remove as:binary key:k quiet"});
  expect_in_any_pieces(packet(0x08), {"flush_all as:binary"});
  expect_in_any_pieces(packet(0x08, "", big32(10)), {"flush_all as:binary exptime:10"});
  expect_in_any_pieces(packet(0x18, "", big32(0)), {"flush_all as:binary quiet"});
  expect_in_any_pieces(packet(0x17), {"quit as:binary quiet"});
  expect_in_any_pieces(packet(0x10), {"stats as:binary"});
  expect_in_any_pieces(packet(0x10, "settings"), {"stats as:binary arg:settings"});
  expect_in_any_pieces(packet(0x10, "detail dump"), {"stats as:binary arg:detail arg:dump"});
}

TEST(BinaryCodec, ListingsWithoutABinaryFormAreNotFound) {
  for (const char* const name : {"conns", "cachedump", "extstore", "threads", "rese", "resetx", "detail", "detail ",
                                 "detail onx", "cachedump 1 2"}) {
    expect_in_any_pieces(packet(0x10, name) + kVersion, {"invalid unknown_stats as:binary", kVersionEvent});
  }
}

TEST(BinaryCodec, KeysAreAnyBytesOfUpTo250) {
  const std::string longest(250, 'k');
  expect_in_any_pieces(packet(0x00, longest), {"get as:binary key:" + longest});
  expect_in_any_pieces(packet(0x00, "a b\r\n\0\x80"s), {"get as:binary key:a b\r\n\0\x80"s});
  expect_in_any_pieces(header(0x00, 251, 0, 251) + std::string(251, 'k') + kVersion, {kInvalid});
  expect_in_any_pieces(header(0x1b, 251, 0, 251), {kInvalid});
  expect_in_any_pieces(header(0x00, 65535, 0, 65535), {kInvalid});
}

TEST(BinaryCodec, AnUnknownOpcodeTakesExactlyItsBodyWithIt) {
  for (int opcode = 0; opcode < 256; ++opcode) {
    const auto op = static_cast<uint8_t>(opcode);
    const bool served = op <= 0x24 && op != 0x1b && op != 0x1f;
    if (served) continue;
    expect_in_any_pieces(packet(op) + kVersion, {"invalid unknown_opcode as:binary", kVersionEvent});
    expect_in_any_pieces(packet(op, "key", "extras", "value") + kVersion,
                         {"invalid unknown_opcode as:binary swallow:14", kVersionEvent});
    // A body that looks like a packet is none.
    expect_in_any_pieces(packet(op, "", "", packet(0x08)) + kVersion,
                         {"invalid unknown_opcode as:binary swallow:24", kVersionEvent});
  }
}

TEST(BinaryCodec, LoginIsUnknownAndTakesItsBodyWithIt) {
  expect_in_any_pieces(packet(0x20) + kVersion, {"invalid unknown_opcode as:binary", kVersionEvent});
  expect_in_any_pieces(packet(0x21, "PLAIN", "", "\0me\0secret"s) + kVersion,
                       {"invalid unknown_opcode as:binary swallow:15", kVersionEvent});
  expect_in_any_pieces(packet(0x22, "PLAIN") + kVersion, {"invalid unknown_opcode as:binary swallow:5", kVersionEvent});
  expect_in_any_pieces(header(0x20, 1, 0, 1), {kInvalid});
  expect_in_any_pieces(header(0x21, 0, 0, 4), {kInvalid});
  expect_in_any_pieces(header(0x21, 5, 1, 6), {kInvalid});
}

TEST(BinaryCodec, BytesBehindTheKeyOfATouchOrAStatAreNeverExecuted) {
  const std::string poison = packet(0x08);
  expect_in_any_pieces(packet(0x1c, "k", big32(9), poison) + kVersion,
                       {"get as:binary key:k with_touch exptime:9 no_value swallow:24", kVersionEvent});
  expect_in_any_pieces(packet(0x1e, "k", big32(9), poison) + kVersion,
                       {"get as:binary key:k with_touch exptime:9 quiet swallow:24", kVersionEvent});
  expect_in_any_pieces(packet(0x10, "items", "", poison) + kVersion,
                       {"stats as:binary arg:items swallow:24", kVersionEvent});
}

TEST(BinaryCodec, AnotherMagicClosesWithoutAWord) {
  expect_in_any_pieces(kVersion + "version\r\n", {kVersionEvent, "close"});
  expect_in_any_pieces(kVersion + "\x81" + std::string(23, '\0'), {kVersionEvent, "close"});
}

TEST(BinaryCodec, SizesThatContradictEachOtherEndTheStream) {
  for (int opcode = 0; opcode < 256; ++opcode) {
    const auto op = static_cast<uint8_t>(opcode);
    expect_in_any_pieces(header(op, 2, 0, 1) + kVersion, {kImpossible});
    expect_in_any_pieces(header(op, 0, 9, 8) + kVersion, {kImpossible});
    expect_in_any_pieces(header(op, 250, 8, 257), {kImpossible});
    expect_in_any_pieces(header(op, 65535, 255, 65536), {kImpossible});
  }
}

TEST(BinaryCodec, BodiesEndAtOneGibibyte) {
  constexpr size_t kGibibyte = size_t{1} << 30;
  expect_in_any_pieces(header(0x01, 1, 8, kGibibyte + 1) + "extras..k", {kInvalid});
  expect_in_any_pieces(header(0x1b, 0, 0, kGibibyte + 1), {kInvalid});
  expect_in_any_pieces(header(0x01, 1, 8, 0xffffffff), {kInvalid});
  expect_in_any_pieces(header(0x0e, 1, 0, kGibibyte) + "k", {"store append as:binary key:k bytes:1073741823" + kEcho});
  expect_in_any_pieces(header(0x1b, 0, 0, kGibibyte), {"invalid unknown_opcode as:binary swallow:1073741824" + kEcho});
}

struct Shape {
  std::vector<uint8_t> opcodes;
  size_t extras;
  bool keyed;
  bool exact;  // nothing may follow the key
};

const std::vector<Shape>& shapes() {
  static const std::vector<Shape> kShapes = {{{0x00, 0x09, 0x0c, 0x0d, 0x04, 0x14}, 0, true, true},
                                             {{0x1c, 0x1d, 0x1e, 0x23, 0x24}, 4, true, false},
                                             {{0x01, 0x02, 0x03, 0x11, 0x12, 0x13}, 8, true, false},
                                             {{0x0e, 0x0f, 0x19, 0x1a}, 0, true, false},
                                             {{0x05, 0x06, 0x15, 0x16}, 20, true, true},
                                             {{0x07, 0x17, 0x0a, 0x0b}, 0, false, true},
                                             {{0x08, 0x18}, 4, false, true}};
  return kShapes;
}

TEST(BinaryCodec, WrongShapesEndTheStream) {
  for (const Shape& shape : shapes()) {
    const size_t key = shape.keyed ? 3 : 0;
    for (const uint8_t op : shape.opcodes) {
      SCOPED_TRACE(static_cast<int>(op));
      const auto expect_refused = [op](size_t key_size, size_t extras_size, size_t rest) {
        const size_t body = key_size + extras_size + rest;
        EXPECT_EQ(events_of(header(op, key_size, extras_size, body) + std::string(body, '\x80'), 0), Events{kInvalid})
            << key_size << " " << extras_size << " " << rest;
      };
      expect_refused(key, shape.extras + 1, 0);
      expect_refused(key, 255, 0);
      const bool flush = shape.extras == 4 && !shape.keyed;
      if (shape.extras > 0) expect_refused(key, shape.extras - 1, 0);
      if (shape.extras > 0 && !flush) expect_refused(key, 0, 0);
      expect_refused(shape.keyed ? 0 : 3, shape.extras, 0);
      if (shape.exact) expect_refused(key, shape.extras, 1);
    }
  }
  EXPECT_EQ(events_of(header(0x10, 0, 4, 4) + big32(0), 0), Events{kInvalid});
}

TEST(BinaryCodec, AHeaderThatIsNotCompleteIsWaitedFor) {
  const std::string get = packet(0x00, "key");
  for (size_t size = 0; size < get.size(); ++size) {
    BinaryCodec codec;
    Request request;
    const Parsed parsed = codec.parse(get.substr(0, size), false, &request);
    EXPECT_EQ(parsed.status, ParseStatus::need_more) << size;
    EXPECT_EQ(parsed.consumed, 0U);
    EXPECT_FALSE(codec.mid_request());
  }
}

TEST(BinaryCodec, TypeAndReservedBytesDoNotMatter) {
  Packet get;
  get.key = "k";
  get.data_type = 0xff;
  get.status = 0xffff;
  get.opaque = 0;
  expect_in_any_pieces(get.bytes(), {"get as:binary key:k"});
}

}  // namespace
}  // namespace martlet::protocol
