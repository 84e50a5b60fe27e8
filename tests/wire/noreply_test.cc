// Conversations about noreply: nothing is heard, not of errors either, and the stream stays in step.
#include <string>
#include <vector>

#include "tests/wire/conversation_test.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

// A storage line with noreply, and its value.
std::string quiet(const std::string& line, const std::string& value) { return line + " noreply\r\n" + value + "\r\n"; }

std::vector<Conversation> noreply() {
  return {
      {"EveryStoreIsSilentAndDone",
       {say(quiet("set a 0 0 1", "1"), ""), say("get a\r\n", found("a", "1")), say(quiet("add b 0 0 1", "2"), ""),
        say("get b\r\n", found("b", "2")), say(quiet("replace a 0 0 1", "3"), ""),
        say(quiet("append a 0 0 1", "4"), ""), say(quiet("prepend a 0 0 1", "0"), ""),
        say("gets a\r\n", "VALUE a 0 3 <cas>\r\n034\r\nEND\r\n"), say(quiet("cas a 0 0 1 <cas>", "9"), ""),
        say("get a\r\n", found("a", "9"))}},

      {"StoreThatDoesNotHappenIsSilent",
       {say(store("set", "a", "x"), kStored), say(quiet("add a 0 0 1", "y"), ""),
        say(quiet("replace b 0 0 1", "y"), ""), say(quiet("append b 0 0 1", "y"), ""),
        say(quiet("prepend b 0 0 1", "y"), ""), say(quiet("cas a 0 0 1 0", "y"), ""),
        say(quiet("cas b 0 0 1 1", "y"), ""), say("get a b\r\n", found("a", "x"))}},

      {"DeleteTouchIncrDecrAreSilentAndDone",
       {say(store("set", "a", "5"), kStored), say("incr a 3 noreply\r\n", ""), say("get a\r\n", found("a", "8")),
        say("decr a 1 noreply\r\n", ""), say("get a\r\n", found("a", "7")), say("touch a 0 noreply\r\n", ""),
        say("delete a noreply\r\n", ""), say("get a\r\n", kEnd), say("delete a noreply\r\n", ""),
        say("incr a 1 noreply\r\n", ""), say("touch a 0 noreply\r\n", ""), say("get a\r\n", kEnd)}},

      {"DeleteWithZeroAndNoreply",
       {say(store("set", "a", "5"), kStored), say("delete a 0 noreply\r\n", ""), say("get a\r\n", kEnd)}},

      {"KeyMayBeCalledNoreply",
       {say(store("set", "noreply", "5"), kStored), say("get noreply\r\n", found("noreply", "5")),
        say("delete noreply\r\n", "DELETED\r\n"), say("delete noreply\r\n", "NOT_FOUND\r\n"),
        say(store("set", "noreply", "5"), kStored), say("delete noreply noreply\r\n", ""),
        say("get noreply\r\n", kEnd)}},

      {"FlushAllIsSilentAndDone",
       {say(store("set", "a", "1"), kStored), say("flush_all noreply\r\n", ""), say("get a\r\n", kEnd),
        say(store("set", "a", "1"), kStored), say("flush_all 0 noreply\r\n", ""), say("get a\r\n", kEnd),
        say(store("set", "a", "1"), kStored), say("flush_all 1000 noreply\r\n", ""),
        say("get a\r\n", found("a", "1"))}},

      {"AdminCommandsAreSilent",
       {say("verbosity 0 noreply\r\n", ""), say("verbosity noreply\r\n", ""), say("cache_memlimit 64 noreply\r\n", ""),
        say("get a\r\n", kEnd)}},

      {"BadChunkIsSilentAndDropped",
       {say(store("set", "guard", "x"), kStored), say("set guard 0 0 3 noreply\r\nabcdef flush_all\r\n", ""),
        differs("get guard\r\n", found("guard", "x"), "ERROR\r\n" + found("guard", "x"),
                "memcached executes what follows the broken value")}},

      {"NonNumericIsSilent",
       {say(store("set", "a", "x"), kStored), say("incr a 1 noreply\r\n", ""), say("get a\r\n", found("a", "x"))}},

      {"TooLargeIsSilentAndDropped",
       {say(store("set", "guard", "x"), kStored), say(quiet("add guard 0 0 1025", poison(1025)), ""),
        say("get guard\r\n", found("guard", "x"))},
       {"-I", "1k"},
       0,
       "memcached has no such small item size"},

      {"NoreplyMustBeTheLastWordInFull",
       {say("set a 0 0 1 noreplyx\r\nx\r\n", kStored), say("set a 0 0 1 NOREPLY\r\ny\r\n", kStored),
        say("get a\r\n", found("a", "y"))}},
  };
}
MARTLET_WIRE_TEST(Noreply, noreply());

}  // namespace
}  // namespace martlet::wire
