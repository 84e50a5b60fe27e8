// Conversations about version, verbosity, cache_memlimit, shutdown, quit and the words after stats.
#include <string>
#include <vector>

#include "tests/wire/conversation_test.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

constexpr char kTooSmall[] = "MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m\r\n";
constexpr char kNoMegabytes[] = "MEMLIMIT_ADJUST_FAILED input value is megabytes not bytes\r\n";

std::vector<Conversation> admin() {
  return {
      {"VersionBeginsLikeMemcached",
       {differs("version\r\n", "VERSION 1.6.45-martlet-<major>.<minor>.<patch>\r\n", "VERSION 1.6.<patch>\r\n",
                "its own"),
        say("version extra words\r\n", "VERSION 1.6.<*>\r\n")}},

      {"VerbosityTakesALevel",
       {say("verbosity 1\r\n", "OK\r\n"), say("verbosity 9\r\n", "OK\r\n"), say("verbosity 0\r\n", "OK\r\n"),
        say("verbosity\r\n", kError), say("verbosity x\r\n", kBadLine), say("verbosity 0 extra\r\n", "OK\r\n"),
        say("verbosity 0\r\n", "OK\r\n")}},

      {"CacheMemlimitTakesMegabytes",
       {say("cache_memlimit 64\r\n", "OK\r\n"), say("cache_memlimit 7\r\n", kTooSmall),
        say("cache_memlimit 0\r\n", kTooSmall), say("cache_memlimit 1000000001\r\n", kNoMegabytes),
        say("cache_memlimit x\r\n", kError), say("cache_memlimit 32\r\n", "OK\r\n"),
        say(store("set", "a", "x"), kStored), say("get a\r\n", found("a", "x")),
        say("cache_memlimit 64\r\n", "OK\r\n")}},

      {"ShutdownIsRefusedUnlessEnabled",
       {differs("shutdown\r\n", "SERVER_ERROR: shutdown not enabled\r\n", "ERROR: shutdown not enabled\r\n",
                "memcached 1.6.18; later ones answer this"),
        differs("shutdown graceful\r\n", "SERVER_ERROR: shutdown not enabled\r\n", "ERROR: shutdown not enabled\r\n",
                "as above"),
        say("get in-step\r\n", kEnd)}},

      {"QuitCloses", {say_and_close("quit\r\n", "")}},
      {"QuitSendsWhatIsQueuedFirst",
       {say(store("set", "a", "x"), kStored),
        say_and_close("get a\r\nget a\r\nquit\r\n", found("a", "x") + found("a", "x"))}},
      {"NothingIsExecutedAfterQuit", {say_and_close("quit\r\nversion\r\n", "")}},
      {"WordsAfterQuitAreIgnored", {say_and_close("quit now\r\n", "")}},

      {"StatsResetSaysSo", {say("stats reset\r\n", "RESET\r\n")}},
      {"UnknownStatsAreErrors",
       {say("stats bogus\r\n", kError), say("stats Settings\r\n", kError), say("get in-step\r\n", kEnd)}},
      {"MemoryMapsAreNeverShown",
       {say("stats maps\r\n", kError), say("stats malloc\r\n", kError), say("get in-step\r\n", kEnd)}},
      {"AbbreviatedStatsAreErrors",
       {say("stats re\r\n", kError), say("stats rese\r\n", kError), say("stats s\r\n", kError),
        say("stats settingsx\r\n", kError), say("get in-step\r\n", kEnd)}},
  };
}
MARTLET_WIRE_TEST(Admin, admin());

}  // namespace
}  // namespace martlet::wire
