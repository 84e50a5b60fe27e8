// UDP over real sockets: requests and replies in datagrams, and datagrams that are no requests. Run against memcached,
// what is not said to be ours is checked to be its own.
#include <gmock/gmock.h>

#include <random>
#include <string>
#include <vector>

#include "tests/support/client.h"
#include "tests/support/udp_client.h"
#include "tests/wire/binary_text.h"
#include "tests/wire/meta_text.h"
#include "tests/wire/server_pool.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

using support::framed;
using support::ServerKind;
using support::UdpClient;
using testing::ElementsAre;
using testing::IsEmpty;

class WireUdp : public testing::Test {
 protected:
  void SetUp() override { start({}); }

  void start(const std::vector<std::string>& flags) {
    std::string error;
    support::TestServerOptions options;
    options.flags = flags;
    options.udp = true;
    server = support::start_server(options, &error);
    ASSERT_NE(server, nullptr) << error;
    ASSERT_NE(server->udp_port(), 0U);
    client = peer();
    ASSERT_NE(client, nullptr);
  }
  std::unique_ptr<UdpClient> peer(bool v6 = false) const { return UdpClient::connect(server->udp_port(), v6); }
  bool against_memcached() const { return server->kind() == ServerKind::reference; }

  std::unique_ptr<support::ServerUnderTest> server;
  std::unique_ptr<UdpClient> client;
};

#define OURS_ONLY(why) \
  if (against_memcached()) GTEST_SKIP() << "memcached: " << (why)

TEST_F(WireUdp, DataCommands) {
  EXPECT_THAT(client->ask(store("set", "a", "hello")), ElementsAre(kStored));
  EXPECT_THAT(client->ask("get a\r\n"), ElementsAre(found("a", "hello")));
  EXPECT_THAT(client->ask("get nope\r\n"), ElementsAre(kEnd));
  EXPECT_THAT(client->ask("set n 0 0 1 noreply\r\n5\r\n"), IsEmpty());
  EXPECT_THAT(client->ask("incr n 10\r\n"), ElementsAre("15\r\n"));
  EXPECT_THAT(client->ask("touch n 100\r\n"), ElementsAre("TOUCHED\r\n"));
  EXPECT_THAT(client->ask("delete n\r\n"), ElementsAre("DELETED\r\n"));
  EXPECT_THAT(client->ask("bogus\r\n"), ElementsAre(kError));
  EXPECT_THAT(client->ask("set a 0 0 x\r\n"), ElementsAre(kBadLine));
}

TEST_F(WireUdp, OverIpv6AndTcpTheItemsAreTheSame) {
  const auto other = peer(true);
  const auto stream = connect(*server);
  ASSERT_TRUE(other != nullptr && stream != nullptr);
  EXPECT_THAT(client->ask(store("set", "a", "x")), ElementsAre(kStored));
  EXPECT_THAT(other->ask("get a\r\n"), ElementsAre(found("a", "x")));
  ASSERT_TRUE(stream->send("get a\r\n"));
  EXPECT_EQ(stream->receive_through(kEnd), found("a", "x"));
}

TEST_F(WireUdp, MetaCommands) {
  EXPECT_THAT(client->ask(meta_store("a", "hello", "T100")), ElementsAre(kHd));
  EXPECT_THAT(client->ask("mg a v s\r\n"), ElementsAre("VA 5 s5\r\nhello\r\n"));
  EXPECT_THAT(client->ask("mg nope v q\r\nmn\r\n"), ElementsAre(kMn));
  EXPECT_THAT(client->ask("md a\r\nmg a v\r\n"), ElementsAre(kHd, kEn));
}

TEST_F(WireUdp, EachRequestOfADatagramIsAnsweredByAMessage) {
  EXPECT_THAT(client->ask("get a\r\n" + store("set", "a", "x") + "get a\r\nget a\r\n"),
              ElementsAre(kEnd, kStored, found("a", "x"), found("a", "x")));
}

TEST_F(WireUdp, AMultiGetIsOneMessage) {
  OURS_ONLY("each key is a message, the last with the END");
  EXPECT_THAT(client->ask(store("set", "a", "1") + store("set", "b", "2") + "get a nope b a\r\ngat 9 b\r\n"),
              ElementsAre(kStored, kStored, hit("a", "1") + hit("b", "2") + hit("a", "1") + kEnd, found("b", "2")));
}

TEST_F(WireUdp, AReplyOfManyDatagramsIsPutTogetherAgain) {
  std::string value(60'000, ' ');
  std::mt19937 random(7);
  for (char& c : value) c = static_cast<char>('a' + random() % 26);
  EXPECT_THAT(client->ask(store("set", "big", value)), ElementsAre(kStored));
  EXPECT_THAT(client->ask("get big\r\n"), ElementsAre(found("big", value)));
  EXPECT_EQ(client->largest(), support::kMaxDatagramSize);
  const auto settings = client->ask("stats settings\r\n");
  ASSERT_EQ(settings.size(), 1U);
  const std::string port = std::to_string(server->kind() == ServerKind::in_process ? -1 : server->udp_port());
  EXPECT_NE(settings[0].find("STAT udpport " + port + "\r\n"), std::string::npos);
}

TEST_F(WireUdp, BinaryRequests) {
  OURS_ONLY("serves the first packet of a datagram only");
  EXPECT_THAT(client->ask(put(kSet, "a", "hello")).size(), 1U);
  const auto got = client->ask(of_key(kGet, "a") + of_key(kGetQ, "nope") + bare(kNoop));
  ASSERT_EQ(got.size(), 2U);
  EXPECT_THAT(got[0], testing::EndsWith("hello"));
  EXPECT_EQ(got[1], done(kNoop));
  EXPECT_THAT(client->ask("get a\r\n"), ElementsAre(found("a", "hello"))) << "the next datagram is text again";
}

TEST_F(WireUdp, AFrameThatIsNoRequestIsDropped) {
  const std::string get = "get a\r\n";
  ASSERT_THAT(client->ask(store("set", "a", "x")), ElementsAre(kStored));
  for (const std::string& datagram :
       {std::string(), std::string("x"), framed(9, "").substr(0, 7), framed(9, ""), framed(9, get, 0, 0),
        framed(9, get, 0, 2), framed(9, get, 1, 2), framed(9, get, 0, 0xffff), framed(9, get, 0, 0x100)}) {
    EXPECT_THAT(client->ask_raw(datagram, 9), IsEmpty()) << datagram.size();
  }
  EXPECT_THAT(client->ask_raw(framed(9, get, 5), 9), ElementsAre(found("a", "x"))) << "seq is not looked at";
}

TEST_F(WireUdp, AnIncompleteRequestIsDropped) {
  OURS_ONLY("waits for the rest, and takes it from whoever sends next");
  ASSERT_THAT(client->ask(store("set", "a", "old")), ElementsAre(kStored));
  for (const std::string& payload :
       {std::string("get a"), std::string("set a 0 0 3"), std::string("set a 0 0 3\r\n"),
        std::string("set a 0 0 3\r\nnew"), std::string("set a 0 0 3\r\nnew\r"), std::string("ms a 3\r\nne"),
        put(kSet, "a", "new").substr(0, 23), put(kSet, "a", "new").substr(0, 34), of_key(kDelete, "a").substr(0, 24)}) {
    EXPECT_THAT(client->ask(payload), IsEmpty()) << payload;
  }
  EXPECT_THAT(client->ask("get a\r\n"), ElementsAre(found("a", "old")));
  const auto stream = connect(*server);
  ASSERT_NE(stream, nullptr);
  ASSERT_TRUE(stream->send("stats\r\n"));
  EXPECT_THAT(stream->receive_through(kEnd).value_or(""), testing::HasSubstr("STAT udp_datagrams_dropped 9\r\n"));
}

TEST_F(WireUdp, ADatagramNeverBecomesTheValueOfAnothersSet) {
  OURS_ONLY("takes the next datagrams for the value");
  std::vector<std::unique_ptr<UdpClient>> others;
  for (int i = 0; i < 16; ++i) others.push_back(peer());
  for (const auto& other : others) {
    ASSERT_TRUE(client->send(framed(1, "set stolen 0 0 40\r\n")));
    EXPECT_THAT(other->ask(store("set", "mine", "x") + "get mine\r\n"), ElementsAre(kStored, found("mine", "x")));
  }
  EXPECT_THAT(client->ask("get stolen mine\r\n"), ElementsAre(found("mine", "x")));
}

TEST_F(WireUdp, PeersThatTakeTurnsEachGetTheirOwnReplies) {
  std::vector<std::unique_ptr<UdpClient>> peers;
  for (int i = 0; i < 8; ++i) peers.push_back(peer(i % 2 == 1));
  for (size_t round = 0; round < 20; ++round) {
    for (size_t i = 0; i < peers.size(); ++i) {
      const std::string number = std::to_string(i);
      ASSERT_TRUE(peers[i]->send(framed(static_cast<uint16_t>(round * 2), store("set", "k" + number, number))));
      ASSERT_TRUE(peers[i]->send(framed(static_cast<uint16_t>(round * 2 + 1), "get k" + number + "\r\n")));
    }
    for (size_t i = 0; i < peers.size(); ++i) {
      const std::string number = std::to_string(i);
      EXPECT_EQ(peers[i]->receive(), framed(static_cast<uint16_t>(round * 2), kStored));
      EXPECT_EQ(peers[i]->receive(), framed(static_cast<uint16_t>(round * 2 + 1), found("k" + number, number)));
    }
  }
}

TEST_F(WireUdp, WhatOutlivesADatagramIsRefused) {
  OURS_ONLY("drops them without a word");
  start({"-A"});
  for (const char* const line : {"watch\r\n", "watch mutations\r\n", "lru_crawler metadump all\r\n", "shutdown\r\n"}) {
    EXPECT_THAT(client->ask(line), ElementsAre("CLIENT_ERROR not served over UDP\r\n")) << line;
  }
}

TEST_F(WireUdp, QuitEndsNothing) {
  OURS_ONLY("answers with an empty message of no datagrams");
  EXPECT_THAT(client->ask("get a\r\nquit\r\n"), ElementsAre(kEnd));
  EXPECT_THAT(client->ask(bare(kQuitQ)), IsEmpty());
  EXPECT_THAT(client->ask("get a\r\n"), ElementsAre(kEnd));
}

TEST_F(WireUdp, AnswersOfAServerAreNotAnsweredForEver) {
  OURS_ONLY("answers ERROR to ERROR");
  EXPECT_THAT(client->ask(kError), IsEmpty());
  EXPECT_THAT(client->ask(kStored), ElementsAre(kError));
}

TEST_F(WireUdp, GarbageIsSurvived) {
  OURS_ONLY("waits for more of some of it");
  std::mt19937 random(11);
  const std::string recorded =
      framed(5, "set a 1 0 5\r\nhello\r\nget a nope\r\nincr a 1\r\nms b 2\r\nxy\r\nmg b v\r\n") +
      put(kSet, "a", "hello") + of_key(kGet, "a");
  for (int i = 0; i < 3000; ++i) {
    std::string datagram = recorded.substr(random() % 60, random() % recorded.size());
    if (i % 2 == 0) datagram = framed(5, datagram);
    for (size_t n = random() % 4; n > 0 && !datagram.empty(); --n) {
      datagram[random() % datagram.size()] = static_cast<char>(random());
    }
    ASSERT_TRUE(client->send(datagram));
    if (i % 50 == 0) {
      ASSERT_TRUE(client->settle()) << "after " << i;
      const auto other = peer();
      ASSERT_NE(other, nullptr);
      ASSERT_THAT(other->ask(store("set", "guard", "x") + "get guard\r\n"), ElementsAre(kStored, found("guard", "x")));
    }
  }
}

TEST_F(WireUdp, OnlyTheDialectAskedForIsServed) {
  OURS_ONLY("serves both over UDP, whatever -B says");
  start({"-B", "ascii"});
  EXPECT_THAT(client->ask(bare(kNoop)), IsEmpty());
  EXPECT_THAT(client->ask("get a\r\n"), ElementsAre(kEnd));
}

}  // namespace
}  // namespace martlet::wire
