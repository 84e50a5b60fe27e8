// One datagram after the other, by hand: what is served, what is dropped, and that nothing is left of any of them.
#include "server/conn/udp_endpoint.h"

#include <gmock/gmock.h>

#include "tests/server/conn/udp_room.h"
#include "tests/support/binary_packet.h"

namespace martlet::conn {
namespace {

using support::framed;
using support::Packet;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kEnd[] = "END\r\n";
constexpr char kStored[] = "STORED\r\n";

std::string get_packet(const std::string& key) {
  Packet packet;
  packet.key = key;
  return packet.bytes();
}

TEST(UdpEndpoint, ARequestIsAnsweredByAMessageWithItsId) {
  UdpRoom room;
  EXPECT_THAT(room.ask("set a 7 0 5\r\nhello\r\n"), ElementsAre(kStored));
  EXPECT_THAT(room.ask("get a\r\n"), ElementsAre("VALUE a 7 5\r\nhello\r\nEND\r\n"));
  EXPECT_THAT(room.ask("get b\r\n"), ElementsAre(kEnd));
  EXPECT_EQ(room.stats.requests.get(), 3U);
  EXPECT_EQ(room.dropped(), 0U);
  room.expect_all_given_back();
}

TEST(UdpEndpoint, EachRequestOfADatagramHasAMessageAndAMultiGetOne) {
  UdpRoom room;
  EXPECT_THAT(room.ask("set a 0 0 1\r\nx\r\nget a nope a\r\nset b 0 0 1 noreply\r\ny\r\nmg b v\r\nmn\r\n"),
              ElementsAre(kStored, "VALUE a 0 1\r\nx\r\nVALUE a 0 1\r\nx\r\nEND\r\n", "VA 1\r\ny\r\n", "MN\r\n"));
  EXPECT_EQ(room.stats.bytes_written.get(), room.bytes);
}

TEST(UdpEndpoint, ALargeReplyIsCutIntoFullDatagrams) {
  for (const size_t size : {1377U, 1378U, 1379U, 20'000U, 200'000U, 1'000'000U}) {
    UdpRoom room({.cache = {.memory_limit = 64U << 20}, .real_cache = true});
    std::string value(size, 'v');
    for (size_t i = 0; i < size; i += 7) value[i] = static_cast<char>('a' + i % 26);
    cache::StoreRequest store;
    store.key = "k";
    ASSERT_EQ(room.cache->store(*room.cache_context, store, value).outcome, cache::Outcome::done);
    const std::string reply = "VALUE k 0 " + std::to_string(size) + "\r\n" + value + "\r\nEND\r\n";
    EXPECT_THAT(room.ask("get k\r\n"), ElementsAre(reply)) << size;
    EXPECT_EQ(room.datagrams, (reply.size() + 1391) / 1392) << size;
    room.expect_all_given_back();
  }
}

TEST(UdpEndpoint, WhatIsNoRequestIsDroppedAndCounted) {
  UdpRoom room;
  const std::vector<std::string> wrong{
      "",
      "x",
      framed(kId, "").substr(0, 7),
      framed(kId, ""),                 // no payload
      framed(kId, "get a\r\n", 0, 0),  // of a message without datagrams
      framed(kId, "get a\r\n", 0, 2),  // the first of two
      framed(kId, "get a\r\n", 1, 2),
      framed(kId, "get a\r\n", 0, 0x100),
      framed(kId, "ERROR\r\n"),           // what servers say to each other
      framed(kId, "get a"),               // a line without its end
      framed(kId, "set a 0 0 5\r\nhel"),  // a value without its end
      framed(kId, "set a 0 0 5\r\nhello"),
      framed(kId, "set a 0 0 5\r\nhello\r"),
      framed(kId, "ms a 5\r\nhell"),
      framed(kId, std::string(3000, 'x')),
      framed(kId, get_packet("key").substr(0, 23)),
      framed(kId, get_packet("key").substr(0, 26)),
  };
  uint64_t dropped = 0;
  for (const std::string& datagram : wrong) {
    EXPECT_THAT(room.ask_raw(datagram), IsEmpty()) << datagram;
    EXPECT_EQ(room.dropped(), ++dropped) << datagram;
  }
  EXPECT_THAT(room.ask("get a\r\n"), ElementsAre(kEnd));
  EXPECT_EQ(room.stats.requests.get(), 1U);
  room.expect_all_given_back();
}

TEST(UdpEndpoint, TheSequenceNumberOfARequestIsNotLookedAt) {
  UdpRoom room;
  EXPECT_THAT(room.ask_raw(framed(kId, "get a\r\n", 5)), ElementsAre(kEnd));
}

TEST(UdpEndpoint, AnIncompleteSetTouchesNeitherTheItemNorTheNextDatagram) {
  UdpRoom room;
  room.ask("set a 0 0 3\r\nold\r\n");
  for (const char* const rest : {"", "n", "new", "new\r"}) {
    EXPECT_THAT(room.ask("set a 0 0 3\r\n" + std::string(rest)), IsEmpty());
    EXPECT_THAT(room.ask("\r\n\r\n", "127.0.0.2"),
                ElementsAre("CLIENT_ERROR bad command line format\r\n", "CLIENT_ERROR bad command line format\r\n"));
    EXPECT_THAT(room.ask("get a\r\n", "127.0.0.2"), ElementsAre("VALUE a 0 3\r\nold\r\nEND\r\n"));
  }
  EXPECT_THAT(room.ask("set a 0 0 2000000\r\nnew\r\n"), IsEmpty()) << "too large, and not all there";
  EXPECT_THAT(room.ask("get a\r\n"), ElementsAre("VALUE a 0 3\r\nold\r\nEND\r\n"));
  EXPECT_EQ(room.dropped(), 5U);
}

TEST(UdpEndpoint, WhatComesBeforeAnIncompleteRequestIsServed) {
  UdpRoom room;
  EXPECT_THAT(room.ask("set a 0 0 1\r\nx\r\nget a\r\nget a b"), ElementsAre(kStored, "VALUE a 0 1\r\nx\r\nEND\r\n"));
  EXPECT_EQ(room.dropped(), 1U);
}

TEST(UdpEndpoint, BytesOfARefusedValueAreNotExecuted) {
  UdpRoom room;
  EXPECT_THAT(room.ask("set a 0 bad 12\r\nflush_all\r\n \r\nget a\r\n"),
              ElementsAre("CLIENT_ERROR bad command line format\r\n", kEnd));
  EXPECT_THAT(room.ask("set a 0 0 2\r\nab flush_all\r\nget a\r\n"),
              ElementsAre("CLIENT_ERROR bad data chunk\r\n", kEnd));
  EXPECT_THAT(room.ask("set a 0 0 -1\r\nflush_all\r\n"), ElementsAre("CLIENT_ERROR bad command line format\r\n"));
  EXPECT_EQ(room.stats.cmd_flush.get(), 0U);
}

TEST(UdpEndpoint, EachDatagramChoosesItsDialect) {
  UdpRoom room;
  room.ask("set a 0 0 1\r\nx\r\n");
  const std::vector<std::string> binary = room.ask(get_packet("a") + get_packet("a"));
  ASSERT_EQ(binary.size(), 2U);
  EXPECT_EQ(binary[0].size(), 24U + 4 + 1);
  EXPECT_EQ(binary[0].front(), '\x81');
  EXPECT_EQ(binary[0].back(), 'x');
  EXPECT_EQ(binary[1], binary[0]);
  EXPECT_THAT(room.ask("get a\r\n"), ElementsAre("VALUE a 0 1\r\nx\r\nEND\r\n"));
  EXPECT_THAT(room.ask(get_packet("a") + "get a\r\n"), ElementsAre(binary[0])) << "not within one";
  EXPECT_EQ(room.dropped(), 1U);
}

TEST(UdpEndpoint, ADialectThatIsNotServedIsDropped) {
  UdpRoom ascii({.conn = {.protocol = protocol::Dialect::ascii}});
  EXPECT_THAT(ascii.ask(get_packet("a")), IsEmpty());
  EXPECT_THAT(ascii.ask("get a\r\n"), ElementsAre(kEnd));
  UdpRoom binary({.conn = {.protocol = protocol::Dialect::binary}});
  EXPECT_THAT(binary.ask("get a\r\n"), IsEmpty());
  EXPECT_EQ(binary.ask(get_packet("a")).size(), 1U);
  EXPECT_EQ(ascii.dropped() + binary.dropped(), 2U);
}

TEST(UdpEndpoint, WhatOutlivesADatagramIsNotServed) {
  UdpRoom room;
  room.control.watching = room.drain.get();
  room.command.shutdown_enabled = true;
  const char kNotServed[] = "CLIENT_ERROR not served over UDP\r\n";
  EXPECT_THAT(room.ask("watch\r\nwatch fetchers\r\nshutdown\r\nlru_crawler metadump all\r\nlru_crawler mgdump all\r\n"),
              ElementsAre(kNotServed, kNotServed, kNotServed, kNotServed, kNotServed));
  EXPECT_EQ(room.drain->figures().watchers, 0U);
  EXPECT_THAT(room.ask("mn\r\n"), ElementsAre("MN\r\n"));
}

TEST(UdpEndpoint, QuitEndsItsDatagramOnly) {
  UdpRoom room;
  EXPECT_THAT(room.ask("get a\r\nquit\r\nset a 0 0 1\r\nx\r\n"), ElementsAre(kEnd));
  EXPECT_THAT(room.ask("get a\r\n"), ElementsAre(kEnd));
}

TEST(UdpEndpoint, ErrorsOfTheSocketEndATurnAndNotTheEndpoint) {
  UdpRoom room({.verbosity = 1});
  room.socket.errors = 3;
  EXPECT_THAT(room.ask("get a\r\n"), IsEmpty());
  room.endpoint.serve();
  room.endpoint.serve();
  EXPECT_EQ(room.socket.unread(), 1U);
  room.endpoint.serve();
  EXPECT_THAT(room.messages(support::peer_at("127.0.0.1")), ElementsAre(kEnd));
  EXPECT_EQ(room.log.count("could not be received"), 1U) << "a line a second at most";
}

TEST(UdpEndpoint, AReplyThatCannotBeSentIsLostAndCountedAndWaitsForNobody) {
  UdpRoom room;
  room.ask("set a 0 0 5000\r\n" + std::string(5000, 'x') + "\r\n");
  room.socket.room = 2;
  room.socket.keep = false;
  EXPECT_THAT(room.ask("get a\r\n"), IsEmpty());
  EXPECT_EQ(room.stats.udp_replies_lost.get(), 1U);
  room.socket.room = 10;
  room.socket.keep = true;
  EXPECT_THAT(room.ask("get b\r\n"), ElementsAre(kEnd));
  room.expect_all_given_back();
}

TEST(UdpEndpoint, WithoutMemoryForAReplyThereIsNone) {
  UdpRoom room({.buffer_limit = 1});
  EXPECT_THAT(room.ask("get a\r\n"), IsEmpty());
  EXPECT_EQ(room.stats.response_obj_oom.get(), 1U);
}

TEST(UdpEndpoint, ATurnHasAnEnd) {
  UdpRoom room;
  for (int i = 0; i < 500; ++i) room.socket.arrive(framed(kId, "get a\r\n"), support::peer_at("127.0.0.1"));
  room.endpoint.serve();
  EXPECT_GT(room.socket.unread(), 0U);
  EXPECT_EQ(room.stats.conn_yields.get(), 1U);
  while (room.socket.unread() > 0) room.endpoint.serve();
  EXPECT_EQ(room.messages(support::peer_at("127.0.0.1")).size(), 500U);
}

TEST(UdpEndpoint, ALargeReplyEndsATurn) {
  UdpRoom room;
  room.ask("set a 0 0 50000\r\n" + std::string(50'000, 'x') + "\r\n");
  for (int i = 0; i < 5; ++i) room.socket.arrive(framed(kId, "get a\r\n"), support::peer_at("127.0.0.1"));
  room.endpoint.serve();
  EXPECT_EQ(room.socket.unread(), 3U);
}

TEST(UdpEndpoint, ItsRowShowsWhatItServes) {
  UdpRoom room;
  room.clock.advance_seconds(5);
  room.ask("get a b\r\nget c\r\n");
  ConnRow::View view;
  ASSERT_TRUE(room.endpoint.row().read(&view));
  EXPECT_EQ(view.fd, room.socket.fd());
  EXPECT_EQ(view.state, ConnState::read);
  EXPECT_EQ(view.requests, 3U);
  EXPECT_EQ(view.last_command_ms, room.clock.monotonic_ms());
}

TEST(UdpEndpoint, RequestsAndRepliesAreLoggedAsThoseOfAConnection) {
  UdpRoom room({.verbosity = 2});
  room.ask("get a\r\nset a 0 0 1\r\nx\r\n");
  EXPECT_EQ(room.log.count("<78 get a"), 1U);
  EXPECT_EQ(room.log.count(">78 END"), 1U);
  EXPECT_EQ(room.log.count("<78 set a 0 0 1"), 1U);
  EXPECT_EQ(room.log.count(">78 STORED"), 1U);
}

}  // namespace
}  // namespace martlet::conn
