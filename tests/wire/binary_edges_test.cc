// Binary conversations about packets that are not as they should be: what is answered, and whether the stream goes on.
#include <string>
#include <vector>

#include "tests/wire/binary_text.h"
#include "tests/wire/conversation_test.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

using support::header;

constexpr size_t kGibibyte = size_t{1} << 30;

// A header with sizes that need not fit, and as many bytes as it announces.
std::string malformed(uint8_t op, size_t key_size, size_t extras_size, size_t rest = 0) {
  const size_t body = key_size + extras_size + rest;
  return header(op, key_size, extras_size, body) + std::string(body, 'k');
}

Conversation ends_with(std::string name, const std::string& packet, const std::string& answer) {
  return {std::move(name), {say(bare(kNoop), done(kNoop)), say_and_close(packet, answer)}};
}

// Answered with invalid arguments, then the end.
Conversation invalid_and_closed(std::string name, uint8_t op, const std::string& packet) {
  return ends_with(std::move(name), packet, invalid(op));
}

std::vector<Conversation> wrong_shapes() {
  std::vector<Conversation> all = {
      invalid_and_closed("OverlongKeyOfAGet", kGet, malformed(kGet, 251, 0)),
      invalid_and_closed("OverlongKeyOfASet", kSet, malformed(kSet, 251, 8, 10)),
      invalid_and_closed("OverlongKeyOfAnUnknownOpcode", 0x1b, malformed(0x1b, 251, 0)),
      invalid_and_closed("GetWithoutKey", kGet, malformed(kGet, 0, 0)),
      invalid_and_closed("GetWithExtras", kGetQ, malformed(kGetQ, 1, 4)),
      invalid_and_closed("GetWithAValue", kGetK, malformed(kGetK, 1, 0, 1)),
      invalid_and_closed("SetWithoutKey", kSet, malformed(kSet, 0, 8, 3)),
      invalid_and_closed("SetWithoutExtras", kSet, malformed(kSet, 1, 0, 3)),
      invalid_and_closed("AddWithTooManyExtras", kAdd, malformed(kAdd, 1, 9, 3)),
      invalid_and_closed("QuietReplaceWithTooFewExtras", kReplaceQ, malformed(kReplaceQ, 1, 7, 3)),
      invalid_and_closed("AppendWithExtras", kAppend, malformed(kAppend, 1, 8, 3)),
      invalid_and_closed("PrependWithoutKey", kPrepend, malformed(kPrepend, 0, 0, 3)),
      invalid_and_closed("IncrWithoutExtras", kIncr, malformed(kIncr, 1, 0)),
      invalid_and_closed("IncrWithAValue", kIncr, malformed(kIncr, 1, 20, 1)),
      invalid_and_closed("DecrWithoutKey", kDecr, malformed(kDecr, 0, 20)),
      invalid_and_closed("DeleteWithoutKey", kDelete, malformed(kDelete, 0, 0)),
      invalid_and_closed("DeleteWithExtras", kDelete, malformed(kDelete, 1, 4)),
      invalid_and_closed("DeleteWithAValue", kDeleteQ, malformed(kDeleteQ, 1, 0, 1)),
      invalid_and_closed("TouchWithoutExtras", kTouch, malformed(kTouch, 1, 0)),
      invalid_and_closed("TouchWithoutKey", kTouch, malformed(kTouch, 0, 4)),
      invalid_and_closed("QuietGatWithTooManyExtras", kGatQ, malformed(kGatQ, 1, 8)),
      invalid_and_closed("NoopWithAKey", kNoop, malformed(kNoop, 1, 0)),
      invalid_and_closed("NoopWithABody", kNoop, malformed(kNoop, 0, 0, 1)),
      invalid_and_closed("VersionWithABody", kVersion, malformed(kVersion, 0, 0, 1)),
      invalid_and_closed("VersionWithExtras", kVersion, malformed(kVersion, 0, 4)),
      invalid_and_closed("QuitWithABody", kQuit, malformed(kQuit, 0, 0, 1)),
      invalid_and_closed("FlushWithAKey", kFlush, malformed(kFlush, 1, 0)),
      invalid_and_closed("FlushWithTwoBytesOfExtras", kFlush, malformed(kFlush, 0, 2)),
      invalid_and_closed("QuietFlushWithABody", kFlushQ, malformed(kFlushQ, 0, 4, 1)),
      invalid_and_closed("StatWithExtras", kStat, malformed(kStat, 5, 4)),
      invalid_and_closed("LoginListWithAKey", 0x20, malformed(0x20, 1, 0)),
      invalid_and_closed("LoginWithoutAMechanism", 0x21, malformed(0x21, 0, 0, 3)),

      ends_with("KeyLargerThanTheBody", header(kGet, 3, 0, 2) + "kkk", unknown(kGet)),
      ends_with("ExtrasLargerThanTheBody", header(kSet, 0, 8, 7) + "extras..", unknown(kSet)),
      ends_with("KeyAndExtrasLargerThanTheBody", header(kSet, 1, 8, 8) + "extras..k", unknown(kSet)),
      ends_with("ContradictionUnderAnUnknownOpcode", header(0x99, 3, 0, 2) + "kkk", unknown(0x99)),

      ends_with("AnotherMagic", reply(kGet).bytes(), ""),
      ends_with("TextInTheMidst", "get a\r\nget b\r\nget c\r\nget d\r\n", ""),
  };
  for (const size_t size : {kGibibyte + 1, size_t{0xffffffff}}) {
    Conversation huge =
        invalid_and_closed("BodyOf" + std::to_string(size), kSet, header(kSet, 1, 8, size) + "extras..k");
    huge.not_reference = "memcached 1.6.18 answers that it is too large, and swallows it";
    all.push_back(huge);
  }
  return all;
}
MARTLET_WIRE_TEST(BinaryWrongShapes, wrong_shapes());

// Commands in disguise: a body of them must never be executed.
std::string poison_packets() { return bare(kFlush) + of_key(kDelete, "guard") + put(kSet, "guard", "bad"); }

std::vector<Row> goes_on_after(const std::string& packet, const std::string& answer) {
  return {say(put(kSet, "guard", "good"), put_done(kSet, "<#cas>")),
          say(packet + of_key(kGet, "guard"), answer + hit_of(kGet, "good", 0, "", "<#cas>"))};
}

std::vector<Conversation> well_formed() {
  const std::string poison = poison_packets();
  return {
      {"UnknownOpcodesWithoutABody",
       goes_on_after(bare(0x1b) + bare(0x1f) + bare(0x30) + bare(0x3c) + bare(0xff),
                     unknown(0x1b) + unknown(0x1f) + unknown(0x30) + unknown(0x3c) + unknown(0xff))},

      {"UnknownOpcodesTakeExactlyTheirBodyWithThem",
       goes_on_after(ask(0x1b, "", big32(1)).bytes() + ask(0x40, "key", "extras", poison).bytes() +
                         ask(0x30, "key").bytes() + ask(0x55, "", "", poison).bytes(),
                     unknown(0x1b) + unknown(0x40) + unknown(0x30) + unknown(0x55)),
       {},
       0,
       "memcached swallows key and extras twice"},

      {"LargeBodiesOfUnknownOpcodesAreDropped",
       goes_on_after(ask(0x55, "", "", std::string(300000, '\x80')).bytes(), unknown(0x55)),
       {},
       64},

      {"LoginIsNotServedAndTakesItsBodyWithIt",
       goes_on_after(bare(0x20) + ask(0x21, "PLAIN", "", std::string("\0me\0secret", 10)).bytes() +
                         ask(0x22, "PLAIN", "", poison).bytes(),
                     unknown(0x20) + unknown(0x21) + unknown(0x22)),
       {},
       0,
       "Debian builds memcached with login"},

      {"BytesBehindATouchBelongToIt",
       goes_on_after(ask(kTouch, "no", big32(0), poison).bytes() + ask(kGatQ, "no", big32(0), poison).bytes() +
                         ask(kStat, "conns", "", poison).bytes(),
                     not_found(kTouch) + not_found(kStat)),
       {},
       0,
       "memcached takes them for the next packet"},

      {"TypeAndReservedBytesAreIgnored",
       {say(put(kSet, "a", "x"), put_done(kSet)),
        [] {
          Packet get = ask(kGet, "a");
          get.data_type = 0x77;
          get.status = 0x1234;
          return say(get.bytes(), hit_of(kGet, "x"));
        }()}},

      {"OpaqueComesBackAsItCame", {[] {
         Packet get = ask(kGetK, "no");
         get.opaque = 0x00ff1080;
         Packet miss = reply(kGetK, 1);
         miss.key = "no";
         miss.opaque = 0x00ff1080;
         return say(get.bytes(), miss.bytes());
       }()}},

      {"ValuesThatLookLikePacketsAreValues",
       goes_on_after(put(kSet, "a", poison) + join(kAppend, "a", poison) + put(kSetQ, "b", poison) + of_key(kGet, "a"),
                     put_done(kSet) + put_done(kAppend) + hit_of(kGet, poison + poison))},
  };
}
MARTLET_WIRE_TEST(BinaryWellFormed, well_formed());

}  // namespace
}  // namespace martlet::wire
