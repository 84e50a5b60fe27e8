// Conversations about sizes: values up to the limit of -I, and just above it.
#include <string>
#include <vector>

#include "tests/wire/conversation_test.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

constexpr size_t kMebibyte = 1048576;
constexpr char kWholeItem[] = "memcached counts key and header against -I";
constexpr char kNoSmallItems[] = "memcached has no such small item size";

std::string value_of(size_t size) {
  std::string value;
  value.reserve(size);
  for (size_t i = 0; i < size; ++i) value += static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return value;
}

// Round trips of values of these sizes, one after the other under one key.
std::vector<Row> round_trips(const std::vector<size_t>& sizes) {
  std::vector<Row> rows;
  for (const size_t size : sizes) {
    rows.push_back(say(store("set", "a", value_of(size)), kStored));
    rows.push_back(say("get a\r\n", found("a", value_of(size))));
  }
  return rows;
}

std::vector<Conversation> value_sizes() {
  return {
      {"SmallValuesComeBack", round_trips({0, 1, 2, 3, 63, 64, 65, 127, 128, 255, 256, 511, 512, 1023, 1024})},
      {"ValuesAroundBufferSizesComeBack",
       round_trips({2047, 2048, 4095, 4096, 8191, 8192, 16381, 16382, 16383, 16384, 16385, 16386, 32768, 65536}),
       {},
       64},
      {"LargeValuesComeBack", round_trips({100000, 500000, 524288, 524289, kMebibyte - 1000}), {}, 4096},

      {"ValueOfExactlyTheDefaultLimitComesBack",
       {say(store("set", "a", value_of(kMebibyte)), kStored), say("get a\r\n", found("a", value_of(kMebibyte))),
        say(store("set", key_of(250), value_of(kMebibyte)), kStored),
        say("set f 4294967295 0 1048576\r\n" + value_of(kMebibyte) + "\r\n", kStored),
        say("get f\r\n", "VALUE f 4294967295 1048576\r\n" + value_of(kMebibyte) + "\r\nEND\r\n"),
        say(store("set", "a", value_of(kMebibyte + 1)), kTooLarge), say("get a\r\n", kEnd)},
       {},
       4096,
       kWholeItem},

      {"ValueOfExactlyASmallLimitComesBack",
       {say(store("set", "a", value_of(1024)), kStored), say("get a\r\n", found("a", value_of(1024))),
        say(store("set", key_of(250), value_of(1024)), kStored),
        say("get " + key_of(250) + "\r\n", found(key_of(250), value_of(1024))),
        say(store("set", "a", value_of(1025)), kTooLarge), say("get a\r\n", kEnd)},
       {"-I", "1k"},
       0,
       kNoSmallItems},

      {"ValueMayBeLargerThanOneMebibyte",
       {say(store("set", "a", value_of(2 * kMebibyte)), kStored),
        say("get a a\r\n", hit("a", value_of(2 * kMebibyte)) + found("a", value_of(2 * kMebibyte))),
        say(store("append", "a", "tail"), kStored), say("get a\r\n", found("a", value_of(2 * kMebibyte) + "tail"))},
       {"-I", "4m"},
       4096},

      {"ValueMayGrowUpToTheLimit",
       {say(store("set", "a", value_of(1000)), kStored), say(store("append", "a", value_of(24)), kStored),
        say("get a\r\n", found("a", value_of(1000) + value_of(24)))},
       {"-I", "1k"},
       0,
       kNoSmallItems},

      {"SeveralLargeHitsInOneGet",
       {say(store("set", "a", value_of(300000)), kStored), say(store("set", "b", value_of(20000)), kStored),
        say("get a b a nope b\r\n", hit("a", value_of(300000)) + hit("b", value_of(20000)) +
                                        hit("a", value_of(300000)) + found("b", value_of(20000)))},
       {},
       64},
  };
}
MARTLET_WIRE_TEST(ValueSizes, value_sizes());

}  // namespace
}  // namespace martlet::wire
