// Conversations about meta lines that are refused: the line that says so, and the value that is dropped.
#include <string>
#include <vector>

#include "tests/wire/conversation_test.h"
#include "tests/wire/meta_text.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

constexpr char kOlderTexts[] = "memcached 1.6.18 words some of these otherwise";
constexpr char kFollows[] = "memcached executes what follows the broken value";

Row guard() { return say(store("set", "guard", "x"), kStored); }
Row guarded() { return say("mg guard v\r\n", meta_value("x")); }

std::vector<Conversation> refused_lines() {
  return {
      {"BadFlags",
       {say("mg a v v\r\n", kDuplicateFlag), say("mg a S\r\n", kInvalidFlag), say("mg a 1\r\n", kInvalidFlag),
        say("mg a v [\r\n", kInvalidFlag), differs("md a y\r\n", kInvalidFlag, kBadArithFlag, kOlderTexts),
        say("ma a y\r\n", kBadArithFlag), say("ma a v v\r\n", kBadArithFlag), say("ma a D1 D2\r\n", kBadArithFlag)}},

      {"WordsThatCanBeNoFlag",
       {say("mg a v !\r\n", kBadLine), say("mg a -\r\n", kBadLine), say("ma a {\r\n", kBadLine),
        say("mg a v v \x7f\r\n", kBadLine), say("md a \tq\r\n", kBadLine)},
       {},
       0,
       kOlderTexts},

      {"BadArguments",
       {say("mg a T\r\n", kBadToken), say("mg a Tx\r\n", kBadToken), say("mg a Nx\r\n", kBadToken),
        say("mg a Rx\r\n", kBadToken), differs("md a Cx\r\n", kBadToken, kBadArithFlag, kOlderTexts),
        differs("md a C-1\r\n", kBadToken, kBadArithFlag, kOlderTexts), say("ma a Dx\r\n", kBadArithFlag),
        say("ma a Jx\r\n", kBadArithFlag)}},

      {"BadArgumentsOfLaterFlags",
       {say("mg a Ex\r\n", kBadToken), say("mg a Jx\r\n", "CLIENT_ERROR invalid numeric initial value\r\n"),
        say("mg a Dx\r\n", "CLIENT_ERROR invalid numeric delta value\r\n"), say("mg a M\r\n", kEn)},
       {},
       0,
       kOlderTexts},

      {"BadModes",
       {say("ms a 1 MX\r\nx\r\n", "CLIENT_ERROR invalid mode for ms M token\r\n"),
        say("ms a 1 Ms\r\nx\r\n", "CLIENT_ERROR invalid mode for ms M token\r\n"),
        say("ma a MX\r\n", "CLIENT_ERROR invalid mode for ma M token\r\n"),
        say("ma a Mi\r\n", "CLIENT_ERROR invalid mode for ma M token\r\n")}},

      {"LongerModes",
       {say("ms a 1 MSfoo\r\nx\r\n", kHd), say("ms a 1 M\r\nx\r\n", "CLIENT_ERROR invalid mode for ms M token\r\n")},
       {},
       0,
       kOlderTexts},

      {"TooFewWords",
       {say("mg\r\n", kBadLine), say("mg  \r\n", kBadLine), say("md\r\n", kBadLine), say("ma\r\n", kBadLine),
        say("me\r\n", kBadLine), say("ms\r\n", kBadLine), say("ms a\r\n", kBadLine), say("mn\n", kBadLine)},
       {},
       0,
       kOlderTexts},

      {"TooManyWords",
       {say("mg a b c f h k l q s t u v x I P L T1 N1 R1 E1\r\n", "CLIENT_ERROR options flags are too long\r\n"),
        say("ms a 9 b c f h k l q s t u v x I P L T1 N1 R1\r\nflush_all\r\n",
            "CLIENT_ERROR options flags are too long\r\n"),
        say("mg a c f h k l q s t u v x I P L T1 N0 D1 J1\r\n", "VA 0 c<cas> f0 h0 ka l0 s0 t-1 W\r\n\r\n")},
       {},
       0,
       kOlderTexts},

      {"LongKeys",
       {say("mg " + key_of(251) + "\r\n", kBadLine), say("md " + key_of(251) + "\r\n", kBadLine),
        say("ma " + key_of(251) + "\r\n", kBadLine), say("me " + key_of(251) + "\r\n", kBadLine),
        say("mg " + key_of(1000) + " v k\r\n", kBadLine)}},

      {"LineOfMoreThan2048BytesCloses",
       {say_and_close("mg a" + key_of(3000, ' ') + "v\r\nmn\r\n", "")},
       {},
       0,
       "memcached takes a long line if all of it arrives at once"},

      {"OtherWordsWithAnM",
       {say("mx a\r\n", kError), say("mgg a\r\n", kError), say("MG a\r\n", kError),
        differs(" mg a\r\n", kError, kEn, "memcached 1.6.18 lets a line begin with a space")}},

      {"ErrorsAreNeverQuiet",
       {say("mg a q q\r\n", kDuplicateFlag), say("mg a q S\r\n", kInvalidFlag),
        differs("md a q Cx\r\n", kBadToken, kBadArithFlag, kOlderTexts)}},
  };
}
MARTLET_WIRE_TEST(MetaRefused, refused_lines());

std::vector<Conversation> refused_stores() {
  const std::string line = " " + std::to_string(poison(47).size());
  const std::string value = "\r\n" + poison(47) + "\r\n";
  return {
      {"ValuesOfRefusedLinesAreDropped",
       {guard(), say("ms guard" + line + " v v" + value, kDuplicateFlag),
        say("ms guard" + line + " S" + value, kInvalidFlag), say("ms guard" + line + " Tx" + value, kBadToken),
        say("ms guard" + line + " Cx" + value, kBadToken),
        say("ms guard" + line + " MX" + value, "CLIENT_ERROR invalid mode for ms M token\r\n"),
        say("ms guard" + line + " Fx" + value, kBadLine), guarded()}},

      {"ValueOfAnOverlongKeyIsDropped",
       {guard(), say("ms " + key_of(251) + line + value, kBadLine), guarded()},
       {},
       0,
       kExecutes},

      {"ValueBehindAWordThatCanBeNoFlagIsDropped",
       {guard(), say("ms guard" + line + " !" + value, kBadLine), guarded()},
       {},
       0,
       kOlderTexts},

      {"LengthThatIsNoNumberKeepsTheConnection",
       {guard(), say("ms guard x\r\n", kBadLine), say("ms guard S9\r\n", kBadLine), say("ms guard v 9\r\n", kBadLine),
        guarded()}},

      {"LengthBeyondBeliefCloses", {guard(), say_and_close("ms guard -1\r\nflush_all\r\n", kBadLine)}, {}, 0, kFollows},
      {"LengthJustPastTheHighestCloses",
       {guard(), say_and_close("ms guard 2147483646 k\r\nflush_all\r\n", kBadLine)},
       {},
       0,
       kFollows},

      {"ValueThatIsTooLongIsDroppedToTheEndOfItsLine",
       {guard(), differs("ms guard 3\r\nabcdef\r\n", kBadChunk, std::string(kBadChunk) + kError, kFollows),
        differs("ms guard 3 q\r\nabcd\r\n", kBadChunk, std::string(kBadChunk) + kError, kFollows), guarded()}},

      {"TooLargeSetRemovesTheOldItemOtherModesKeepIt",
       {guard(), say(meta_store("guard", poison(1025), "ME"), kTooLarge),
        say(meta_store("guard", poison(1025), "MA"), kTooLarge),
        say(meta_store("guard", poison(1025), "MP"), kTooLarge),
        say(meta_store("guard", poison(1025), "MR"), kTooLarge),
        say(meta_store("guard", poison(1025), "C1099511627775"), kTooLarge), guarded(),
        say(meta_store("guard", poison(1025), "q"), kTooLarge), say("mg guard\r\n", kEn), guard(),
        say(meta_store("guard", poison(50000), "MS"), kTooLarge), say("mg guard\r\n", kEn)},
       {"-I", "1k"},
       0,
       "memcached has no such small item size"},
  };
}
MARTLET_WIRE_TEST(MetaRefusedStore, refused_stores());

}  // namespace
}  // namespace martlet::wire
