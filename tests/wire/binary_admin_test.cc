// Binary conversations about the connection and the server: noop, quit, version, flush, stat, and who may speak what.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/support/client.h"
#include "tests/support/conversation.h"
#include "tests/wire/binary_text.h"
#include "tests/wire/conversation_test.h"
#include "tests/wire/server_pool.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

std::string version_is(const std::string& text) {
  Packet packet = reply(kVersion);
  packet.value = text;
  return packet.bytes();
}

std::vector<Conversation> admin() {
  return {
      {"NoopIsAnswered", {say(bare(kNoop) + bare(kNoop), done(kNoop) + done(kNoop))}},
      {"QuitIsAnsweredAfterWhatIsQueued",
       {say_and_close(put(kSet, "a", "x") + of_key(kGet, "a") + bare(kQuit) + of_key(kGet, "a"),
                      put_done(kSet) + hit_of(kGet, "x") + done(kQuit))}},
      {"QuietQuitClosesWithoutAWord",
       {say_and_close(put(kSet, "a", "x") + bare(kQuitQ) + bare(kNoop), put_done(kSet))}},

      {"FlushTakesEverything",
       {say(put(kSet, "a", "x") + put(kSet, "b", "y"), put_done(kSet) + put_done(kSet)),
        say(bare(kFlush), done(kFlush)), say(of_key(kGet, "a") + of_key(kGet, "b"), not_found(kGet) + not_found(kGet)),
        say(put(kSet, "a", "x") + ask(kFlush, "", big32(0)).bytes(), put_done(kSet) + done(kFlush)),
        say(of_key(kGet, "a"), not_found(kGet))},
       {},
       0,
       "memcached 1.6.18 hides what is stored in the second of a flush, too"},

      {"QuietFlushSaysNothing",
       {say(put(kSet, "a", "x"), put_done(kSet)), say(bare(kFlushQ) + of_key(kGet, "a"), not_found(kGet)),
        say(ask(kFlushQ, "", big32(0)).bytes() + bare(kNoop), done(kNoop))}},

      {"DelayedFlushTakesWhatWasStoredBefore",
       {say(put(kSet, "a", "x") + ask(kFlush, "", big32(2)).bytes(), put_done(kSet) + done(kFlush)),
        say(of_key(kGet, "a"), hit_of(kGet, "x")), advance(3), say(of_key(kGet, "a"), not_found(kGet))},
       {},
       0,
       "its one-second clock makes the moment uncertain"},

      {"ForbiddenFlushIsRefused",
       {say(put(kSet, "a", "x"), put_done(kSet)), say(bare(kFlush) + bare(kFlushQ) + of_key(kGet, "a"),
                                                      not_allowed(kFlush) + not_allowed(kFlushQ) + hit_of(kGet, "x"))},
       {"-F"}},

      {"UnknownListingsAreNotFound",
       {say(of_key(kStat, "conns") + of_key(kStat, "extstore") + of_key(kStat, "cachedump 1 0") +
                of_key(kStat, "detail"),
            not_found(kStat) + not_found(kStat) + not_found(kStat) + not_found(kStat))}},

      {"AbbreviatedListingsAreNotFound",
       {say(of_key(kStat, "setting") + of_key(kStat, "resetx"), not_found(kStat) + not_found(kStat))},
       {},
       0,
       "memcached looks at the beginning of the name only"},

      {"StatResetIsOneEmptyPacket", {say(of_key(kStat, "reset"), done(kStat))}},
  };
}
MARTLET_WIRE_TEST(BinaryAdmin, admin());

std::vector<Conversation> dialects() {
  return {
      {"AutoTakesBinaryByItsFirstByteAndForLife",
       {say(bare(kNoop), done(kNoop)), say_and_close("version\r\nversion\r\nversion\r\n", "")},
       {"-B", "auto"}},
      {"DemandedBinaryIsSpoken", {say(put(kSet, "a", "x"), put_done(kSet))}, {"-B", "binary"}},
      {"DemandedBinaryClosesOnText", {say_and_close("version\r\nversion\r\nversion\r\n", "")}, {"-B", "binary"}},
      {"DemandedTextClosesOnBinary",
       {say_and_close(bare(kNoop), "")},
       {"-B", "ascii"},
       0,
       "memcached takes the packet for a line of text and waits for its end"},
  };
}
MARTLET_WIRE_TEST(BinaryNegotiation, dialects());

// The packets of one STAT, name to value, the order lost; empty when they did not come right.
std::map<std::string, std::string> stats_of(support::Client& client, const std::string& name) {
  std::map<std::string, std::string> rows;
  if (!client.send(of_key(kStat, name))) return {};
  for (;;) {
    const auto head = client.receive(24);
    if (!head || !head->starts_with(reply(kStat).bytes().substr(0, 2))) return {};
    const auto byte = [&](size_t at) { return static_cast<size_t>(static_cast<unsigned char>((*head)[at])); };
    const size_t key_size = byte(2) * 256 + byte(3);
    const size_t body_size = byte(10) * 256 + byte(11);
    EXPECT_EQ(head->substr(12, 4), big32(support::kOpaque));
    if (body_size == 0) return rows;
    const auto body = client.receive(body_size);
    if (!body || key_size == 0 || byte(6) + byte(7) != 0) return {};
    rows[body->substr(0, key_size)] = body->substr(key_size);
  }
}

TEST(WireBinaryStats, EachIsAPacketAndTheLastIsEmpty) {
  auto* server = fresh_server();
  ASSERT_NE(server, nullptr);
  const auto client = connect(*server);
  ASSERT_NE(client, nullptr);
  auto rows = stats_of(*client, "");
  EXPECT_GT(rows.size(), 50U);
  EXPECT_EQ(rows["pointer_size"], "64");
  EXPECT_EQ(rows["threads"], "4");
  const auto settings = stats_of(*client, "settings");
  EXPECT_EQ(settings.at("binding_protocol"), "auto-negotiate");
  ASSERT_TRUE(client->send(bare(kNoop)));
  EXPECT_EQ(client->receive(24), done(kNoop));
}

TEST(WireBinaryStats, SettingsNameTheDemandedProtocol) {
  auto* server = fresh_server({"-B", "binary"});
  ASSERT_NE(server, nullptr);
  const auto client = connect(*server);
  ASSERT_NE(client, nullptr);
  EXPECT_EQ(stats_of(*client, "settings")["binding_protocol"], "binary");
}

TEST(WireBinaryStats, ResetBringsCountersBackToZero) {
  auto* server = fresh_server();
  ASSERT_NE(server, nullptr);
  const auto client = connect(*server);
  ASSERT_NE(client, nullptr);
  ASSERT_TRUE(client->send(of_key(kGetQ, "no") + of_key(kStat, "reset")));
  ASSERT_EQ(client->receive(24), done(kStat));
  ASSERT_TRUE(client->send(of_key(kGetQ, "no") + bare(kNoop)));
  ASSERT_EQ(client->receive(24), done(kNoop));
  auto rows = stats_of(*client, "");
  EXPECT_EQ(rows["get_misses"], "1");
}

TEST(WireBinaryVersion, IsThatOfTheTextProtocol) {
  auto* server = fresh_server();
  ASSERT_NE(server, nullptr);
  const auto text = connect(*server);
  const auto binary = connect(*server);
  ASSERT_TRUE(text != nullptr && binary != nullptr);
  ASSERT_TRUE(text->send("version\r\n"));
  const auto line = text->receive_line();
  ASSERT_TRUE(line.has_value());
  const std::string prefix = "VERSION ";
  const std::string expected = version_is(line->substr(prefix.size(), line->size() - prefix.size() - 2));
  ASSERT_TRUE(binary->send(bare(kVersion)));
  EXPECT_EQ(binary->receive(expected.size()), expected);
}

TEST(WireBinaryNegotiation, DialectsShareWhatIsStored) {
  auto* server = fresh_server();
  ASSERT_NE(server, nullptr);
  const auto text = connect(*server);
  const auto binary = connect(*server);
  ASSERT_TRUE(text != nullptr && binary != nullptr);
  ASSERT_TRUE(binary->send(put(kSetQ, "a", "one", kNoCas, 7) + bare(kNoop)));
  ASSERT_EQ(binary->receive(24), done(kNoop));
  ASSERT_TRUE(text->send("get a\r\nset b 9 0 3\r\ntwo\r\n"));
  ASSERT_EQ(text->receive_through("STORED\r\n"), "VALUE a 7 3\r\none\r\nEND\r\nSTORED\r\n");
  ASSERT_TRUE(binary->send(of_key(kGetK, "b")));
  const auto hit = binary->receive(24 + 4 + 1 + 3);
  ASSERT_TRUE(hit.has_value());
  EXPECT_EQ(hit->substr(24), big32(9) + "btwo");
}

}  // namespace
}  // namespace martlet::wire
