// Limits within a request: who stalls in one, or does not read its replies, is closed; who goes on is left alone.
#include <string>
#include <vector>

#include "tests/server/conn/table_room.h"

namespace martlet::conn {
namespace {

RoomOptions limits(uint32_t request_s, uint32_t send_s) {
  RoomOptions out;
  out.conn.request_timeout_s = request_s;
  out.conn.send_timeout_s = send_s;
  return out;
}

struct Stall {
  const char* name;
  std::string first;
  std::string rest;
  std::string answer;
};

std::string many_keys(int count) {
  std::string keys;
  for (int i = 0; i < count; ++i) keys += "absent" + std::to_string(i) + " ";
  return keys;
}

std::vector<Stall> stalls() {
  return {{"half a line", "get a", "\r\n", "END\r\n"},
          {"half a get line that is unrolled while it arrives", "get " + many_keys(3000), "a\r\n", "END\r\n"},
          {"half a value", "set a 0 0 10\r\nhalf-", "value\r\n", "STORED\r\n"},
          {"half an upload", "set a 0 0 40000\r\n" + std::string(20'000, 'u'), std::string(20'000, 'u') + "\r\n",
           "STORED\r\n"},
          {"half a refused value", "set a 0 0 2000000\r\n" + std::string(1'000'000, 's'),
           std::string(1'000'000, 's') + "\r\nget a\r\n", "END\r\n"}};
}

TEST(RequestTimeout, AStalledRequestIsClosedAtItsLimit) {
  for (const Stall& stall : stalls()) {
    SCOPED_TRACE(stall.name);
    TableRoom room(limits(3, 0));
    Client client = room.connect();
    const uint64_t start = room.clock.monotonic_ms();
    room.talk(client, stall.first);
    EXPECT_EQ(room.table->deadline(), start + 3'000);
    room.clock.advance_ms(2'999);
    room.sweep();
    ASSERT_FALSE(client.closed());
    room.clock.advance_ms(1);
    room.sweep();
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(room.stats.request_timeouts.get(), 1U);
    room.expect_all_given_back();
  }
}

TEST(RequestTimeout, TheRestThatCameInTimeIsServed) {
  for (const Stall& stall : stalls()) {
    SCOPED_TRACE(stall.name);
    TableRoom room(limits(3, 0));
    Client client = room.connect();
    room.talk(client, stall.first);
    room.clock.advance_ms(3'000);
    std::string_view rest = stall.rest;
    rest.remove_prefix(client.send(rest));  // in the socket when the sweep comes
    room.sweep();
    EXPECT_EQ(room.talk(client, rest), stall.answer);
    EXPECT_EQ(room.table->deadline(), threads::kNoDeadline);
    room.clock.advance_seconds(100);
    room.sweep();
    EXPECT_FALSE(client.closed());
  }
}

TEST(RequestTimeout, AValueThatGoesOnArrivingDoesNotStall) {
  TableRoom room(limits(3, 0));
  Client client = room.connect();
  room.talk(client, "set a 0 0 100000\r\n");
  for (int i = 0; i < 10; ++i) {
    room.clock.advance_ms(2'900);
    EXPECT_EQ(room.talk(client, std::string(10'000, 'u')), "");
    room.sweep();
    ASSERT_FALSE(client.closed()) << i;
  }
  EXPECT_EQ(room.talk(client, "\r\n"), "STORED\r\n");
}

TEST(RequestTimeout, ALineMustBeCompleteInTimeHoweverItDrips) {
  TableRoom room(limits(3, 0));
  Client client = room.connect();
  for (int i = 0; i < 4; ++i) {
    room.talk(client, "a");
    room.clock.advance_ms(900);
    room.sweep();
  }
  EXPECT_TRUE(client.closed());
}

TEST(SendTimeout, AClientThatDoesNotReadIsClosedAtItsLimit) {
  TableRoom room(limits(0, 4));
  Client client = room.connect(4096);
  room.talk(client, "set big 0 0 300000\r\n" + std::string(300'000, 'v') + "\r\n");
  client.send("get big\r\n");
  room.turn();
  ASSERT_EQ(room.view(0).state, ConnState::mwrite);
  EXPECT_TRUE(room.view(0).replies_waiting);
  EXPECT_EQ(room.table->deadline(), room.clock.monotonic_ms() + 4'000);
  room.clock.advance_ms(3'999);
  room.sweep();
  ASSERT_EQ(room.in_use(), 1U);
  room.clock.advance_ms(1);
  room.sweep();
  EXPECT_EQ(room.in_use(), 0U);
  EXPECT_EQ(room.stats.send_timeouts.get(), 1U);
  room.expect_all_given_back();
}

TEST(SendTimeout, ASlowReaderIsNotAStalledOne) {
  TableRoom room(limits(0, 4));
  Client client = room.connect(4096);
  room.talk(client, "set big 0 0 300000\r\n" + std::string(300'000, 'v') + "\r\n");
  client.send("get big\r\n");
  std::string got;
  for (int i = 0; i < 100 && got.size() < 300'027; ++i) {
    room.turn();
    room.clock.advance_ms(3'900);
    room.sweep();
    got += client.take(20'000);
  }
  EXPECT_EQ(got.size(), 300'027U);
  EXPECT_EQ(room.stats.send_timeouts.get(), 0U);
}

}  // namespace
}  // namespace martlet::conn
