// Conversations about the letter of the protocol: line ends, spaces, keys, and the limits of lines.
#include <string>
#include <vector>

#include "tests/wire/conversation_test.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

using namespace std::string_literals;

// The key works in every command.
std::vector<Row> is_a_key(const std::string& key) {
  return {say(store("set", key, "5"), kStored),
          say("get " + key + "\r\n", found(key, "5")),
          say("get nope " + key + " nada\r\n", found(key, "5")),
          say("gets " + key + "\r\n", "VALUE " + key + " 0 1 <cas>\r\n5\r\nEND\r\n"),
          say("incr " + key + " 1\r\n", "6\r\n"),
          say("touch " + key + " 0\r\n", "TOUCHED\r\n"),
          say("gat 0 " + key + "\r\n", found(key, "6")),
          say("delete " + key + "\r\n", "DELETED\r\n"),
          say("get " + key + "\r\n", kEnd)};
}

std::string control_characters() {
  std::string key = "c";
  for (char c = 1; c < 0x20; ++c) {
    if (c != '\n' && c != '\r') key += c;
  }
  return key + "\x7f";
}

std::string high_bytes() {
  std::string key;
  for (int c = 0x80; c <= 0xff; ++c) key += static_cast<char>(c);
  return "h" + key;
}

Conversation without_nul(Conversation conversation) {
  conversation.not_reference = "memcached 1.6.18 ends a line at a NUL";
  return conversation;
}

std::vector<Conversation> lines() {
  return {
      {"BareNewlineEndsALine",
       {say("set a 0 0 1\nx\r\n", kStored), say("get a\n", found("a", "x")), say("delete a\n", "DELETED\r\n"),
        say("version\n", "VERSION <*>\r\n")}},

      {"CarriageReturnInsideALineIsAByte",
       {say("get a\rb\r\n", kEnd), say("set a\rb 0 0 1\r\nx\r\n", kStored), say("get a\rb\r\n", found("a\rb", "x")),
        say("get a\r\r\n", kEnd)}},

      {"SpacesMayBeManyAndTrail",
       {say("set   a  0   0 1  \r\nx\r\n", kStored), say("get    a   \r\n", found("a", "x")),
        say("get  a    a \r\n", hit("a", "x") + found("a", "x")), say("touch a   0 \r\n", "TOUCHED\r\n"),
        say("set a 0 0 1   noreply  \r\ny\r\n", ""), say("delete   a \r\n", "DELETED\r\n"),
        say("version  \r\n", "VERSION <*>\r\n")}},

      {"LeadingSpaceIsAnError",
       {differs(" get a\r\n", kError, kEnd, "memcached 1.6.18 skips leading spaces; later ones do not"),
        differs("  version\r\n", kError, "VERSION <*>\r\n", "as above"), say("get a\r\n", kEnd)}},

      {"TabIsPartOfAWord",
       {say("get\ta\r\n", kError), say("set a\tb 0 0 1\r\nx\r\n", kStored), say("get a\tb\r\n", found("a\tb", "x")),
        say("get a\r\n", kEnd)}},

      {"VerticalSpacesArePartsOfWords", is_a_key("a\v\fb")},
      {"ControlCharactersMakeAKey", is_a_key(control_characters())},
      {"HighBytesMakeAKey", is_a_key(high_bytes())},
      {"PunctuationMakesAKey", is_a_key("!\"#$%&'()*+,-./:;=?@[]^_`{|}~")},
      {"NumberMakesAKey", is_a_key("0")},
      {"CommandMakesAKey", is_a_key("flush_all")},
      {"OneByteKey", is_a_key("k")},
      {"LongestKey", is_a_key(key_of(250))},
      without_nul({"NulMakesAKey", is_a_key("a\0b"s)}),
      without_nul({"KeyOfNuls", is_a_key("\0\0\0"s)}),
      without_nul({"KeysThatDifferAfterANulAreTwo",
                   {say(store("set", "a\0b"s, "1"), kStored), say(store("set", "a\0c"s, "2"), kStored),
                    say(store("set", "a", "3"), kStored),
                    say("get a\0b a\0c a\r\n"s, hit("a\0b"s, "1") + hit("a\0c"s, "2") + found("a", "3"))}}),
      without_nul({"NulInACommandIsAnError", {say("get\0 a\r\n"s, kError), say("version\0\r\n"s, kError)}}),

      {"LongestKeyInEveryStore",
       {say(store("add", key_of(250), "b"), kStored), say(store("append", key_of(250), "c"), kStored),
        say(store("prepend", key_of(250), "a"), kStored), say("get " + key_of(250) + "\r\n", found(key_of(250), "abc")),
        say("get " + key_of(249) + "\r\n", kEnd)}},
  };
}
MARTLET_WIRE_TEST(Lines, lines());

std::string many_keys(int count) {
  std::string keys;
  for (int i = 0; i < count; ++i) keys += " absent" + std::to_string(i);
  return keys;
}

std::vector<Conversation> line_limits() {
  return {
      {"LineOf2000BytesIsRead", {say("bogus " + key_of(1990) + "\r\n", kError), say("get in-step\r\n", kEnd)}},

      {"EndlessLineCloses", {say_and_close(key_of(3000, 'x'), "")}},
      {"EndlessLineOfNulsCloses", {say_and_close(std::string(3000, '\0'), "")}},
      {"EndlessLineOfSpacesCloses", {say_and_close(std::string(3000, ' '), "")}},
      {"EndlessDeleteCloses", {say_and_close("delete " + key_of(3000), "")}},
      {"EndlessSetCloses", {say_and_close("set " + key_of(3000), "")}},
      {"GatLinesMayBeAsLongAsThoseOfGet",
       {say("gat 0" + many_keys(1000) + "\r\n", kEnd), say("gats 0" + many_keys(1000) + "\r\n", kEnd)},
       {},
       0,
       "memcached closes them when they do not arrive at once"},
      {"EndlessLineAfterRepliesCloses", {say("get a\r\n", kEnd), say_and_close(key_of(3000, 'x'), "")}},
      {"EndlessLineDoesNotLoseEarlierReplies",
       {say_and_close("get a\r\nget b\r\n" + key_of(3000, 'x'), std::string(kEnd) + kEnd)}},

      {"OverlongLineClosesHoweverItArrives",
       {say_and_close("delete a " + key_of(3000) + "\r\n", "")},
       {},
       0,
       "memcached reads it when all of it arrives at once"},
  };
}
MARTLET_WIRE_TEST(LineLimits, line_limits());

std::vector<Conversation> http() {
  return {
      {"HttpRequestIsClosedWithoutAWord", {say_and_close("GET / HTTP/1.1\r\n", "")}},
      {"HttpRequestWithHeadersIsClosed", {say_and_close("POST /x HTTP/1.0\r\nHost: a\r\n\r\nflush_all\r\n", "")}},
      {"HttpAsAKeyIsAKey",
       {say("get HTTP/1.1\r\n", kEnd), say(store("set", "HTTP/1.1", "x"), kStored),
        say("get HTTP/1.1\r\n", found("HTTP/1.1", "x"))}},
      {"EarlierRepliesComeBeforeTheClose", {say_and_close("get a\r\nGET / HTTP/1.1\r\n", kEnd)}},
  };
}
MARTLET_WIRE_TEST(Http, http());

}  // namespace
}  // namespace martlet::wire
