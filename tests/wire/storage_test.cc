// Conversations about set, add, replace, append and prepend.
#include <string>
#include <vector>

#include "tests/wire/conversation_test.h"

namespace martlet::wire {
namespace {

const std::vector<Conversation> kStorage = {
    {"SetStoresAndReplaces",
     {say("set a 5 0 3\r\none\r\n", "STORED\r\n"), say("get a\r\n", "VALUE a 5 3\r\none\r\nEND\r\n"),
      say("set a 6 0 5\r\nthree\r\n", "STORED\r\n"), say("get a\r\n", "VALUE a 6 5\r\nthree\r\nEND\r\n")}},

    {"EmptyValueIsAValue",
     {say("set a 1 0 0\r\n\r\n", "STORED\r\n"), say("get a\r\n", "VALUE a 1 0\r\n\r\nEND\r\n"),
      say("append a 0 0 2\r\nxy\r\n", "STORED\r\n"), say("get a\r\n", "VALUE a 1 2\r\nxy\r\nEND\r\n")}},

    {"ValueMayHoldAnyBytes",
     {say(std::string("set a 0 0 12\r\n\0\r\nEND\r\n\xff\t \n\r\n", 28), "STORED\r\n"),
      say("get a\r\n", std::string("VALUE a 0 12\r\n\0\r\nEND\r\n\xff\t \n\r\nEND\r\n", 33)),
      say("set a 0 0 11\r\nflush_all\r\n\r\n", "STORED\r\n"),
      say("get a\r\n", "VALUE a 0 11\r\nflush_all\r\n\r\nEND\r\n")}},

    {"AddKeepsWhatIsThere",
     {say("add a 1 0 1\r\nx\r\n", "STORED\r\n"), say("add a 2 0 1\r\ny\r\n", "NOT_STORED\r\n"),
      say("get a\r\n", "VALUE a 1 1\r\nx\r\nEND\r\n"), say("delete a\r\n", "DELETED\r\n"),
      say("add a 3 0 1\r\nz\r\n", "STORED\r\n"), say("get a\r\n", "VALUE a 3 1\r\nz\r\nEND\r\n")}},

    {"ReplaceNeedsAnItem",
     {say("replace a 1 0 1\r\nx\r\n", "NOT_STORED\r\n"), say("get a\r\n", "END\r\n"),
      say("set a 0 0 1\r\nx\r\n", "STORED\r\n"), say("replace a 7 0 2\r\nyy\r\n", "STORED\r\n"),
      say("get a\r\n", "VALUE a 7 2\r\nyy\r\nEND\r\n")}},

    {"AppendAndPrependKeepFlags",
     {say("append a 0 0 1\r\nx\r\n", "NOT_STORED\r\n"), say("prepend a 0 0 1\r\nx\r\n", "NOT_STORED\r\n"),
      say("set a 42 0 3\r\nmid\r\n", "STORED\r\n"), say("append a 1 0 4\r\n-end\r\n", "STORED\r\n"),
      say("prepend a 2 0 6\r\nstart-\r\n", "STORED\r\n"), say("get a\r\n", "VALUE a 42 13\r\nstart-mid-end\r\nEND\r\n"),
      say("append a 0 0 0\r\n\r\n", "STORED\r\n"), say("get a\r\n", "VALUE a 42 13\r\nstart-mid-end\r\nEND\r\n")}},

    {"AppendAndPrependKeepTheExpiry",
     {say("set a 0 100 1\r\nm\r\n", "STORED\r\n"), say("append a 0 0 1\r\nx\r\n", "STORED\r\n"),
      say("prepend a 0 -1 1\r\nw\r\n", "STORED\r\n"), say("get a\r\n", "VALUE a 0 3\r\nwmx\r\nEND\r\n"), advance(98),
      say("get a\r\n", "VALUE a 0 3\r\nwmx\r\nEND\r\n"), advance(3), say("get a\r\n", "END\r\n")}},

    {"FlagsAre32Bits",
     {say("set a 4294967295 0 1\r\nx\r\n", "STORED\r\n"), say("get a\r\n", "VALUE a 4294967295 1\r\nx\r\nEND\r\n"),
      say("set a 0 0 1\r\ny\r\n", "STORED\r\n"), say("get a\r\n", "VALUE a 0 1\r\ny\r\nEND\r\n")}},

    {"FlagsPast32BitsAreRefusedAndTheValueDropped",
     {say("set a 1 0 1\r\nx\r\n", "STORED\r\n"),
      differs("set a 4294967296 0 9\r\nflush_all\r\n", "CLIENT_ERROR bad command line format\r\n", "STORED\r\n",
              "memcached cuts flags to 32 bits"),
      differs("get a\r\n", "VALUE a 1 1\r\nx\r\nEND\r\n", "VALUE a 0 9\r\nflush_all\r\nEND\r\n", "so it stored")}},

    {"EveryStoreOfOneKeyIsSeenByEveryCommand",
     {say("set a 0 0 1\r\n1\r\n", "STORED\r\n"), say("append a 0 0 1\r\n2\r\n", "STORED\r\n"),
      say("incr a 1\r\n", "13\r\n"), say("prepend a 0 0 1\r\n9\r\n", "STORED\r\n"), say("decr a 13\r\n", "900\r\n"),
      say("get a\r\n", "VALUE a 0 3\r\n900\r\nEND\r\n")}},

    {"NumbersMayHaveLeadingZeros",
     {say("set a 007 00 0003\r\nabc\r\n", "STORED\r\n"), say("get a\r\n", "VALUE a 7 3\r\nabc\r\nEND\r\n")}},
};
MARTLET_WIRE_TEST(Storage, kStorage);

}  // namespace
}  // namespace martlet::wire
