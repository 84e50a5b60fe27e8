// Conversations about delete, touch, gat, gats and the times at which items go.
#include <string>
#include <vector>

#include "tests/wire/conversation_test.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

std::string set_for(const std::string& exptime) { return "set a 0 " + exptime + " 1\r\nx\r\n"; }

// Stored with this exptime the item is never seen.
std::vector<Row> expired_at_once(const std::string& exptime) {
  return {say(store("set", "a", "old"), kStored), say(set_for(exptime), kStored), say("get a\r\n", kEnd),
          say(store("add", "a", "y"), kStored), say("get a\r\n", found("a", "y"))};
}

std::vector<Row> visible_at_once(const std::string& exptime) {
  return {say(set_for(exptime), kStored), say("get a\r\n", found("a", "x"))};
}

std::vector<Conversation> deletion() {
  return {
      {"DeletedIsGone",
       {say(store("set", "a", "x"), kStored), say("delete a\r\n", "DELETED\r\n"), say("get a\r\n", kEnd),
        say("delete a\r\n", "NOT_FOUND\r\n"), say(store("replace", "a", "y"), "NOT_STORED\r\n")}},

      {"ZeroAfterTheKeyIsAccepted",
       {say(store("set", "a", "x"), kStored), say("delete a 0\r\n", "DELETED\r\n"),
        say("delete a 0\r\n", "NOT_FOUND\r\n")}},

      {"OtherWordsAfterTheKeyAreRefused",
       {say(store("set", "a", "x"), kStored),
        differs("delete a 5\r\n", kBadLine, "CLIENT_ERROR bad command line format.  Usage: <*>\r\n",
                "memcached adds how to use it"),
        differs("delete a b c\r\n", kBadLine, "CLIENT_ERROR bad command line format.  Usage: <*>\r\n", "as above"),
        say("get a\r\n", "VALUE a 0 1\r\nx\r\nEND\r\n")}},
  };
}
MARTLET_WIRE_TEST(Deletion, deletion());

std::vector<Conversation> expiry() {
  return {
      {"ItemGoesAfterItsSeconds",
       {say("set a 0 2 1\r\nx\r\n", kStored), say("set b 0 0 1\r\ny\r\n", kStored),
        say("get a b\r\n", hit("a", "x") + found("b", "y")), advance(2), say("get a b\r\n", found("b", "y"))}},

      {"ItemStaysUntilItsSeconds",
       {say("set a 0 100 1\r\nx\r\n", kStored), advance(98), say("get a\r\n", found("a", "x")), advance(3),
        say("get a\r\n", kEnd), say("delete a\r\n", "NOT_FOUND\r\n"),
        say(store("append", "a", "y"), "NOT_STORED\r\n")}},

      {"NegativeIsExpiredAtOnce", expired_at_once("-1")},
      {"VeryNegativeIsExpiredAtOnce", expired_at_once("-2147483648")},
      {"MomentBeforeTheServerStartedIsExpired", expired_at_once("2592001")},
      {"ThirtyDaysAreRelative", visible_at_once("2592000")},
      {"MomentInTheFutureIsVisible", visible_at_once("2145916800")},

      {"MomentPast2038IsVisible",
       {say("set a 0 2147483648 1\r\nx\r\n", kStored),
        differs("get a\r\n", found("a", "x"), kEnd, "memcached cuts exptimes to 32 bits"),
        say("set a 0 4294967297 1\r\ny\r\n", kStored), say("get a\r\n", found("a", "y"))}},

      {"ExptimePast64BitsIsRefusedAndTheValueDropped",
       {say(store("set", "guard", "x"), kStored), say("set guard 0 99999999999999999999 9\r\nflush_all\r\n", kBadLine),
        say("get guard\r\n", found("guard", "x"))},
       {},
       0,
       kExecutes},
  };
}
MARTLET_WIRE_TEST(Expiry, expiry());

std::vector<Conversation> touching() {
  return {
      {"TouchMovesTheExpiry",
       {say("set a 0 100 1\r\nx\r\n", kStored), say("touch a 200\r\n", "TOUCHED\r\n"), advance(150),
        say("get a\r\n", found("a", "x")), say("touch a 0\r\n", "TOUCHED\r\n"), advance(500),
        say("get a\r\n", found("a", "x"))}},

      {"TouchOfAnAbsentKeyIsNotFound", {say("touch a 0\r\n", "NOT_FOUND\r\n")}},

      {"TouchIntoThePastRemoves",
       {say(store("set", "a", "x"), kStored), say("touch a -1\r\n", "TOUCHED\r\n"), say("get a\r\n", kEnd),
        say("touch a 0\r\n", "NOT_FOUND\r\n")}},

      {"TouchTakesOnlyNumbers",
       {say(store("set", "a", "x"), kStored), say("touch a abc\r\n", kBadExptime), say("touch a 1x\r\n", kBadExptime),
        say("touch a 99999999999999999999\r\n", kBadExptime), say("get a\r\n", found("a", "x"))}},

      {"GatAnswersLikeGetAndMovesTheExpiry",
       {say("set a 7 100 1\r\nx\r\n", kStored), say("gat 200 a\r\n", "VALUE a 7 1\r\nx\r\nEND\r\n"), advance(150),
        say("gat 10 a\r\n", "VALUE a 7 1\r\nx\r\nEND\r\n"), advance(11), say("gat 10 a\r\n", kEnd)}},

      {"GatsShowsTheCasId",
       {say("set a 7 0 1\r\nx\r\n", kStored),
        say("gats 0 a nope a\r\n", "VALUE a 7 1 <cas>\r\nx\r\nVALUE a 7 1 <cas>\r\nx\r\nEND\r\n"),
        say("cas a 0 0 1 <cas>\r\ny\r\n", kStored)}},

      {"GatOfSeveralKeysSkipsMisses",
       {say(store("set", "a", "1"), kStored), say(store("set", "b", "2"), kStored),
        say("gat 0 b nope a\r\n", hit("b", "2") + found("a", "1")), say("gat 0 nope\r\n", kEnd)}},

      {"GatIntoThePastAnswersOnceMore",
       {say(store("set", "a", "x"), kStored), say("gat -1 a\r\n", found("a", "x")), say("get a\r\n", kEnd)}},

      {"GatTakesOnlyNumbers",
       {say("gat abc a\r\n", kBadExptime), say("gats abc a\r\n", kBadExptime), say("gat 1x a\r\n", kBadExptime)}},

      {"GatRefusesOverlongKeys", {say("gat 0 " + key_of(251) + "\r\n", kBadLine)}},
  };
}
MARTLET_WIRE_TEST(Touching, touching());

}  // namespace
}  // namespace martlet::wire
