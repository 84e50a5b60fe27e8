// Conversations about values that are to be computed anew: who wins, who waits, what is stale.
#include <string>
#include <vector>

#include "tests/wire/conversation_test.h"
#include "tests/wire/meta_text.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

std::vector<Conversation> leases() {
  return {
      {"TheFirstMissWinsTheOthersWait",
       {say("mg a v N30 s t\r\n", "VA 0 s0 t30 W\r\n\r\n"), say("mg a v N30 t\r\n", "VA 0 t30 Z\r\n\r\n"),
        say("mg a v\r\n", "VA 0 Z\r\n\r\n"), say("mg a k O1\r\n", "HD ka O1 Z\r\n"), say(meta_store("a", "x"), kHd),
        say("mg a v N30\r\n", meta_value("x"))}},

      {"WhatMakesTheStubHitsIt",
       {say("mg a N30 h\r\n", "HD h0 W\r\n"), say("mg a h\r\n", "HD h1 Z\r\n"), say("mg b N30 u\r\n", "HD W\r\n"),
        say("mg b h\r\n", "HD h0 Z\r\n"), say("mg b h\r\n", "HD h1 Z\r\n")}},

      {"ClassicGetSeesTheStubWithoutMarks",
       {say("mg a v N30\r\n", "VA 0 W\r\n\r\n"), say("get a\r\n", found("a", "")),
        say(store("add", "a", "x"), "NOT_STORED\r\n"), say("mg a\r\n", "HD Z\r\n")}},

      {"StubExpiresAndTheNextMissWins",
       {say("mg a N30\r\n", "HD W\r\n"), advance(29), say("mg a N30\r\n", "HD Z\r\n"), advance(1),
        say("mg a N30 t\r\n", "HD t30 W\r\n")}},

      {"TheLastOfNAndTIsTheStubsExpiry",
       {say("mg a N30 T60 t\r\n", "HD t60 W\r\n"), say("mg b T60 N30 t\r\n", "HD t30 W\r\n")}},

      {"StubWithAChosenId",
       {say("mg a N30 E5000 c\r\n", "HD c5000 W\r\n"), say(meta_store("a", "x", "C5000"), kHd),
        say(meta_store("a", "y", "C5000"), kEx), say("mg a v\r\n", meta_value("x"))},
       {},
       0,
       kLaterFlags},

      {"AnyStoreEndsTheWait",
       {say("mg a N30\r\n", "HD W\r\n"), say(store("set", "a", "1"), kStored), say("mg a v\r\n", meta_value("1")),
        say("mg b N30\r\n", "HD W\r\n"), say(meta_store("b", "x", "MA"), kHd), say("mg b v\r\n", meta_value("x")),
        say("mg c N30\r\n", "HD W\r\n"), say("md c\r\n", kHd), say("mg c\r\n", kEn)}},

      {"CloseToItsEndOneWins",
       {say(meta_store("a", "x", "T100"), kHd), say("mg a v R30\r\n", meta_value("x")), advance(71),
        say("mg a v R29 t\r\n", meta_value("x", "t29")), say("mg a v R30\r\n", meta_value("x", "W")),
        say("mg a v R30\r\n", meta_value("x", "Z")), say("mg a\r\n", "HD Z\r\n"),
        say(meta_store("a", "y", "T100"), kHd), say("mg a v R30\r\n", meta_value("y"))}},

      {"WhatNeverEndsIsNeverCloseToIt",
       {say(meta_store("a", "x"), kHd), say("mg a R30\r\n", kHd), say("mg a R0\r\n", kHd), say("mg a R-1\r\n", kHd)}},

      {"StaleValueIsServedWhileOneComputesAnew",
       {say(meta_store("a", "x", "T100 c"), "HD c<cas>\r\n"), say("md a I T30\r\n", kHd),
        say("mg a v t\r\n", meta_value("x", "t30 X W")), say("mg a v t\r\n", meta_value("x", "t30 Z X")),
        say("mg a\r\n", "HD Z X\r\n"), say("get a\r\n", found("a", "x")), say("ms a 1 C<cas>\r\nz\r\n", kEx),
        say(meta_store("a", "y"), kHd), say("mg a v\r\n", meta_value("y"))}},

      {"InvalidatedTwiceThereAreTwoWinners",
       {say(meta_store("a", "x"), kHd), say("md a I\r\n", kHd), say("mg a\r\n", "HD X W\r\n"),
        say("mg a\r\n", "HD Z X\r\n"), say("md a I q\r\nmn\r\n", kMn), say("mg a\r\n", "HD X W\r\n")}},

      {"InvalidatingKeepsTheExpiryUnlessTold",
       {say(meta_store("a", "x", "T100"), kHd), say("md a I\r\n", kHd), say("mg a t\r\n", "HD t100 X W\r\n"),
        say("md b I\r\n", kNf), say("md a I C1099511627775\r\n", kEx)}},

      {"StoreWithAnOlderIdIsTakenAsStale",
       {say(meta_store("a", "x", "T100 c"), "HD c<old>\r\n"), say(meta_store("a", "y", "T100"), kHd),
        say("ms a 1 I T5 C<old>\r\nz\r\n", kHd), say("mg a v t\r\n", meta_value("z", "t100 X W")),
        say("mg a v\r\n", meta_value("z", "Z X"))},
       {},
       0,
       "memcached 1.6.18 takes the new expiry"},

      {"StoreWithALaterIdIsRefused",
       {say(meta_store("a", "x"), kHd), say(meta_store("a", "y", "I C18446744073709551615"), kEx),
        say(meta_store("b", "y", "I C5"), kNf), say("mg a v\r\n", meta_value("x"))}},

      {"WithoutAnIdInvalidatingAStoreMeansNothing",
       {say(meta_store("a", "x", "I"), kHd), say("mg a v\r\n", meta_value("x"))}},

      {"PeekingTakesTheToken",
       {say(meta_store("a", "x"), kHd), say("md a I\r\n", kHd), say("me a\r\n", "ME a <*>\r\n"),
        say("mg a u h\r\n", "HD h0 X W\r\n"), say("mg a h\r\n", "HD h0 Z X\r\n")}},
  };
}
MARTLET_WIRE_TEST(MetaLease, leases());

}  // namespace
}  // namespace martlet::wire
