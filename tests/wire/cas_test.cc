// Conversations about cas ids: gets, cas and what changes an id.
#include <string>
#include <vector>

#include "tests/wire/conversation_test.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

// A store that must have given the item another id: a cas with the one taken before fails, one with the id read now
// succeeds.
std::vector<Row> id_changes_with(const std::string& send, const std::string& answer) {
  return {say("set a 0 0 2\r\n10\r\n", kStored),
          say("gets a\r\n", "VALUE a 0 2 <old>\r\n10\r\nEND\r\n"),
          say(send, answer),
          say("cas a 0 0 1 <old>\r\nx\r\n", "EXISTS\r\n"),
          say("gets a\r\n", "VALUE a 0 <size> <fresh>\r\n<*>\r\nEND\r\n"),
          say("cas a 0 0 1 <fresh>\r\nx\r\n", kStored)};
}

// A command that leaves the id alone.
std::vector<Row> id_stays_with(const std::string& send, const std::string& answer) {
  return {say("set a 0 0 2\r\n10\r\n", kStored), say("gets a\r\n", "VALUE a 0 2 <old>\r\n10\r\nEND\r\n"),
          say(send, answer), say("cas a 0 0 1 <old>\r\nx\r\n", kStored), say("get a\r\n", found("a", "x"))};
}

std::vector<Conversation> cas() {
  return {
      {"MatchingIdStoresOnce",
       {say("set a 1 0 1\r\nx\r\n", kStored), say("gets a\r\n", "VALUE a 1 1 <cas>\r\nx\r\nEND\r\n"),
        say("cas a 2 0 2 <cas>\r\nyy\r\n", kStored), say("cas a 3 0 2 <cas>\r\nzz\r\n", "EXISTS\r\n"),
        say("get a\r\n", "VALUE a 2 2\r\nyy\r\nEND\r\n")}},

      {"AbsentKeyIsNotFound",
       {say("cas a 0 0 1 1\r\nx\r\n", "NOT_FOUND\r\n"), say("get a\r\n", kEnd),
        say("cas a 0 0 1 18446744073709551615\r\nx\r\n", "NOT_FOUND\r\n")}},

      {"IdZeroNeverMatches",
       {say(store("set", "a", "x"), kStored), say("cas a 0 0 1 0\r\ny\r\n", "EXISTS\r\n"),
        say("get a\r\n", found("a", "x"))}},

      {"EveryItemHasItsOwnId",
       {say(store("set", "a", "1"), kStored), say(store("set", "b", "2"), kStored),
        say("gets a\r\n", "VALUE a 0 1 <first>\r\n1\r\nEND\r\n"),
        say("gets b\r\n", "VALUE b 0 1 <second>\r\n2\r\nEND\r\n"), say("cas a 0 0 1 <second>\r\nx\r\n", "EXISTS\r\n"),
        say("cas b 0 0 1 <first>\r\nx\r\n", "EXISTS\r\n"),
        say("gets a b\r\n", "VALUE a 0 1 <first>\r\n1\r\nVALUE b 0 1 <second>\r\n2\r\nEND\r\n")}},

      {"SetChangesTheId", id_changes_with(store("set", "a", "y"), kStored)},
      {"ReplaceChangesTheId", id_changes_with(store("replace", "a", "y"), kStored)},
      {"AppendChangesTheId", id_changes_with(store("append", "a", "y"), kStored)},
      {"PrependChangesTheId", id_changes_with(store("prepend", "a", "1"), kStored)},
      {"IncrChangesTheId", id_changes_with("incr a 1\r\n", "11\r\n")},
      {"DecrChangesTheId", id_changes_with("decr a 5\r\n", "5\r\n")},
      {"FailedAddKeepsTheId", id_stays_with(store("add", "a", "y"), "NOT_STORED\r\n")},
      {"FailedCasKeepsTheId", id_stays_with("cas a 0 0 1 0\r\ny\r\n", "EXISTS\r\n")},
      {"TouchKeepsTheId", id_stays_with("touch a 0\r\n", "TOUCHED\r\n")},
      {"GetKeepsTheId", id_stays_with("get a\r\n", found("a", "10"))},
      {"GatKeepsTheId", id_stays_with("gat 0 a\r\n", found("a", "10"))},

      {"DeletedAndStoredAnewIsAnotherItem",
       {say(store("set", "a", "x"), kStored), say("gets a\r\n", "VALUE a 0 1 <cas>\r\nx\r\nEND\r\n"),
        say("delete a\r\n", "DELETED\r\n"), say(store("set", "a", "x"), kStored),
        say("cas a 0 0 1 <cas>\r\ny\r\n", "EXISTS\r\n")}},

      {"BadIdIsRefusedAndTheValueDropped",
       {say(store("set", "guard", "x"), kStored), say("cas guard 0 0 9 abc\r\nflush_all\r\n", kBadLine),
        say("cas guard 0 0 9 99999999999999999999\r\nflush_all\r\n", kBadLine),
        say("get guard\r\n", found("guard", "x"))},
       {},
       0,
       kExecutes},

      {"SwitchedOffIdsReadAsZeroAndNeverMatch",
       {say(store("set", "a", "x"), kStored), say("gets a\r\n", "VALUE a 0 1 0\r\nx\r\nEND\r\n"),
        say("cas a 0 0 1 0\r\ny\r\n", "EXISTS\r\n"), say("cas a 0 0 1 1\r\ny\r\n", "EXISTS\r\n"),
        say("get a\r\n", found("a", "x"))},
       {"-C"},
       0,
       "memcached without ids hides what is stored in the second of a flush, and the test begins with one"},
  };
}
MARTLET_WIRE_TEST(Cas, cas());

}  // namespace
}  // namespace martlet::wire
