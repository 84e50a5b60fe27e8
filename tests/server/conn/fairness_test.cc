// One client's budget for one turn, and what its neighbours get meanwhile.
#include <string>

#include "tests/server/conn/table_room.h"

namespace martlet::conn {
namespace {

RoomOptions options(uint32_t requests) {
  RoomOptions out;
  out.conn.max_connections = 4;
  out.conn.reqs_per_event_given = requests != 0;
  out.conn.reqs_per_event = requests;
  out.cache.item_size_max = 64U << 20;
  return out;
}

TEST(Fairness, SoManyRequestsATurnAsAllowed) {
  for (const uint32_t allowed : {1U, 3U, 7U}) {
    ConnRoom room(options(allowed));
    HandDriven client(room);
    client.connection->drive();
    std::string pipeline;
    for (int i = 0; i < 21; ++i) pipeline += "version\r\n";
    client.transport.send(pipeline);
    client.connection->drive();
    for (uint32_t done = allowed; done < 21; done += allowed) {
      EXPECT_EQ(client.row.requests(), done);
      ASSERT_EQ(client.connection->drive(), done + allowed < 21 ? Wait::yield : Wait::readable);
    }
    EXPECT_EQ(client.row.requests(), 21U);
    EXPECT_EQ(room.stats.conn_yields.get(), 21U / allowed - 1);
  }
}

TEST(Fairness, ANeighbourIsServedInTheMidstOfAPipeline) {
  for (const uint32_t requests : {5U, 0U}) {  // bounded by -R, and by bytes alone
    TableRoom room(options(requests));
    Client greedy = room.connect();
    Client neighbour = room.connect();
    std::string pipeline;
    while (pipeline.size() < 180'000) pipeline += "get a\r\n";
    const size_t replies = greedy.send(pipeline) / 7 * 5;
    ASSERT_GT(replies, 120'000U);
    room.turn(1);
    neighbour.send("get a\r\n");
    room.turn(1);
    EXPECT_EQ(neighbour.take(), "END\r\n");
    const size_t so_far = greedy.take().size();
    EXPECT_LT(so_far, replies);
    EXPECT_GT(room.stats.conn_yields.get(), 0U);
    std::string rest;
    for (int i = 0; i < 50'000 && so_far + rest.size() < replies; ++i) {
      room.turn(1);
      rest += greedy.take();
    }
    EXPECT_EQ(so_far + rest.size(), replies);
  }
}

// Whoever yields has one turn of the loop at a time, not one for its descriptor and one for its place in the queue.
TEST(Fairness, AYieldingClientWaitsForItsTurnHoweverReadyItsDescriptorIs) {
  TableRoom room(options(2));
  Client greedy = room.connect();
  std::string pipeline;
  for (int i = 0; i < 20; ++i) pipeline += "version\r\n";
  greedy.send(pipeline);
  room.turn(1);
  ASSERT_EQ(room.stats.requests.get(), 2U);
  ConnEntry& entry = room.entry(0);
  const auto on_event = event_get_callback(reinterpret_cast<const event*>(&entry.event));
  for (int i = 0; i < 5; ++i) on_event(entry.transport->fd(), EV_READ, &entry);
  EXPECT_EQ(room.stats.requests.get(), 2U);
  room.turn(100);
  EXPECT_EQ(room.stats.requests.get(), 20U);
}

TEST(Fairness, ALargeValueLeavesInTurns) {
  ConnRoom room(options(0));
  HandDriven client(room);
  constexpr size_t kSize = 20'000'000;
  client.say("set big 0 0 20000000\r\n" + std::string(kSize, 'v') + "\r\n");
  const uint64_t yields = room.stats.conn_yields.get();
  EXPECT_GT(yields, kSize / (128 * 1024));  // it arrived in turns as well
  client.transport.take_received();
  client.transport.write_size = 100'000;
  client.transport.send("get big\r\n");
  size_t most = 0;
  Wait wait = Wait::yield;
  while (wait == Wait::yield) {
    wait = client.connection->drive();
    most = std::max(most, client.transport.take_received().size());
  }
  EXPECT_LE(most, 1'200'000U);
  EXPECT_GT(room.stats.conn_yields.get(), yields + 10);
}

TEST(Fairness, ANeighbourIsServedInTheMidstOfALargeUpload) {
  TableRoom room(options(0));
  Client uploader = room.connect();
  Client neighbour = room.connect();
  const std::string value(3'000'000, 'u');
  room.talk(uploader, "set big 0 0 3000000\r\n");
  for (size_t at = 0; at < value.size();) {
    at += uploader.send(std::string_view(value).substr(at));
    neighbour.send("get a\r\n");
    room.turn(2);
    ASSERT_EQ(neighbour.take(), "END\r\n") << at;
  }
  EXPECT_EQ(room.talk(uploader, "\r\n"), "STORED\r\n");
}

}  // namespace
}  // namespace martlet::conn
