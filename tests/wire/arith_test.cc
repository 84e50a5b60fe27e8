// Conversations about incr and decr.
#include <string>
#include <vector>

#include "tests/wire/conversation_test.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

// Neither incr nor decr takes this value for a number, and it stays as it is.
std::vector<Row> is_no_number(const std::string& value) {
  return {say(store("set", "a", value), kStored), say("incr a 1\r\n", kNotNumeric), say("decr a 1\r\n", kNotNumeric),
          say("get a\r\n", found("a", value))};
}

// The value counts as a number: one more is `sum`, and what is stored then is `stored`.
std::vector<Row> is_a_number(const std::string& value, const std::string& sum, const std::string& stored) {
  return {say(store("set", "a", value), kStored), say("incr a 1\r\n", sum + "\r\n"),
          say("get a\r\n", found("a", stored))};
}

std::vector<Conversation> arith() {
  return {
      {"CountsUpAndDown",
       {say(store("set", "a", "5"), kStored), say("incr a 3\r\n", "8\r\n"), say("decr a 2\r\n", "6\r\n"),
        say("incr a 0\r\n", "6\r\n"), say("get a\r\n", found("a", "6"))}},

      {"AbsentKeyIsNotFound", {say("incr a 1\r\n", "NOT_FOUND\r\n"), say("decr a 1\r\n", "NOT_FOUND\r\n")}},

      {"IncrWrapsAtTwoToThe64",
       {say(store("set", "a", "18446744073709551615"), kStored), say("incr a 1\r\n", "0\r\n"),
        say("incr a 18446744073709551615\r\n", "18446744073709551615\r\n"), say("incr a 2\r\n", "1\r\n")},
       {},
       0,
       "memcached 1.6.18 looks for a minus sign past the end of such a value"},

      {"DecrStopsAtZero",
       {say(store("set", "a", "5"), kStored), say("decr a 6\r\n", "0\r\n"), say("decr a 1\r\n", "0\r\n"),
        say("decr a 18446744073709551615\r\n", "0\r\n")}},

      {"ResultThatFitsKeepsTheLengthWithSpaces",
       {say(store("set", "a", "100"), kStored), say("decr a 1\r\n", "99\r\n"), say("get a\r\n", found("a", "99 ")),
        say("decr a 90\r\n", "9\r\n"), say("get a\r\n", found("a", "9  ")), say("incr a 91\r\n", "100\r\n"),
        say("get a\r\n", found("a", "100"))}},

      {"ResultThatDoesNotFitGrows",
       {say("set a 7 0 1\r\n9\r\n", kStored), say("incr a 1\r\n", "10\r\n"),
        say("get a\r\n", "VALUE a 7 2\r\n10\r\nEND\r\n"), say("incr a 999999999990\r\n", "1000000000000\r\n"),
        say("get a\r\n", "VALUE a 7 13\r\n1000000000000\r\nEND\r\n")}},

      {"ExpiryIsKept",
       {say("set a 0 100 1\r\n9\r\n", kStored), say("incr a 1\r\n", "10\r\n"), advance(98),
        say("decr a 1\r\n", "9\r\n"), advance(3), say("incr a 1\r\n", "NOT_FOUND\r\n")}},

      {"LeadingSpacesCount", is_a_number("  41", "42", "42  ")},
      {"PlusSignCounts", is_a_number("+41", "42", "42 ")},
      {"LeadingZerosCount", is_a_number("0041", "42", "42  ")},
      {"TextAfterASpaceIsIgnored", is_a_number("41 apples", "42", "42       ")},
      {"EmptyIsNoNumber", is_no_number("")},
      {"WordIsNoNumber", is_no_number("abc")},
      {"NegativeIsNoNumber", is_no_number("-1")},
      {"HexIsNoNumber", is_no_number("0x10")},
      {"FractionIsNoNumber", is_no_number("1.5")},
      {"NumberPast64BitsIsNoNumber", is_no_number("18446744073709551616")},
      {"NumberWithATailIsNoNumber", is_no_number("12a")},

      {"DeltaMustBeAnUnsigned64BitNumber",
       {say(store("set", "a", "5"), kStored), say("incr a abc\r\n", kBadDelta), say("incr a -1\r\n", kBadDelta),
        say("decr a -1\r\n", kBadDelta), say("incr a 18446744073709551616\r\n", kBadDelta),
        say("incr a 1x\r\n", kBadDelta), say("incr a 0x1\r\n", kBadDelta), say("incr a 1.5\r\n", kBadDelta),
        differs("incr a +1\r\n", kBadDelta, "6\r\n", "memcached 1.6.18 takes a sign; later ones digits only"),
        differs("get a\r\n", found("a", "5"), found("a", "6"), "so it counted")}},

      {"DeltaMayHaveLeadingZeros", {say(store("set", "a", "5"), kStored), say("incr a 0002\r\n", "7\r\n")}},

      {"DeltaIsCheckedBeforeTheKey", {say("incr nope abc\r\n", kBadDelta)}},
  };
}
MARTLET_WIRE_TEST(Arith, arith());

}  // namespace
}  // namespace martlet::wire
