// The idle limit, turned by hand: who waits too long for a command of its own is closed, who speaks in time is served.
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/server/conn/table_room.h"

namespace martlet::conn {
namespace {

constexpr uint64_t kGrainMs = 100;  // an idle limit may be this much longer

RoomOptions limits(uint32_t idle_s) {
  RoomOptions out;
  out.conn.idle_timeout_s = idle_s;
  out.conn.max_connections = 2000;
  return out;
}

TEST(IdleTimeout, ClosesAtItsLimitAndNotBefore) {
  TableRoom room(limits(5));
  Client client = room.connect();
  room.clock.advance_ms(4'999);
  room.sweep();
  EXPECT_FALSE(client.closed());
  room.clock.advance_ms(1 + kGrainMs);
  room.sweep();
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(room.stats.idle_kicks.get(), 1U);
  room.expect_all_given_back();
}

TEST(IdleTimeout, TheDeadlineIsPublishedForTheLongestIdle) {
  TableRoom room(limits(5));
  EXPECT_EQ(room.table->deadline(), threads::kNoDeadline);
  EXPECT_EQ(room.table->oldest_idle_ms(), threads::kNoDeadline);
  const uint64_t start = room.clock.monotonic_ms();
  Client first = room.connect();
  room.clock.advance_ms(1'000);
  Client second = room.connect();
  EXPECT_EQ(room.table->deadline(), start + 5'000 + kGrainMs);
  EXPECT_EQ(room.table->oldest_idle_ms(), start);
  room.clock.advance_ms(1'000);
  EXPECT_EQ(room.talk(first, "get a\r\n"), "END\r\n");
  EXPECT_EQ(room.table->deadline(), start + 6'000 + kGrainMs);
  second.hang_up();
  room.turn();
  EXPECT_EQ(room.table->deadline(), start + 7'000 + kGrainMs);
  first.hang_up();
  room.turn();
  EXPECT_EQ(room.table->deadline(), threads::kNoDeadline);
  EXPECT_EQ(room.table->oldest_idle_ms(), threads::kNoDeadline);
}

// A command soon after the connect leaves the place in the list as it is: that must not put the close off.
TEST(IdleTimeout, ACommandJustAfterTheConnectDoesNotPutTheCloseBehindLaterClients) {
  TableRoom room(limits(60));
  Client early = room.connect();
  room.clock.advance_ms(50);
  EXPECT_EQ(room.talk(early, "get a\r\n"), "END\r\n");
  room.clock.advance_ms(59'000);
  Client late = room.connect();
  for (int i = 0; i < 20; ++i) {  // as the idle-timeout thread: whenever the published time has come
    room.clock.advance_ms(100);
    if (room.table->deadline() <= room.clock.monotonic_ms()) room.sweep();
  }
  EXPECT_TRUE(early.closed());
  EXPECT_FALSE(late.closed());
}

TEST(IdleTimeout, WhoeverSpeaksInTimeIsServedEvenWhenTheSweepComesFirst) {
  TableRoom room(limits(1));
  Client client = room.connect();
  for (int i = 0; i < 2'000; ++i) {
    room.clock.advance_ms(900 + static_cast<uint64_t>(i % 400));
    client.send("get a\r\n");  // waits in the socket while the sweep comes
    room.sweep();
    room.turn(1);
    ASSERT_EQ(client.take(), "END\r\n") << i;
  }
  EXPECT_EQ(room.stats.idle_kicks.get(), 0U);
}

TEST(IdleTimeout, APartOfALineIsNoCommand) {
  TableRoom room(limits(5));
  Client client = room.connect();
  for (int i = 0; i < 6; ++i) {
    room.talk(client, "x");
    room.clock.advance_ms(900);
    room.sweep();
    room.turn();
    ASSERT_EQ(client.closed(), i == 5) << i;
  }
}

TEST(IdleTimeout, AnUploadUnderWayIsNotIdle) {
  TableRoom room(limits(5));
  Client client = room.connect();
  room.clock.advance_ms(5'000 + kGrainMs);
  client.send("set a 0 0 4\r\nab");  // begun at the very limit
  room.sweep();
  room.turn();
  ASSERT_EQ(room.in_use(), 1U);
  room.clock.advance_seconds(100);
  room.sweep();
  EXPECT_EQ(room.talk(client, "cd\r\n"), "STORED\r\n");
}

// A long reply is read slowly: the client is busy as long as it leaves, and idle from its end on.
TEST(IdleTimeout, CountsFromTheEndOfTheReply) {
  TableRoom room(limits(5));
  Client client = room.connect(4096);
  room.talk(client, "set medium 0 0 1000\r\n" + std::string(1'000, 'm') + "\r\n");
  std::string ask = "get";
  for (int i = 0; i < 50; ++i) ask += " medium";
  client.send(ask + "\r\n");
  room.turn();
  ASSERT_EQ(room.view(0).state, ConnState::mwrite);
  std::string got;
  for (int i = 0; i < 100 && room.view(0).state == ConnState::mwrite; ++i) {
    room.clock.advance_seconds(2);
    room.sweep();
    got += client.take(5'000);
    room.turn();
  }
  got += room.talk(client, "");
  EXPECT_EQ(got.size(), 50 * (21 + 1'002) + 5U);
  room.sweep();
  EXPECT_FALSE(client.closed());
  room.clock.advance_ms(5'000 + kGrainMs);
  room.sweep();
  EXPECT_TRUE(client.closed());
}

// A hundred thousand times within two milliseconds of the limit, before the sweep comes or after it.
TEST(IdleTimeout, WhoeverSpeaksAroundTheLimitIsAnsweredOrMeetsTheEnd) {
  TableRoom room(limits(1));
  std::mt19937 random(19);
  std::optional<Client> client;
  uint64_t ended = 0;
  for (int i = 0; i < 100'000; ++i) {
    if (!client.has_value()) client.emplace(room.connect());
    const uint64_t silence = 1'000 + kGrainMs - 2 + random() % 4;
    const bool speaks_first = random() % 2 == 0;
    room.clock.advance_ms(silence);
    if (speaks_first) client->send("get a\r\n");
    room.sweep();
    if (!speaks_first) client->send("get a\r\n");
    room.turn(1);
    const bool in_time = speaks_first || silence < 1'000 + kGrainMs;
    ASSERT_EQ(client->take(), in_time ? "END\r\n" : "") << "try " << i << " after " << silence << " ms";
    ASSERT_EQ(client->closed(), !in_time) << "try " << i << " after " << silence << " ms";
    if (in_time) continue;
    client.reset();
    ++ended;
  }
  EXPECT_EQ(room.stats.idle_kicks.get(), ended);
  EXPECT_GT(ended, 10'000U);
}

// A value of many turns: the request that asked for it counts, for the figures and for the age.
TEST(IdleTimeout, AReplyOfSeveralTurnsCountsAsACommand) {
  RoomOptions wanted = limits(5);
  wanted.cache.item_size_max = 8U << 20;
  ConnRoom room(wanted);
  HandDriven client(room);
  client.say("set big 0 0 5000000\r\n" + std::string(5'000'000, 'v') + "\r\n");
  const uint64_t before = client.row.requests();
  room.clock.advance_seconds(4);
  EXPECT_EQ(client.say("get big\r\n"), Wait::readable);
  EXPECT_EQ(client.row.requests(), before + 1);
  EXPECT_EQ(client.row.last_command_ms(), room.clock.monotonic_ms());
}

TEST(IdleTimeout, ALongSweepGoesInSlices) {
  TableRoom room(limits(1));
  std::vector<Client> clients;
  clients.reserve(300);
  for (int i = 0; i < 300; ++i) clients.push_back(room.connect());
  room.clock.advance_ms(1'000 + kGrainMs);
  room.sweep();
  EXPECT_EQ(room.in_use(), 300U - 128U);
  room.turn(1);
  EXPECT_EQ(room.in_use(), 300U - 256U);
  room.turn(1);
  EXPECT_EQ(room.in_use(), 0U);
  EXPECT_EQ(room.stats.idle_kicks.get(), 300U);
}

TEST(IdleTimeout, ASweepThatComesLateHarmsNobodyWhoTookThePlace) {
  RoomOptions wanted = limits(5);
  wanted.conn.request_timeout_s = wanted.conn.send_timeout_s = 5;
  TableRoom room(wanted);
  Client first = room.connect();
  room.clock.advance_seconds(6);
  const uint64_t asked = room.clock.monotonic_ms();
  first.hang_up();
  room.turn();
  Client second = room.connect();
  room.tell(TableRoom::Kind::sweep, asked);  // meant the first
  EXPECT_EQ(room.talk(second, "get a\r\n"), "END\r\n");
  EXPECT_EQ(room.stats.idle_kicks.get(), 0U);
}

RoomOptions reclaiming() {
  RoomOptions out = limits(0);
  out.conn.idle_reclaim = true;
  return out;
}

TEST(Reclaim, TheLongestIdleGoesAndTheBusyStay) {
  TableRoom room(reclaiming());
  Client busy = room.connect();
  room.talk(busy, "set a 0 0 10\r\nhalf");
  Client oldest = room.connect();
  room.clock.advance_seconds(1);
  Client younger = room.connect();
  room.clock.advance_seconds(1);
  room.tell(TableRoom::Kind::reclaim);
  EXPECT_TRUE(oldest.closed());
  EXPECT_FALSE(younger.closed());
  room.tell(TableRoom::Kind::reclaim);
  EXPECT_TRUE(younger.closed());
  room.tell(TableRoom::Kind::reclaim);  // nobody is idle
  EXPECT_EQ(room.talk(busy, "wayy..\r\n"), "STORED\r\n");
  EXPECT_EQ(room.stats.conns_reclaimed_idle.get(), 2U);
}

TEST(Reclaim, WhoeverHasJustSpokenIsServedAndTheNextOneGoes) {
  TableRoom room(reclaiming());
  Client first = room.connect();
  room.clock.advance_seconds(1);
  Client second = room.connect();
  Client third = room.connect();
  first.send("get a\r\n");
  second.send("set a 0 0 4\r\nab");
  room.tell(TableRoom::Kind::reclaim);
  EXPECT_EQ(room.talk(first, ""), "END\r\n");
  EXPECT_EQ(room.talk(second, "cd\r\n"), "STORED\r\n");
  EXPECT_TRUE(third.closed());
}

}  // namespace
}  // namespace martlet::conn
