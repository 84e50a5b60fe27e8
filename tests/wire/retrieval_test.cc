// Conversations about get and gets, from one key to tens of thousands.
#include <string>
#include <vector>

#include "tests/wire/conversation_test.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

// "get k0 k1 ... k<count-1>".
std::string get_line(size_t count) {
  std::string line = "get";
  for (size_t i = 0; i < count; ++i) line += " k" + std::to_string(i);
  return line + "\r\n";
}

std::string repeat(const std::string& text, size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) out += text;
  return out;
}

std::vector<Conversation> retrieval() {
  return {
      {"HitsComeInTheOrderAskedAndMissesAreSilent",
       {say("get a\r\n", kEnd), say(store("set", "a", "1"), kStored), say(store("set", "b", "22"), kStored),
        say("get b nope a\r\n", hit("b", "22") + hit("a", "1") + kEnd), say("get nope nada\r\n", kEnd)}},

      {"KeyAskedTwiceIsAnsweredTwice",
       {say(store("set", "a", "1"), kStored), say("get a a\r\n", hit("a", "1") + hit("a", "1") + kEnd),
        say("gets a nope a\r\n", "VALUE a 0 1 <cas>\r\n1\r\nVALUE a 0 1 <cas>\r\n1\r\nEND\r\n")}},

      {"GetsShowsTheCasIdAndGetDoesNot",
       {say("set a 3 0 1\r\nx\r\n", kStored), say("gets a\r\n", "VALUE a 3 1 <cas>\r\nx\r\nEND\r\n"),
        say("get a\r\n", "VALUE a 3 1\r\nx\r\nEND\r\n")}},

      {"NoreplyAfterGetIsAKey",
       {say(store("set", "noreply", "x"), kStored), say("get a noreply\r\n", found("noreply", "x"))}},

      {"MoreKeysThanWordsAreIndexed",
       {say(store("set", "k0", "first"), kStored), say(store("set", "k23", "middle"), kStored),
        say(store("set", "k99", "last"), kStored),
        say(get_line(100), hit("k0", "first") + hit("k23", "middle") + hit("k99", "last") + kEnd)}},

      {"LongGetLinesAreServed",
       {say(store("set", "k1999", "last"), kStored), say(get_line(2000), found("k1999", "last")),
        say("gets" + get_line(2000).substr(3), "VALUE k1999 0 4 <cas>\r\nlast\r\nEND\r\n")}},

      {"FortyThousandKeysInOneLine",
       {say(store("set", "k0", "first"), kStored), say(store("set", "k20000", "middle"), kStored),
        say(store("set", "k39999", "last"), kStored),
        say(get_line(40000), hit("k0", "first") + hit("k20000", "middle") + hit("k39999", "last") + kEnd)},
       {},
       64},

      {"FortyThousandHitsInOneLine",
       {say(store("set", "k", "0123456789"), kStored),
        say("get" + repeat(" k", 40000) + "\r\n", repeat(hit("k", "0123456789"), 40000) + kEnd)},
       {},
       64},

      {"OverlongKeyInAMultigetAnswersOneErrorAndNothingElse",
       {say(store("set", "a", "1"), kStored), say(store("set", "b", "2"), kStored),
        say("get a " + key_of(251) + " b\r\n", kBadLine), say("gets a b " + key_of(251) + "\r\n", kBadLine),
        say("get " + key_of(251) + "\r\n", kBadLine), say("get a\r\n", found("a", "1"))},
       {},
       0,
       {},
       "memcached loses pending replies when a get is refused"},

      {"PendingReplySurvivesAnErrorInTheNextGet",
       {say(store("set", "a", "1"), kStored),
        say("get a\r\nget a " + key_of(300) + "\r\nget a\r\n", found("a", "1") + kBadLine + found("a", "1"))}},
  };
}
MARTLET_WIRE_TEST(Retrieval, retrieval());

}  // namespace
}  // namespace martlet::wire
