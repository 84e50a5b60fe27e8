// Binary conversations about reading: get, getk, gat, touch and their quiet forms.
#include <string>
#include <vector>

#include "tests/wire/binary_text.h"
#include "tests/wire/conversation_test.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

std::vector<Conversation> reading() {
  const std::string longest = key_of(250);
  return {
      {"HitTellsFlagsIdAndValue",
       {say(put(kSet, "a", "hello", kNoCas, 0xa1b2c3d4), put_done(kSet, "<#cas>")),
        say(of_key(kGet, "a"), hit_of(kGet, "hello", 0xa1b2c3d4, "", "<#cas>")),
        say(of_key(kGetK, "a"), hit_of(kGetK, "hello", 0xa1b2c3d4, "a", "<#cas>")),
        say(of_key(kGet, "b"), not_found(kGet))}},

      {"MissTellsTheKeyWhereItWasAskedFor",
       {say(of_key(kGetK, "absent"), not_found_key(kGetK, "absent")),
        say(expire(kGatK, "absent", 0), not_found_key(kGatK, "absent")),
        say(expire(kGat, "absent", 0), not_found(kGat)), say(expire(kTouch, "absent", 0), not_found(kTouch))}},

      {"QuietHidesMissesOnly",
       {say(put(kSet, "a", "x"), put_done(kSet)),
        say(of_key(kGetQ, "no") + of_key(kGetQ, "a") + of_key(kGetQ, "no") + bare(kNoop),
            hit_of(kGetQ, "x") + done(kNoop)),
        say(of_key(kGetKQ, "no") + of_key(kGetKQ, "a") + of_key(kGetK, "no"),
            hit_of(kGetKQ, "x", 0, "a") + not_found_key(kGetK, "no")),
        say(expire(kGatQ, "no", 0) + expire(kGatQ, "a", 0) + expire(kGatKQ, "no", 0) + expire(kGatKQ, "a", 0) +
                bare(kNoop),
            hit_of(kGatQ, "x") + hit_of(kGatKQ, "x", 0, "a") + done(kNoop))}},

      {"TouchTellsFlagsAndNoValue",
       {say(put(kSet, "a", "value", kNoCas, 5), put_done(kSet, "<#cas>")),
        say(expire(kTouch, "a", 0), hit_of(kTouch, "", 5, "", "<#cas>")),
        say(expire(kGat, "a", 0), hit_of(kGat, "value", 5, "", "<#cas>")),
        say(expire(kGatK, "a", 0), hit_of(kGatK, "value", 5, "a", "<#cas>"))}},

      {"TouchSetsTheExpiry",
       {say(put(kSet, "a", "x") + put(kSet, "b", "y") + put(kSet, "c", "z"),
            put_done(kSet) + put_done(kSet) + put_done(kSet)),
        say(expire(kTouch, "a", 1), hit_of(kTouch, "")), say(expire(kGat, "b", 1), hit_of(kGat, "y")), advance(2),
        say(of_key(kGet, "a") + of_key(kGet, "b") + of_key(kGet, "c"),
            not_found(kGet) + not_found(kGet) + hit_of(kGet, "z"))}},

      {"ExpiryIsUnsigned",
       {say(put(kSet, "a", "x", kNoCas, 0, 0xffffffff), put_done(kSet)), say(of_key(kGet, "a"), hit_of(kGet, "x")),
        say(expire(kTouch, "a", 0xfffffffe), hit_of(kTouch, "")), say(of_key(kGet, "a"), hit_of(kGet, "x"))}},

      {"ExpiredItemsAreGone",
       {say(put(kSet, "a", "x", kNoCas, 0, 2), put_done(kSet)), say(of_key(kGet, "a"), hit_of(kGet, "x")), advance(3),
        say(of_key(kGet, "a"), not_found(kGet)), say(put(kAdd, "a", "y"), put_done(kAdd))}},

      {"KeysMayBeAnyBytes",
       {say(put(kSet, std::string("a b\r\n\0\xff", 7), "x"), put_done(kSet)),
        say(of_key(kGetK, std::string("a b\r\n\0\xff", 7)), hit_of(kGetK, "x", 0, std::string("a b\r\n\0\xff", 7))),
        say(put(kSet, longest, "longest"), put_done(kSet)),
        say(of_key(kGetK, longest), hit_of(kGetK, "longest", 0, longest))}},

      {"ValuesOfEverySizeComeBack",
       {say(put(kSet, "a", ""), put_done(kSet)), say(of_key(kGet, "a"), hit_of(kGet, "")),
        say(put(kSet, "a", poison(483)), put_done(kSet)), say(of_key(kGet, "a"), hit_of(kGet, poison(483))),
        say(put(kSet, "a", poison(484)), put_done(kSet)), say(of_key(kGet, "a"), hit_of(kGet, poison(484))),
        say(put(kSet, "a", poison(485)), put_done(kSet)), say(of_key(kGet, "a"), hit_of(kGet, poison(485))),
        say(put(kSet, "a", poison(16384)), put_done(kSet)), say(of_key(kGet, "a"), hit_of(kGet, poison(16384))),
        say(put(kSet, "a", poison(16385)), put_done(kSet)),
        say(of_key(kGetK, "a"), hit_of(kGetK, poison(16385), 0, "a"))},
       {},
       7},

      {"LargeValuesComeBack",
       {say(put(kSet, "a", poison(400000)), put_done(kSet)),
        say(of_key(kGetK, "a"), hit_of(kGetK, poison(400000), 0, "a")), say(expire(kTouch, "a", 0), hit_of(kTouch, "")),
        say(of_key(kGetQ, "a") + expire(kGat, "a", 0), hit_of(kGetQ, poison(400000)) + hit_of(kGat, poison(400000)))},
       {},
       4096},
  };
}
MARTLET_WIRE_TEST(BinaryReading, reading());

}  // namespace
}  // namespace martlet::wire
