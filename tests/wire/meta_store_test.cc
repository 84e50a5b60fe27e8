// Conversations of ms, md and ma.
#include <string>
#include <vector>

#include "tests/wire/conversation_test.h"
#include "tests/wire/meta_text.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

std::vector<Conversation> meta_stores() {
  return {
      {"Modes",
       {say(meta_store("a", "x", "MR"), kNs), say(meta_store("a", "x", "MA"), kNs),
        say(meta_store("a", "x", "MP"), kNs), say(meta_store("a", "b", "ME"), kHd),
        say(meta_store("a", "x", "ME"), kNs), say(meta_store("a", "c", "MA"), kHd),
        say(meta_store("a", "a", "MP"), kHd), say("mg a v\r\n", meta_value("abc")),
        say(meta_store("a", "d", "MR"), kHd), say("mg a v\r\n", meta_value("d")), say(meta_store("a", "e", "MS"), kHd),
        say("mg a v\r\n", meta_value("e"))}},

      {"AppendKeepsFlagsAndExpiry",
       {say(meta_store("a", "b", "F7 T100"), kHd), say(meta_store("a", "c", "MA F9 T5"), kHd),
        say("mg a v f t\r\n", meta_value("bc", "f7 t100"))}},

      {"AppendMakesWhatIsMissing",
       {say(meta_store("a", "x", "MA N50 F3 s"), "HD s1\r\n"), say("mg a v f t\r\n", meta_value("x", "f3 t50")),
        say(meta_store("a", "yz", "MA N99 s"), "HD s3\r\n"), say("mg a v f t\r\n", meta_value("xyz", "f3 t50")),
        say(meta_store("b", "x", "MP N0"), kHd), say("mg b v t\r\n", meta_value("x", "t-1")),
        say(meta_store("c", "x", "N50"), kHd), say("mg c t\r\n", "HD t-1\r\n")},
       {},
       0,
       kLaterFlags},

      {"AnswersCarryWhatIsAskedFor",
       {say(meta_store("a", "x", "k O1 c"), "HD ka O1 c<cas>\r\n"), say("mg a c\r\n", "HD c<cas>\r\n"),
        say(meta_store("a", "x", "ME c k O2"), "NS c0 ka O2\r\n"), say(meta_store("b", "x", "C5 k"), "NF kb\r\n"),
        say(meta_store("a", "x", "C1099511627775 O3"), "EX O3\r\n")}},

      {"SizesAreThoseAtTheEnd",
       {say(meta_store("a", "xyz", "s"), "HD s3\r\n"), say(meta_store("a", "12", "MA s c"), "HD s5 c<cas>\r\n"),
        say(meta_store("a", "1234567", "ME s c"), "NS s7 c0\r\n")},
       {},
       0,
       kLaterFlags},

      {"QuietHidesSuccessOnly",
       {say(meta_store("a", "x", "q") + "mn\r\n", kMn), say(meta_store("a", "x", "q ME k"), "NS ka\r\n"),
        say(meta_store("b", "x", "q C1099511627775"), kNf), say(meta_store("a", "x", "q C1099511627775"), kEx),
        say("ms a 1 q Tx\r\nx\r\n", kBadToken)}},

      {"MatchingIdStoresOnce",
       {say(meta_store("a", "x", "c"), "HD c<cas>\r\n"), say("ms a 1 C<cas> c\r\ny\r\n", "HD c<fresh>\r\n"),
        say("ms a 1 C<cas>\r\nz\r\n", kEx), say("ms a 1 MR C<fresh>\r\nw\r\n", kHd),
        say("ms a 1 MR C<fresh>\r\nv\r\n", kEx), say("mg a v\r\n", meta_value("w")), say("ms a 1 C0\r\nz\r\n", kEx),
        say("ms b 1 MR C1099511627775\r\nz\r\n", kNf)}},

      {"AddDoesNotLookAtTheId",
       {say(meta_store("a", "x", "ME C1099511627775"), kHd), say("mg a c\r\n", "HD c<cas>\r\n"),
        say("ms a 1 ME C<cas>\r\ny\r\n", kNs)}},

      {"AppendLooksAtTheId",
       {say(meta_store("a", "x", "c"), "HD c<cas>\r\n"), say("ms a 1 MA C<cas>\r\ny\r\n", kHd),
        say("ms a 1 MA C<cas>\r\nz\r\n", kEx), say("ms a 1 MP C<cas>\r\nz\r\n", kEx),
        say("mg a v\r\n", meta_value("xy"))},
       {},
       0,
       "memcached 1.6.18 does not look at the id of an append"},

      {"ChosenIds",
       {say(meta_store("a", "x", "E1000 c"), "HD c1000\r\n"), say(meta_store("a", "y", "C1000 E2000"), kHd),
        say("mg a c v\r\n", meta_value("y", "c2000")), say(meta_store("a", "z", "C1000"), kEx),
        say("ma n N0 E77 c\r\n", "HD c77\r\n"), say("ma n E78 c v\r\n", meta_value("1", "c78"))},
       {},
       0,
       kLaterFlags},

      {"ExpiryInManyForms",
       {say(meta_store("a", "x", "T-1"), kHd), say("mg a\r\n", kEn), say(meta_store("a", "x", "T2"), kHd), advance(2),
        say("mg a\r\n", kEn), say(meta_store("a", "x", "T0"), kHd), say("mg a t\r\n", "HD t-1\r\n")}},

      {"LargeValuesInPieces",
       {say(meta_store("a", key_of(200000, 'a'), "k O1 s"), "HD ka O1 s200000\r\n"),
        say(meta_store("Zm9v", key_of(70000, 'b'), "b k O" + key_of(31, 'o')),
            "HD kZm9v b O" + key_of(31, 'o') + "\r\n"),
        say("mg foo v\r\n", meta_value(key_of(70000, 'b'))),
        say(meta_store("a", key_of(200000, 'c'), "MA s"), "HD s400000\r\n"), say("mg a s\r\n", "HD s400000\r\n")},
       {},
       64,
       kLaterFlags},
  };
}
MARTLET_WIRE_TEST(MetaStore, meta_stores());

std::vector<Conversation> meta_deletes() {
  return {
      {"DeleteOnce",
       {say(meta_store("a", "x"), kHd), say("md a k O1\r\n", "HD ka O1\r\n"), say("md a k O1\r\n", "NF ka O1\r\n"),
        say("mg a\r\n", kEn)}},

      {"DeleteComparesTheId",
       {say(meta_store("a", "x", "c"), "HD c<cas>\r\n"), say("md a C1099511627775 k\r\n", "EX ka\r\n"),
        say("md a C0\r\n", kEx), say("md a C<cas>\r\n", kHd), say("md a C<cas>\r\n", kNf)}},

      {"QuietDeletesAreSilentWhenDone",
       {say(meta_store("a", "x"), kHd), say("md a q\r\nmd a q\r\nmn\r\n", std::string(kNf) + kMn),
        say(meta_store("a", "x"), kHd), say("md a q C1099511627775\r\nmn\r\n", std::string(kEx) + kMn)}},

      {"TombstoneIsEmpty",
       {say(meta_store("a", "hello", "F5 T100 c"), "HD c<cas>\r\n"), say("md a x k\r\n", "HD ka\r\n"),
        say("mg a v f t c\r\n", "VA 0 f0 t-1 c<cas>\r\n\r\n"), say("get a\r\n", found("a", "")),
        say("md a x T30 F8 E123\r\n", kHd), say("mg a v f t c\r\n", "VA 0 f8 t30 c123\r\n\r\n"),
        say("md b x\r\n", kNf)},
       {},
       0,
       kLaterFlags},

      {"StaleTombstone",
       {say(meta_store("a", "hello"), kHd), say("md a x I T30\r\n", kHd), say("mg a v t\r\n", "VA 0 t30 X W\r\n\r\n")},
       {},
       0,
       kLaterFlags},
  };
}
MARTLET_WIRE_TEST(MetaDelete, meta_deletes());

std::vector<Conversation> meta_arithmetic() {
  return {
      {"CountsByOneUnlessTold",
       {say(meta_store("n", "5"), kHd), say("ma n\r\n", kHd), say("ma n v\r\n", meta_value("7")),
        say("ma n D3 v\r\n", meta_value("10")), say("ma n D0 v\r\n", meta_value("10")),
        say("ma n MD v\r\n", meta_value("9")), say("ma n M- D4 v\r\n", meta_value("5")),
        say("ma n M+ v\r\n", meta_value("6")), say("ma n MI v\r\n", meta_value("7"))}},

      {"StopsAtZeroAndWrapsAround",
       {say(meta_store("n", "5"), kHd), say("ma n MD D9 v\r\n", meta_value("0")),
        say("ma n D18446744073709551615 v\r\n", meta_value("18446744073709551615")),
        say("ma n D2 v\r\n", meta_value("1"))}},

      {"MissesWithoutN",
       {say("ma n\r\n", kNf), say("ma n k O1 v c t\r\n", "NF kn O1\r\n"),
        say("ma n q\r\nmn\r\n", std::string(kNf) + kMn)}},

      {"MakesWhatIsMissingAndDoesNotCount",
       {say("ma n N0 J13 D5 v\r\n", meta_value("13")), say("ma n N0 J13 D5 v\r\n", meta_value("18")),
        say("mg n t v\r\n", meta_value("18", "t-1")), say("ma m N60 t v\r\n", meta_value("0", "t60")),
        say("ma m N99 t v\r\n", meta_value("1", "t60"))}},

      {"FlagsComeBackInTheirOrder",
       {say("ma n N0 k O1\r\n", "HD kn O1\r\n"), say("ma n c k t O2 v\r\n", meta_value("1", "c<cas> kn t-1 O2")),
        say("mg n c\r\n", "HD c<cas>\r\n"), say("ma n T90 t\r\n", "HD t90\r\n"), say("mg n t\r\n", "HD t90\r\n")},
       {},
       0,
       {},
       "memcached loses the expiry that ma sets while a reply still holds the item"},

      {"QuietHidesEverySuccess",
       {differs("ma n N0 q v\r\nmn\r\n", kMn, meta_value("0") + kMn, "memcached 1.6.18 tells of what it has made"),
        say("ma n q v\r\nma n q\r\nmg n v\r\n", meta_value("2"))}},

      {"ComparesTheId",
       {say(meta_store("n", "1", "c"), "HD c<cas>\r\n"), say("ma n C<cas> c v\r\n", meta_value("2", "c<fresh>")),
        say("ma n C<cas> k\r\n", "EX kn\r\n"), say("ma n C0 v\r\n", meta_value("3"))}},

      {"WhatIsNoNumberIsRefused",
       {say(meta_store("n", "abc"), kHd), say("ma n\r\n", kNotNumeric), say("ma n q v\r\n", kNotNumeric),
        say("mg n v\r\n", meta_value("abc"))}},
  };
}
MARTLET_WIRE_TEST(MetaArith, meta_arithmetic());

}  // namespace
}  // namespace martlet::wire
