// A client that asked for much and read nothing is killed: its replies, the values they pin and the memory below them
// come back. Over the real cache.
#include <string>

#include "tests/server/conn/table_room.h"

namespace martlet::conn {
namespace {

RoomOptions options() {
  RoomOptions out;
  out.real_cache = true;
  out.conn.max_connections = 8;
  out.cache.memory_limit = 64U << 20;
  out.cache.evict = false;  // memory that is still held would be missed
  return out;
}

std::string set(const std::string& key, size_t size) {
  return "set " + key + " 0 0 " + std::to_string(size) + "\r\n" + std::string(size, 'v') + "\r\n";
}

// Stores values of `size` bytes until there is no more room; how many fitted.
int fill(TableRoom& room, Client& client, size_t size) {
  for (int stored = 0; stored < 100'000; ++stored) {
    if (room.talk(client, set("fill" + std::to_string(stored), size)) != "STORED\r\n") return stored;
  }
  return 0;
}

void empty(TableRoom& room, Client& client, int count) {
  for (int i = 0; i < count; ++i) {
    ASSERT_EQ(room.talk(client, "delete fill" + std::to_string(i) + "\r\n"), "DELETED\r\n");
  }
}

TEST(UnreadReplies, AreForgottenWithTheirClientAndTheItemsMemoryIsUsedAgain) {
  constexpr size_t kSize = 500'000;
  TableRoom room(options());
  Client writer = room.connect();
  const int room_for = fill(room, writer, kSize);
  ASSERT_GT(room_for, 50);

  // Three who read nothing: each is stuck in a pinned value, with thousands of requests behind it.
  for (int reader = 0; reader < 3; ++reader) {
    Client client = room.connect(4096);
    std::string asks;
    for (int i = 0; i < 10'000; ++i) asks += "get fill" + std::to_string((reader * 7 + i) % room_for) + "\r\n";
    for (int i = 0; i < 200; ++i) {
      asks.erase(0, client.send(asks));
      room.turn(1);
    }
    EXPECT_GT(room.cache->figures().pinned_bytes, 0U);
    EXPECT_LT(room.buffers.figures().bytes, 1U << 20);  // bounded, however much was asked for
    client.hang_up();
    room.turn();
    EXPECT_EQ(room.cache->figures().pinned_bytes, 0U);
  }
  EXPECT_EQ(room.in_use(), 1U);

  empty(room, writer, room_for);
  EXPECT_GE(fill(room, writer, kSize), room_for - 2);
  writer.hang_up();
  room.turn();
  room.expect_all_given_back();
}

TEST(UnreadReplies, TenThousandSmallOnesAreForgotten) {
  TableRoom room(options());
  Client client = room.connect(4096);
  room.talk(client, set("small", 1000));
  std::string asks;
  for (int i = 0; i < 10'000; ++i) asks += "get small\r\n";
  for (int i = 0; i < 500; ++i) {
    asks.erase(0, client.send(asks));
    room.turn(1);
  }
  ASSERT_EQ(room.view(0).state, ConnState::mwrite);
  const uint64_t lent = room.buffers.figures().bytes;
  EXPECT_GT(room.buffers.figures().blocks, 0U);
  EXPECT_LT(lent, 512U * 1024);
  client.hang_up();
  room.turn();
  room.expect_all_given_back();
}

TEST(UnreadReplies, AnAbandonedUploadGivesItsMemoryBack) {
  constexpr size_t kSize = 500'000;
  TableRoom room(options());
  Client writer = room.connect();
  const int room_for = fill(room, writer, kSize);
  empty(room, writer, room_for);
  for (int i = 0; i < 300; ++i) {
    Client client = room.connect();
    room.talk(client, "set half 0 0 500000\r\n" + std::string(400'000, 'h'));
    ASSERT_EQ(room.in_use(), 2U) << i;
    client.hang_up();
    room.turn();
  }
  EXPECT_GE(fill(room, writer, kSize), room_for - 2);
}

}  // namespace
}  // namespace martlet::conn
