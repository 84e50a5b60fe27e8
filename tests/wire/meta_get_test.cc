// Conversations of mg, me and mn.
#include <string>
#include <vector>

#include "tests/wire/conversation_test.h"
#include "tests/wire/meta_text.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

constexpr char kShorterOpaque[] = "memcached counts the letter O as one of the 32 bytes";
constexpr char kNoBase64Inspect[] = "memcached 1.6.18 does not decode the key of me";
constexpr char kLenientBase64[] = "memcached skips what is no base64 and ignores left-over bits";

std::vector<Conversation> meta_gets() {
  return {
      {"MissAndHit",
       {say("mg a\r\n", kEn), say("mg a v\r\n", kEn), say(meta_store("a", "hello"), kHd), say("mg a\r\n", kHd),
        say("mg a v\r\n", meta_value("hello"))}},

      {"FlagsComeBackInTheirOrder",
       {say(meta_store("a", "hello", "F30 T0"), kHd), say("mg a s v f t\r\n", meta_value("hello", "s5 f30 t-1")),
        say("mg a t f v s\r\n", meta_value("hello", "t-1 f30 s5")),
        say("mg a c k Oid s\r\n", "HD c<cas> ka Oid s5\r\n"), say("mg a s Oid k c\r\n", "HD s5 Oid ka c<cas>\r\n"),
        say("gets a\r\n", "VALUE a 30 5 <cas>\r\nhello\r\nEND\r\n")}},

      {"EmptyValue",
       {say(meta_store("a", ""), kHd), say("mg a v s\r\n", "VA 0 s0\r\n\r\n"), say("get a\r\n", found("a", ""))}},

      {"MissesCarryKeyAndOpaque",
       {say("mg a k O77 v s t c f h l\r\n", "EN ka O77\r\n"), say("mg a O77\r\n", "EN O77\r\n"),
        say("mg a O\r\n", "EN O\r\n")}},

      {"QuietHidesMissesOnly",
       {say("mg a q v\r\nmn\r\n", kMn), say(meta_store("a", "x"), kHd),
        say("mg a q v\r\nmn\r\n", meta_value("x") + kMn),
        say("mg a q\r\nmg b q k\r\nmg a q k\r\nmn\r\n", std::string(kHd) + "HD ka\r\n" + kMn)}},

      {"HitsBeforeAreTold",
       {say(meta_store("a", "x"), kHd), say("mg a h v\r\n", meta_value("x", "h0")), say("mg a h\r\n", "HD h1\r\n"),
        say(meta_store("a", "y"), kHd), say("mg a u h\r\n", "HD h0\r\n"), say("mg a h\r\n", "HD h0\r\n"),
        say("mg a h\r\n", "HD h1\r\n")}},

      {"LastAccessIsTold",
       {say(meta_store("a", "x"), kHd), advance(3), say("mg a l\r\n", "HD l3\r\n"), say("mg a l\r\n", "HD l0\r\n"),
        advance(2), say("mg a u l\r\n", "HD l2\r\n"), say("mg a u l\r\n", "HD l2\r\n")},
       {},
       0,
       "memcached notes the last access once a minute"},

      {"ExpiryIsToldAndMoved",
       {say(meta_store("a", "x", "T100"), kHd), say("mg a t\r\n", "HD t100\r\n"), advance(40),
        say("mg a t\r\n", "HD t60\r\n"), say("mg a T200 t\r\n", "HD t200\r\n"), advance(199),
        say("mg a t v\r\n", meta_value("x", "t1")), advance(1), say("mg a v\r\n", kEn)}},

      {"TouchToNeverAndToThePast",
       {say(meta_store("a", "x", "T10"), kHd), say("mg a T0\r\n", kHd), say("mg a t\r\n", "HD t-1\r\n"),
        say("mg a T-1 v\r\n", meta_value("x")), say("mg a v\r\n", kEn)}},

      {"LargeValues",
       {say(meta_store("a", key_of(100000, 'v'), "F1"), kHd),
        say("mg a v f s\r\n", meta_value(key_of(100000, 'v'), "f1 s100000")), say("mg a s\r\n", "HD s100000\r\n"),
        say("mg a v q k O1\r\n", meta_value(key_of(100000, 'v'), "ka O1"))},
       {},
       64},

      {"ValueTheClientHasIsNotSent",
       {say(meta_store("a", "hello"), kHd), say("mg a c\r\n", "HD c<cas>\r\n"), say("mg a v s C<cas>\r\n", "HD s5\r\n"),
        say("mg a v C1099511627775\r\n", meta_value("hello")), say("mg a v C0\r\n", meta_value("hello"))},
       {},
       0,
       kLaterFlags},

      {"OpaqueOf31BytesAnd32",
       {say("mg a O" + key_of(31, 'o') + "\r\n", "EN O" + key_of(31, 'o') + "\r\n"),
        differs("mg a O" + key_of(32, 'o') + "\r\n", "EN O" + key_of(32, 'o') + "\r\n",
                "CLIENT_ERROR opaque token too long\r\n", kShorterOpaque),
        say("mg a O" + key_of(33, 'o') + "\r\n", "CLIENT_ERROR opaque token too long\r\n")}},

      {"HintsToProxiesAreIgnored",
       {say(meta_store("a", "x", "Lany Pthing"), kHd), say("mg a P L1 v\r\n", meta_value("x"))},
       {},
       0,
       kLaterFlags},

      {"LongestKey",
       {say(meta_store(key_of(250), "x", "k"), "HD k" + key_of(250) + "\r\n"),
        say("mg " + key_of(250) + " k v\r\n", meta_value("x", "k" + key_of(250))),
        say("mg " + key_of(251) + " k v\r\n", kBadLine)}},

      {"PipelineIsAnsweredInOrder",
       {say(meta_store("a", "1") + meta_store("b", "2") + "mg a v k\r\nmg c v k q\r\nmg b v k\r\nget a\r\nmn\r\n",
            std::string(kHd) + kHd + meta_value("1", "ka") + meta_value("2", "kb") + found("a", "1") + kMn)}},
  };
}
MARTLET_WIRE_TEST(MetaGet, meta_gets());

std::vector<Conversation> base64_keys() {
  return {
      {"KeysInBase64ComeBackInBase64",
       {say(meta_store("Zm9v", "x", "b k O1"), "HD kZm9v b O1\r\n"),
        say("mg Zm9v b k v\r\n", meta_value("x", "kZm9v b")), say("mg Zm9vZg== b k v\r\n", "EN kZm9vZg== b\r\n"),
        say("md Zm9v k b\r\n", "HD kZm9v b\r\n"), say("mg Zm9v b k\r\n", "EN kZm9v b\r\n"),
        say("ma Zm9v b N0 J5 v\r\n", meta_value("5")), say("ma Zm9v b k v\r\n", meta_value("6", "kZm9v b"))}},

      {"BothSpellingsAreOneKey",
       {say(meta_store("Zm9v", "x", "b"), kHd), say("mg foo v\r\n", meta_value("x")),
        say("get foo\r\n", found("foo", "x")), say(store("set", "foo", "y"), kStored),
        say("mg Zm9v b v\r\n", meta_value("y")), say("mg Zm9v v\r\n", kEn)}},

      {"KeyIsToldAsItWasSpelled",
       {say(meta_store("Zm9v", "x", "b"), kHd),
        differs("mg foo k\r\n", "HD kfoo\r\n", "HD kZm9v b\r\n", "memcached tells it as it was spelled when stored")}},

      {"BinaryKeys",
       {say(meta_store("AAogDQ==", "nul, newline, space", "b"), kHd),
        say("mg AAogDQ== b k v\r\n", meta_value("nul, newline, space", "kAAogDQ== b")), say("md AAogDQ== b\r\n", kHd),
        say("mg AAogDQ== b\r\n", kEn)}},

      {"WhatIsNoBase64IsRefused",
       {say("mg Zm9 b\r\n", "CLIENT_ERROR error decoding key\r\n"),
        say(meta_store("Zm9", "flush_all", "b"), "CLIENT_ERROR error decoding key\r\n"),
        differs("mg Zm9v! b\r\n", "CLIENT_ERROR error decoding key\r\n", kEn, kLenientBase64),
        differs("mg Zh== b k\r\n", "CLIENT_ERROR error decoding key\r\n", "EN kZg== b\r\n", kLenientBase64),
        say("ma Zm9 b\r\n", kBadArithFlag)}},
  };
}
MARTLET_WIRE_TEST(MetaBase64, base64_keys());

std::vector<Conversation> inspections() {
  return {
      {"InspectedItem",
       {say("me a\r\n", kEn), say(meta_store("a", "x"), kHd),
        say("me a\r\n", "ME a exp=-1 la=0 cas=<cas> fetch=no cls=<cls> size=<size>\r\n"),
        say("gets a\r\n", "VALUE a 0 1 <cas>\r\nx\r\nEND\r\n"),
        say("me a k O1 q\r\n", "ME a exp=-1 la=0 cas=<cas> fetch=yes cls=<cls> size=<size>\r\n")}},

      {"InspectingLeavesNoTrace",
       {say(meta_store("a", "x", "T100"), kHd), advance(5),
        say("me a\r\n", "ME a exp=95 la=5 cas=<cas> fetch=no cls=<cls> size=<size>\r\n"),
        say("me a\r\n", "ME a exp=95 la=5 cas=<cas> fetch=no cls=<cls> size=<size>\r\n"),
        say("mg a h l\r\n", "HD h0 l5\r\n")},
       {},
       0,
       "memcached 1.6.18 shows the seconds left as a negative number"},

      {"InspectedKeyInBase64",
       {say(meta_store("Zm9v", "x", "b"), kHd),
        differs("me Zm9v b\r\n", "ME Zm9v exp=-1 la=0 cas=<cas> fetch=no cls=<cls> size=<size>\r\n",
                "ME Zm9v exp=-1 la=0 cas=<cas> fetch=no cls=<cls> size=<size>\r\n", kNoBase64Inspect),
        say("me Zm8= b\r\n", kEn), say("me Zm9v\r\n", kEn)}},

      {"NoopIsAnswered",
       {say("mn\r\n", kMn), say("mn and more words !\r\n", kMn), say("mn\r\nmn\r\n", "MN\r\nMN\r\n")}},
  };
}
MARTLET_WIRE_TEST(MetaInspect, inspections());

}  // namespace
}  // namespace martlet::wire
