// Conversations about lru_crawler, lru, slabs, extstore, stats detail and stats cachedump: the words, the refusals.
#include <string>
#include <vector>

#include "tests/wire/conversation_test.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

constexpr char kOk[] = "OK\r\n";
constexpr char kBadClass[] = "BADCLASS invalid class id\r\n";
constexpr char kCrawlerOff[] = "CLIENT_ERROR lru crawler disabled\r\n";
constexpr char kUsage[] = "CLIENT_ERROR usage: stats detail on|off|dump\r\n";
constexpr char kOlder[] = "memcached 1.6.18; later ones answer this";

std::vector<Conversation> engine_commands() {
  return {
      {"CrawlerCommandsAreCheckedAndAnswered",
       {say("lru_crawler\r\n", kError), say("lru_crawler enable\r\n", "ERROR failed to start lru crawler thread\r\n"),
        say("lru_crawler sleep 100\r\n", kOk),
        say("lru_crawler sleep 1000001\r\n", "CLIENT_ERROR sleep must be one second or less\r\n"),
        say("lru_crawler sleep x\r\n", kBadLine), say("lru_crawler sleep\r\n", kError),
        say("lru_crawler tocrawl 5\r\n", kOk), say("lru_crawler tocrawl 0\r\n", kOk),
        say("lru_crawler tocrawl -1\r\n", kBadLine), say("lru_crawler foo\r\n", kError),
        say("lru_crawler crawl\r\n", kError), say("lru_crawler crawl 0\r\n", kBadClass),
        say("lru_crawler crawl 64\r\n", kBadClass), say("lru_crawler crawl x\r\n", kBadClass),
        say("lru_crawler crawl hash\r\n", "ERROR an unknown error happened\r\n"),
        say("lru_crawler metadump\r\n", kError), say("get in-step\r\n", kEnd)}},
      {"CrawlerCanBeSwitchedOff",
       {say("lru_crawler disable\r\n", kOk), say("lru_crawler disable\r\n", kOk),
        say("lru_crawler metadump all\r\n", kCrawlerOff), say("lru_crawler crawl all\r\n", kCrawlerOff),
        say("lru_crawler enable\r\n", kOk),
        say("lru_crawler enable\r\n", "ERROR failed to start lru crawler thread\r\n")}},
      {"ListsAreTunedInForm",
       {say("lru\r\n", kError), say("lru tune\r\n", kError), say("lru tune 10 20 0.2 2.0\r\n", kOk),
        say("lru tune 10 80 0.2 2.0\r\n", "ERROR hot and warm pcts must not exceed 80\r\n"),
        say("lru tune 10 20 0 2.0\r\n", "ERROR hot/warm age factors must be greater than 0\r\n"),
        say("lru tune 10 20 x 2.0\r\n", kError), say("lru tune x 20 0.2 2.0\r\n", kError),
        say("lru mode segmented\r\n", kOk), say("lru mode x\r\n", kError), say("lru mode\r\n", kError),
        say("lru temp_ttl 60\r\n", kOk), say("lru temp_ttl -1\r\n", kOk), say("lru temp_ttl x\r\n", kError),
        say("lru x y\r\n", kError)}},
      {"PagesAreMovedInForm",
       {say("slabs\r\n", kError),
        say("slabs reassign\r\n", kError),
        say("slabs reassign 1\r\n", kError),
        say("slabs reassign 1 2\r\n", "NOSPARE source class has no spare pages\r\n"),
        say("slabs reassign 1 1\r\n", "SAME src and dst class are identical\r\n"),
        say("slabs reassign 99 1\r\n", "BADCLASS invalid src or dst class id\r\n"),
        say("slabs reassign 2 99\r\n", "BADCLASS invalid src or dst class id\r\n"),
        say("slabs reassign 0 1\r\n", "BADCLASS invalid src or dst class id\r\n"),
        say("slabs reassign x 1\r\n", kBadLine),
        say("slabs automove\r\n", kError),
        say("slabs automove 0\r\n", kOk),
        say("slabs automove 1\r\n", kOk),
        say("slabs automove 3\r\n", kError),
        say("slabs automove x\r\n", kBadLine),
        say("slabs automove ratio 0.5\r\n", kOk),
        say("slabs automove ratio x\r\n", kError),
        say("slabs automove ratio\r\n", kError),
        differs("slabs automove ratio 5\r\n", kError, kOk, "it takes any number"),
        differs("slabs automove window 20\r\n", kOk, kBadLine, kOlder),
        differs("slabs automove window 1\r\n", "CLIENT_ERROR automove window too low or too high\r\n", kBadLine,
                kOlder),
        differs("slabs automove freeratio 0.1\r\n", kOk, kBadLine, kOlder),
        say("slabs foo 1 2\r\n", kError),
        say("slabs automove 1 noreply\r\n", ""),
        say("get in-step\r\n", kEnd)}},
      {"FlashIsTunedInForm",
       {say("extstore\r\n", kError), say("extstore item_size 5\r\n", kOk), say("extstore item_size x\r\n", kError),
        say("extstore foo 5\r\n", kError), differs("extstore max_frag 5\r\n", kError, kOk, "it takes any number")}},
      {"PrefixesAreCountedWhenAsked",
       {say("stats detail\r\n", kUsage), say("stats detail foo\r\n", kUsage), say("stats detail dum\r\n", kUsage),
        say("get p:a\r\n", kEnd), say("stats detail on\r\n", kOk), say(store("set", "p:a", "x"), kStored),
        say("get p:a p:b none\r\n", found("p:a", "x")), say("delete p:a\r\n", "DELETED\r\n"),
        say(store("set", "q:a", "x"), kStored),
        say("stats detail dump\r\n", "PREFIX p get 2 hit 1 set 1 del 1\r\nPREFIX q get 0 hit 0 set 1 del 0\r\nEND\r\n"),
        say("stats detail off\r\n", kOk), say("get p:a\r\n", kEnd), say("stats reset\r\n", "RESET\r\n"),
        say("stats detail dump\r\n", kEnd)}},
      {"PrefixesEndAtTheirDelimiter",
       {say("stats reset\r\n", "RESET\r\n"), say(store("set", "a:b/c", "x"), kStored),
        say(store("set", "/d", "x"), kStored),
        say("stats detail dump\r\n", "PREFIX a:b get 0 hit 0 set 1 del 0\r\nEND\r\n")},
       {"-D", "/"}},
      {"CachedumpListsAClass",
       {say("stats cachedump\r\n", "CLIENT_ERROR bad command line\r\n"),
        say("stats cachedump 1\r\n", "CLIENT_ERROR bad command line\r\n"), say("stats cachedump x 1\r\n", kBadLine),
        say("stats cachedump 1 x\r\n", kBadLine), say("stats cachedump 64 0\r\n", "CLIENT_ERROR Illegal slab id\r\n"),
        say("stats cachedump 63 0\r\n", kEnd), say(store("set", "cached", "abc"), kStored),
        say("stats cachedump 1 0\r\n", "ITEM cached [3 b; 0 s]\r\nEND\r\n")}},
      {"ListingsCanBeForbidden",
       {say("lru_crawler metadump all\r\n", "ERROR metadump not allowed\r\n"),
        differs("lru_crawler mgdump all\r\n", "ERROR key dump not allowed\r\n", kError, kOlder),
        say("stats cachedump 1 0\r\n", "CLIENT_ERROR stats cachedump not allowed\r\n"),
        say("stats detail on\r\n", "CLIENT_ERROR stats detail not allowed\r\n")},
       {"-X"}},
      {"SizesAreCountedWhenAsked",
       {say(store("set", "sized", "x"), kStored), say("stats sizes\r\n", "STAT <size> <count>\r\nEND\r\n")},
       {"-o", "track_sizes"},
       0,
       "memcached's sizes are those of its own items"},
      {"SizesAreOffByDefault", {say("stats sizes\r\n", "STAT sizes_status disabled\r\nEND\r\n")}},
  };
}
MARTLET_WIRE_TEST(EngineCommands, engine_commands());

}  // namespace
}  // namespace martlet::wire
