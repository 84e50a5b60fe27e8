// Conversations about flush_all.
#include <string>
#include <vector>

#include "tests/wire/conversation_test.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

// The command makes everything stored so far vanish at once, and nothing that is stored after it in the same second.
std::vector<Row> flushes_now(const std::string& command) {
  return {say(store("set", "a", "1"), kStored),
          say(store("set", "b", "2"), kStored),
          say(command, "OK\r\n"),
          say("get a b\r\n", kEnd),
          say(store("replace", "a", "x"), "NOT_STORED\r\n"),
          say(store("set", "a", "3"), kStored),
          say("get a b\r\n", found("a", "3"))};
}

std::vector<Conversation> flushing() {
  return {
      {"EverythingGoesAtOnce", flushes_now("flush_all\r\n")},
      {"ZeroDelayIsAtOnce", flushes_now("flush_all 0\r\n")},
      {"NegativeDelayIsAtOnce", flushes_now("flush_all -1\r\n")},

      {"FlushedItemsAreAbsentForEveryCommand",
       {say(store("set", "a", "1"), kStored), say("flush_all\r\n", "OK\r\n"), say("incr a 1\r\n", "NOT_FOUND\r\n"),
        say("touch a 0\r\n", "NOT_FOUND\r\n"), say("delete a\r\n", "NOT_FOUND\r\n"),
        say(store("append", "a", "x"), "NOT_STORED\r\n"), say("cas a 0 0 1 1\r\nx\r\n", "NOT_FOUND\r\n"),
        say("gat 0 a\r\n", kEnd), say(store("add", "a", "y"), kStored), say("get a\r\n", found("a", "y"))}},

      {"StoreAfterTheFlushInTheSameSecondStays",
       {say(store("set", "a", "1"), kStored), say("flush_all\r\n", "OK\r\n"), say(store("set", "a", "2"), kStored),
        advance(1), say("get a\r\n", found("a", "2"))}},

      {"DelayedFlushTakesWhatIsStoredBeforeItsTime",
       {say(store("set", "a", "1"), kStored), say("flush_all 2\r\n", "OK\r\n"), say("get a\r\n", found("a", "1")),
        say(store("set", "b", "2"), kStored), advance(3), say("get a b\r\n", kEnd),
        say(store("set", "c", "3"), kStored), say("get c\r\n", found("c", "3"))}},

      {"DelayedFlushWaitsForItsTime",
       {say(store("set", "a", "1"), kStored), say("flush_all 100\r\n", "OK\r\n"), advance(98),
        say("get a\r\n", found("a", "1")), advance(3), say("get a\r\n", kEnd)}},

      {"LastCallWins",
       {say(store("set", "a", "1"), kStored), say("flush_all 10\r\n", "OK\r\n"), say("flush_all 100\r\n", "OK\r\n"),
        advance(50), say("get a\r\n", found("a", "1")), advance(60), say("get a\r\n", kEnd)}},

      {"FlushNowCancelsADelayedOne",
       {say("flush_all 10\r\n", "OK\r\n"), say("flush_all\r\n", "OK\r\n"), say(store("set", "a", "1"), kStored),
        advance(20), say("get a\r\n", found("a", "1"))}},

      {"DelayMustBeANumber",
       {say(store("set", "a", "1"), kStored), say("flush_all abc\r\n", kBadExptime),
        say("flush_all 1x\r\n", kBadExptime), say("get a\r\n", found("a", "1"))}},

      {"SwitchedOffIsRefused",
       {say(store("set", "a", "1"), kStored), say("flush_all\r\n", "CLIENT_ERROR flush_all not allowed\r\n"),
        say("flush_all 0\r\n", "CLIENT_ERROR flush_all not allowed\r\n"), say("flush_all noreply\r\n", ""),
        say("get a\r\n", found("a", "1")), say("delete a\r\n", "DELETED\r\n")},
       {"-F"}},
  };
}
MARTLET_WIRE_TEST(Flushing, flushing());

}  // namespace
}  // namespace martlet::wire
