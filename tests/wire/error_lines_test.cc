// Conversations about what is refused: every error line of the classic commands that a client can cause.
#include <string>
#include <vector>

#include "tests/wire/conversation_test.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

constexpr char kOlder[] = "memcached 1.6.18 answers ERROR, later ones this";

// A line with too few words.
Row too_short(const std::string& line) { return differs(line + "\r\n", kBadLine, kError, kOlder); }

std::vector<Conversation> error_lines() {
  return {
      {"UnknownCommandsAreErrors",
       {say("bogus\r\n", kError), say("bogus a b c\r\n", kError), say("getx a\r\n", kError),
        say("sets a 0 0 1\r\n", kError), say("ge a\r\n", kError), say("gett\r\n", kError), say("flush\r\n", kError),
        say("flush_allx\r\n", kError), say("quitx\r\n", kError), say("get in-step\r\n", kEnd)}},

      {"CommandsAreLowerCase",
       {say("GET a\r\n", kError), say("Set a 0 0 1\r\n", kError), say("VERSION\r\n", kError),
        say("FLUSH_ALL\r\n", kError), say("QUIT\r\n", kError)}},

      {"EmptyAndVeryShortLinesAreBadLines",
       {too_short(""), differs("\n", kBadLine, kError, kOlder), differs("a\r\n", kBadLine, kError, kOlder),
        differs("ab\n", kBadLine, kError, kOlder), say("get in-step\r\n", kEnd)}},

      {"TooFewWordsAreBadLines",
       {too_short("get"), too_short("gets"), too_short("gat"),
        differs("gat 0\r\n", kBadLine, kEnd, "memcached 1.6.18 finds no key in it"), too_short("gats"),
        differs("gats 0\r\n", kBadLine, kEnd, "memcached 1.6.18 finds no key in it"), too_short("incr"),
        too_short("incr a"), too_short("decr"), too_short("decr a"), too_short("touch"), too_short("touch a"),
        too_short("delete"), say("get in-step\r\n", kEnd)}},

      {"StorageLinesWithTooFewWordsAreBadLines",
       {too_short("set"), too_short("set a"), too_short("set a 0"), too_short("set a 0 0"), too_short("add a 0 0"),
        too_short("replace a 0 0"), too_short("append a 0 0"), too_short("prepend a 0 0"), too_short("cas a 0 0"),
        say("get in-step\r\n", kEnd)}},

      {"OverlongKeysAreBadLines",
       {say("get " + key_of(251) + "\r\n", kBadLine), say("delete " + key_of(251) + "\r\n", kBadLine),
        say("touch " + key_of(251) + " 0\r\n", kBadLine), say("incr " + key_of(251) + " 1\r\n", kBadLine),
        say("decr " + key_of(251) + " 1\r\n", kBadLine), say("gat 0 " + key_of(251) + "\r\n", kBadLine),
        say("get in-step\r\n", kEnd)},
       {},
       0,
       {},
       "memcached loses pending replies when a gat is refused"},

      {"BadFlagsAndExptimesAreBadLines",
       {say("set a -1 0 1\r\nx\r\n", kBadLine), say("set a x 0 1\r\nx\r\n", kBadLine),
        say("set a 1x 0 1\r\nx\r\n", kBadLine), say("set a 99999999999999999999 0 1\r\nx\r\n", kBadLine),
        say("set a 0 x 1\r\nx\r\n", kBadLine), say("set a 0 1x 1\r\nx\r\n", kBadLine),
        say("add a x 0 1\r\nx\r\n", kBadLine), say("append a x 0 1\r\nx\r\n", kBadLine),
        say("cas a x 0 1 1\r\nx\r\n", kBadLine), say("get a\r\n", kEnd)},
       {},
       0,
       kExecutes},

      {"LengthThatIsNoNumberIsABadLine",
       {say("set a 0 0 abc\r\n", kBadLine), say("set a 0 0 1x\r\n", kBadLine), say("set a 0 0 0x10\r\n", kBadLine),
        say("add a 0 0 abc\r\n", kBadLine), say("cas a 0 0 abc 1\r\n", kBadLine), say("get a\r\n", kEnd)}},

      {"ErrorsWithoutNoreplyAreAlwaysTold",
       {say("incr a x\r\n", kBadDelta), say("touch a x\r\n", kBadExptime), say("flush_all x\r\n", kBadExptime),
        say("verbosity x\r\n", kBadLine), say("cache_memlimit x\r\n", kError), say("get in-step\r\n", kEnd)}},

      {"NoreplySilencesARefusedLineAndItsValueIsDropped",
       {differs("set " + key_of(251) + " 0 0 1 noreply\r\nx\r\n", "", kError, kExecutes),
        differs("set a x 0 1 noreply\r\nx\r\n", "", kError, kExecutes), say("get a\r\n", kEnd)}},

      {"NoreplyIsNotReadWhereTheLengthIsNoNumber",
       {differs("set a 0 0 abc noreply\r\n", kBadLine, "",
                "memcached 1.6.18 is silent; later ones read the length first"),
        say("get a\r\n", kEnd)}},
  };
}
MARTLET_WIRE_TEST(ErrorLines, error_lines());

}  // namespace
}  // namespace martlet::wire
