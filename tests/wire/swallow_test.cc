// Conversations about values that do not fit their line: the bytes of a value are never executed, and the stream is in
// step again afterwards, or closed.
#include <string>
#include <vector>

#include "tests/wire/conversation_test.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

constexpr char kFollows[] = "memcached executes what follows the broken value";

Row guard() { return say(store("set", "guard", "x"), kStored); }
Row guarded() { return say("get guard\r\n", found("guard", "x")); }

// A length for which there is no value that could be dropped: answered, then closed, whatever comes behind.
Conversation closes_on_length(const std::string& name, const std::string& line, const std::string& theirs) {
  Row row = say_and_close(line + "\r\nflush_all\r\ndelete guard\r\n", kBadLine);
  row.reference = theirs;
  row.reference_closes = false;
  row.reason = kFollows;
  return {name, {guard(), row}};
}

std::vector<Conversation> lying_lengths() {
  return {
      {"ValueShorterThanSaid",
       {guard(), say("set a 0 0 18\r\nshort\r\nget guard\r\n\r\n", "STORED\r\n"),
        say("get a\r\n", found("a", "short\r\nget guard\r\n")), guarded()}},

      {"ValueOneByteLongerThanSaid",
       {guard(), differs("set a 0 0 3\r\nabcd\r\n", kBadChunk, std::string(kBadChunk) + kError, kFollows),
        say("get a\r\n", kEnd), guarded()}},

      {"ValueMuchLongerThanSaidIsDroppedToTheEndOfItsLine",
       {guard(), differs("set a 0 0 3\r\nabcdefghijkl\r\n", kBadChunk, std::string(kBadChunk) + kError, kFollows),
        differs("set a 0 0 1\r\nabcflush_all\r\n", kBadChunk, std::string(kBadChunk) + "OK\r\n", kFollows),
        differs("get guard\r\n", found("guard", "x"), kEnd, kFollows)}},

      {"CommandsRightAfterABrokenValueAreDropped",
       {guard(),
        differs("set a 0 0 3\r\nabcdedelete guard\r\n", kBadChunk, std::string(kBadChunk) + "DELETED\r\n", kFollows),
        differs("get guard\r\n", found("guard", "x"), kEnd, kFollows)}},

      {"BareNewlineDoesNotEndAValue",
       {guard(), say(store("set", "a", "old"), kStored),
        differs("set a 0 0 3\r\nnew\nget guard\r\n", kBadChunk, std::string(kBadChunk) + kError, kFollows),
        say("get a\r\n", found("a", "old")), guarded()}},

      {"BrokenValueKeepsTheOldItem",
       {say(store("set", "a", "old"), kStored),
        differs("set a 0 0 1\r\nnew\r\n", kBadChunk, std::string(kBadChunk) + kError, kFollows),
        say("get a\r\n", found("a", "old"))}},

      {"EveryStoreWithABrokenValueIsRefused",
       {guard(), differs("add a 0 0 1\r\nxyzzy\r\n", kBadChunk, std::string(kBadChunk) + kError, kFollows),
        differs("replace guard 0 0 1\r\nxyzzy\r\n", kBadChunk, std::string(kBadChunk) + kError, kFollows),
        differs("append guard 0 0 1\r\nxyzzy\r\n", kBadChunk, std::string(kBadChunk) + kError, kFollows),
        differs("prepend guard 0 0 1\r\nxyzzy\r\n", kBadChunk, std::string(kBadChunk) + kError, kFollows),
        differs("cas guard 0 0 1 1\r\nxyzzy\r\n", kBadChunk, std::string(kBadChunk) + kError, kFollows), guarded(),
        say("get a\r\n", kEnd)}},

      {"EmptyValueWithBytesIsBroken",
       {guard(), differs("set a 0 0 0\r\nabcdef\r\n", kBadChunk, std::string(kBadChunk) + kError, kFollows),
        guarded()}},

      {"DroppedLineMayBe2000BytesLong",
       {guard(),
        differs("set a 0 0 1\r\nx" + key_of(2000, 'z') + "\r\n", kBadChunk, std::string(kBadChunk) + kError, kFollows),
        guarded()}},
  };
}
MARTLET_WIRE_TEST(LyingLengths, lying_lengths());

std::vector<Conversation> unusable_lengths() {
  return {
      closes_on_length("NegativeLengthCloses", "set guard 0 0 -1", std::string(kBadLine) + "OK\r\nNOT_FOUND\r\n"),
      closes_on_length("VeryNegativeLengthCloses", "set guard 0 0 -2147483648",
                       std::string(kBadLine) + "OK\r\nNOT_FOUND\r\n"),
      closes_on_length("LengthJustPastTheHighestCloses", "set guard 0 0 2147483646",
                       std::string(kBadLine) + "OK\r\nNOT_FOUND\r\n"),
      closes_on_length("LengthOfTwoToThe31Closes", "set guard 0 0 2147483648",
                       std::string(kBadLine) + "OK\r\nNOT_FOUND\r\n"),
      closes_on_length("LengthOfTwoToThe32Closes", "set guard 0 0 4294967296",
                       std::string(kBadChunk) + "ERROR\r\nDELETED\r\n"),
      closes_on_length("LengthPast64BitsCloses", "set guard 0 0 99999999999999999999",
                       std::string(kBadLine) + "OK\r\nNOT_FOUND\r\n"),
      closes_on_length("NegativeLengthOfAnAddCloses", "add a 0 0 -1", std::string(kBadLine) + "OK\r\nNOT_FOUND\r\n"),
      closes_on_length("NegativeLengthOfACasCloses", "cas guard 0 0 -1 1",
                       std::string(kBadLine) + "OK\r\nNOT_FOUND\r\n"),
      {"BrokenValueWithoutAnEndCloses",
       {guard(), say_and_close("set a 0 0 1\r\nx" + key_of(3000, 'z'), kBadChunk)},
       {},
       0,
       "memcached may lose the replies that were queued when it closes"},
  };
}
MARTLET_WIRE_TEST(UnusableLengths, unusable_lengths());

std::vector<Conversation> refused_values() {
  const std::string over = poison(1025);
  const std::string far_over = poison(100000);
  const std::string line = " 0 0 " + std::to_string(poison(47).size());
  return {
      {"ValueOfAnOverlongKeyIsDropped",
       {guard(), say("set " + key_of(251) + line + "\r\n" + poison(47) + "\r\n", kBadLine),
        say("add " + key_of(300) + line + "\r\n" + poison(47) + "\r\n", kBadLine), guarded()},
       {},
       0,
       kExecutes},

      {"ValueAfterBadFlagsIsDropped",
       {guard(), say("set guard x 0 47\r\n" + poison(47) + "\r\n", kBadLine), guarded()},
       {},
       0,
       kExecutes},
      {"ValueAfterABadExptimeIsDropped",
       {guard(), say("set guard 0 x 47\r\n" + poison(47) + "\r\n", kBadLine), guarded()},
       {},
       0,
       kExecutes},
      {"ValueAfterABadCasIdIsDropped",
       {guard(), say("cas guard 0 0 47 x\r\n" + poison(47) + "\r\n", kBadLine), guarded()},
       {},
       0,
       kExecutes},
      {"ValueAfterAMissingCasIdIsDropped",
       {guard(), say("cas guard 0 0 47\r\n" + poison(47) + "\r\n", kBadLine), guarded()},
       {},
       0,
       kExecutes},

      {"TooLargeSetIsDroppedAndRemovesTheOldItem",
       {guard(), say(store("set", "a", "old"), kStored), say(store("set", "a", over), kTooLarge),
        say("get a\r\n", kEnd), say(store("set", "a", "old"), kStored), say(store("set", "a", far_over), kTooLarge),
        say("get a\r\n", kEnd), guarded()},
       {"-I", "1k"},
       0,
       "memcached has no such small item size"},

      {"OtherTooLargeStoresAreDroppedAndKeepTheOldItem",
       {guard(), say(store("add", "guard", over), kTooLarge), say(store("replace", "guard", over), kTooLarge),
        say(store("append", "guard", over), kTooLarge), say(store("prepend", "guard", over), kTooLarge),
        say("gets guard\r\n", "VALUE guard 0 1 <cas>\r\nx\r\nEND\r\n"),
        say("cas guard 0 0 1025 <cas>\r\n" + over + "\r\n", kTooLarge), say(store("add", "b", over), kTooLarge),
        say("get b\r\n", kEnd), guarded()},
       {"-I", "1k"},
       0,
       "memcached has no such small item size"},

      {"TooLargeForTheDefaultIsDropped",
       {guard(), say(store("set", "a", "old"), kStored), say(store("set", "a", poison(1048577)), kTooLarge),
        say("get a\r\n", kEnd), say(store("add", "b", poison(3000000)), kTooLarge),
        say(store("append", "guard", poison(1048577)), kTooLarge), guarded()},
       {},
       4096},
  };
}
MARTLET_WIRE_TEST(RefusedValues, refused_values());

}  // namespace
}  // namespace martlet::wire
