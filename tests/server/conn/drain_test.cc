// The end of a worker: idle clients go at once, what is under way is finished and sent, to a deadline.
#include <string>

#include "tests/server/conn/table_room.h"

namespace martlet::conn {
namespace {

constexpr uint64_t kFarAway = 60'000;

void drain(TableRoom& room, uint64_t in_ms) { room.tell(TableRoom::Kind::drain, room.clock.monotonic_ms() + in_ms); }

TEST(Drain, IdleClientsGoAtOnceAndTheLoopEnds) {
  TableRoom room;
  Client first = room.connect();
  Client second = room.connect();
  drain(room, kFarAway);
  EXPECT_TRUE(first.closed());
  EXPECT_TRUE(second.closed());
  EXPECT_TRUE(room.loop->stopping());
  room.expect_all_given_back();
}

TEST(Drain, WhatWasSentBeforeIsServed) {
  TableRoom room;
  Client client = room.connect();
  client.send("get a\r\n");  // in the socket when the end begins
  drain(room, kFarAway);
  EXPECT_EQ(client.take(), "END\r\n");
  EXPECT_TRUE(client.closed());
  EXPECT_TRUE(room.loop->stopping());
}

TEST(Drain, AnUploadIsFinishedAndAnswered) {
  TableRoom room;
  Client client = room.connect();
  room.talk(client, "set a 0 0 100000\r\n" + std::string(50'000, 'u'));
  drain(room, kFarAway);
  EXPECT_FALSE(room.loop->stopping());
  EXPECT_EQ(room.talk(client, std::string(50'000, 'u') + "\r\n"), "STORED\r\n");
  EXPECT_TRUE(client.closed());
  EXPECT_TRUE(room.loop->stopping());
  EXPECT_TRUE(room.fake().holds("a"));
}

TEST(Drain, AReplyIsSentToItsEnd) {
  TableRoom room;
  Client client = room.connect(4096);
  room.talk(client, "set big 0 0 300000\r\n" + std::string(300'000, 'v') + "\r\n");
  client.send("get big\r\n");
  room.turn();
  ASSERT_EQ(room.view(0).state, ConnState::mwrite);
  drain(room, kFarAway);
  EXPECT_EQ(room.talk(client, "").size(), 300'027U);
  EXPECT_TRUE(client.closed());
  EXPECT_TRUE(room.loop->stopping());
  room.expect_all_given_back();
}

TEST(Drain, NobodyIsWaitedForBeyondTheDeadline) {
  TableRoom room;
  Client client = room.connect();
  room.talk(client, "set a 0 0 10\r\nhalf");
  drain(room, 0);
  event_base_loop(room.loop->base(), EVLOOP_ONCE);
  EXPECT_TRUE(client.closed());
  EXPECT_TRUE(room.loop->stopping());
  room.expect_all_given_back();
}

TEST(Drain, WhoComesAfterTheBeginningOfTheEndIsClosed) {
  TableRoom room;
  Client busy = room.connect();
  room.talk(busy, "set a 0 0 10\r\nhalf");
  drain(room, kFarAway);
  Client late = room.connect();
  EXPECT_TRUE(late.closed());
  EXPECT_EQ(room.limit.taken(), 1U);
}

}  // namespace
}  // namespace martlet::conn
