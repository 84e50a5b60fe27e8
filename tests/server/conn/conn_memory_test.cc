// Every allocation on a client's way fails once: the client gets an error line or is closed, whatever was taken is
// given back, and the next client is served. This program replaces operator new by one that can be made to fail;
// libevent's allocations and the kernel's memory for buffers are made to fail in the same way.
#include <event2/event.h>

#include <cstdlib>
#include <new>
#include <string>

#include "server/conn/udp_endpoint.h"
#include "tests/server/conn/table_room.h"
#include "tests/support/fake_datagram_socket.h"
#include "tests/support/udp_message.h"

namespace {

// While `left` is 0 the next allocation fails, and only that one; negative: none does.
struct Shortage {
  int left = -1;
  int failed = 0;

  bool strikes() {
    if (left < 0 || left-- > 0) return false;
    ++failed;
    return true;
  }
};
thread_local Shortage heap;
thread_local Shortage libevent;

void* event_malloc(size_t size) { return libevent.strikes() ? nullptr : std::malloc(size); }
void* event_realloc(void* old, size_t size) { return libevent.strikes() ? nullptr : std::realloc(old, size); }

}  // namespace

[[gnu::noinline]] void* operator new(size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return heap.strikes() ? nullptr : std::malloc(size == 0 ? 1 : size);
}
[[gnu::noinline]] void* operator new(size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new[](size_t size, const std::nothrow_t& tag) noexcept {
  return operator new(size, tag);
}
[[gnu::noinline]] void* operator new[](size_t size) { return operator new(size); }
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t /*size*/) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, size_t /*size*/) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, const std::nothrow_t& /*tag*/) noexcept { std::free(memory); }

namespace martlet::conn {
namespace {

constexpr size_t kLarge = 100'000;

RoomOptions options() {
  RoomOptions out;
  out.real_cache = true;
  out.cache.memory_limit = 64U << 20;
  out.conn.max_connections = 8;
  out.conn.reqs_per_event_given = true;  // so that it yields as well
  out.conn.reqs_per_event = 2;
  out.conn.idle_timeout_s = 10;
  return out;
}

// What a busy client says, in pieces, so that it sleeps in every state.
const std::vector<std::string>& script() {
  static const std::vector<std::string> kScript{
      "set small 1 0 5\r\nhe",
      "llo\r\nget sm",
      "all nothing\r\n",
      "set large 2 0 100000\r\n" + std::string(kLarge / 2, 'l'),
      std::string(kLarge / 2, 'l') + "\r\n",
      "get large large small\r\n",
      "append large 0 0 20000\r\n" + std::string(20'000, 'm') + "\r\n",
      "incr small 1\r\nstats\r\nstats settings\r\nstats conns\r\nversion\r\n",
      "touch large 100\r\ngat 50 large\r\ndelete large\r\nquit\r\n",
  };
  return kScript;
}

// Sends without allocating from the counted heap beyond what the server does itself.
void live(TableRoom& room, Shortage& shortage, int left) {
  Client client = [&] {
    shortage.left = -1;
    return room.connect();
  }();
  std::string got;
  for (const std::string& piece : script()) {
    std::string_view rest = piece;
    for (int i = 0; i < 60; ++i) {
      rest.remove_prefix(client.send(rest));
      shortage.left = left;
      room.turn(2);
      left = shortage.left;
      shortage.left = -1;
      got += client.take();
    }
  }
  if (!client.closed()) client.hang_up();
  room.turn();
}

void expect_served(TableRoom& room) {
  Client next = room.connect();
  EXPECT_EQ(room.talk(next, "set next 0 0 2\r\nok\r\nget next\r\n"), "STORED\r\nVALUE next 0 2\r\nok\r\nEND\r\n");
  next.hang_up();
  room.turn();
}

// Lets the n-th allocation fail, for each n, until a run needs fewer than n. Returns how many there were.
int fail_each(Shortage& shortage) {
  int n = 0;
  for (; n < 2'000; ++n) {
    SCOPED_TRACE(n);
    TableRoom room(options());
    shortage.failed = 0;
    live(room, shortage, n);
    shortage.left = -1;
    EXPECT_EQ(room.in_use(), 0U);
    room.expect_all_given_back();
    expect_served(room);
    room.expect_all_given_back();
    if (shortage.failed == 0 || testing::Test::HasFailure()) break;
  }
  return n;
}

TEST(ConnectionMemory, EveryHeapAllocationMayFailOnce) {
  const int allocations = fail_each(heap);
  EXPECT_GT(allocations, 20);
  EXPECT_LT(allocations, 2'000);
}

TEST(ConnectionMemory, NoHeapAllocationAtAllIsSurvived) {
  TableRoom room(options());
  Client client = room.connect();
  client.send("get a\r\nstats\r\n");
  std::string got;
  got.reserve(10'000);
  for (int i = 0; i < 8; ++i) {
    heap.left = 0;
    event_base_loop(room.loop->base(), EVLOOP_ONCE | EVLOOP_NONBLOCK);
    heap.left = -1;
  }
  EXPECT_EQ(client.take(), "END\r\nSERVER_ERROR out of memory writing stats\r\n");
  EXPECT_EQ(room.stats.malloc_fails.get(), 1U);
}

TEST(ConnectionMemory, ALogLineThatCannotBeWrittenDisturbsNobody) {
  RoomOptions wanted = options();
  wanted.verbosity = 2;
  TableRoom room(wanted);
  Client client = room.connect();
  client.send("nonsense " + std::string(1'500, 'w') + "\r\n");
  heap = {0, 0};
  event_base_loop(room.loop->base(), EVLOOP_ONCE | EVLOOP_NONBLOCK);
  heap.left = -1;
  EXPECT_EQ(heap.failed, 1);
  EXPECT_EQ(client.take(), "ERROR\r\n");
  EXPECT_EQ(room.log.count("(a log line is lost: out of memory)"), 1U);
}

// At the connect and in the loop: registering a descriptor, arming a timer.
TEST(ConnectionMemory, EveryAllocationOfLibeventMayFailOnce) {
  int failures = 0;
  for (int n = 0; n < 50; ++n) {
    SCOPED_TRACE(n);
    TableRoom room(options());
    libevent = {n, 0};
    Client client = room.connect();
    client.send("set small 1 0 5\r\nhello\r\nget small\r\nget small\r\nget small\r\nget small\r\n");
    room.turn(20);
    libevent.left = -1;
    const std::string got = client.take();
    if (!client.closed()) {
      EXPECT_EQ(got.substr(0, 8), "STORED\r\n");
    } else {
      EXPECT_EQ(room.in_use(), 0U);
    }
    client.hang_up();
    room.turn();
    room.expect_all_given_back();
    expect_served(room);
    if (libevent.failed == 0) break;
    failures += libevent.failed;
  }
  EXPECT_GT(failures, 1);
}

// So many slabs of buffers and not one more, with several clients who want them.
TEST(ConnectionMemory, BuffersThatCannotBeHadCloseTheirClientAlone) {
  for (size_t slabs = 0; slabs <= 6; ++slabs) {
    SCOPED_TRACE(slabs);
    RoomOptions wanted = options();
    wanted.buffer_limit = slabs == 0 ? 1 : slabs * BufferPool::kSlabSize;
    TableRoom room(wanted);
    std::vector<Client> stuck;
    for (int i = 0; i < 4; ++i) {
      stuck.push_back(room.connect(4096));
      room.talk(stuck.back(), "set k 0 0 1000\r\n" + std::string(1000, 'k') + "\r\n");
      std::string asks;
      for (int each = 0; each < 2'000; ++each) asks += "get k\r\n";
      stuck.back().send(asks);
      room.turn(100);
    }
    const uint64_t lost = room.stats.read_buf_oom.get() + room.stats.response_obj_oom.get();
    EXPECT_EQ(lost > 0, slabs <= 1);
    for (Client& client : stuck) client.hang_up();
    room.turn();
    EXPECT_EQ(room.in_use(), 0U);
    room.expect_all_given_back();
    if (slabs >= 2) expect_served(room);
  }
}

// There is memory to read and to answer, and none to keep a request whose value is still to come.
TEST(ConnectionMemory, AStoreThatCannotBeKeptIsRefusedAndTheStreamStaysInStep) {
  RoomOptions wanted = options();
  wanted.buffer_limit = BufferPool::kSlabSize;
  TableRoom room(wanted);
  Client client = room.connect();
  EXPECT_EQ(room.talk(client, "set a 0 0 10\r\nhalf-"), "SERVER_ERROR out of memory storing object\r\n");
  EXPECT_EQ(room.talk(client, "value\r\nget a\r\n"), "END\r\n");
  client.hang_up();
  room.turn();
  room.expect_all_given_back();
}

// The item's memory ends before, or in the midst of, a value.
TEST(ConnectionMemory, AStoreWithoutMemoryIsRefusedAndTheStreamStaysInStep) {
  RoomOptions wanted = options();
  wanted.real_cache = false;
  wanted.cache.item_size_max = 1U << 20;
  TableRoom room(wanted);
  Client client = room.connect();
  const std::string store = "set big 0 0 100000\r\n" + std::string(kLarge, 'b') + "\r\n";
  EXPECT_EQ(room.talk(client, store), "STORED\r\n");

  room.fake().limit_upload_bytes(50'000);
  EXPECT_EQ(room.talk(client, store + "get nothing\r\n"), "SERVER_ERROR Out of memory during read\r\nEND\r\n");
  EXPECT_TRUE(room.fake().holds("big"));

  room.fake().deny_memory(true);
  EXPECT_EQ(room.talk(client, store + "get nothing\r\n"), "SERVER_ERROR out of memory storing object\r\nEND\r\n");
  EXPECT_FALSE(room.fake().holds("big"));
  EXPECT_EQ(room.talk(client, "set small 0 0 1\r\nx\r\nversion\r\n").substr(0, 43),
            "SERVER_ERROR out of memory storing object\r\n");
  client.hang_up();
  room.turn();
  room.expect_all_given_back();
}

TEST(ConnectionMemory, ADatagramTakesNothingFromTheHeap) {
  ConnRoom room(options());
  const std::string value(3'000, 'x');
  support::EndlessSocket socket(
      support::framed(1, "set a 0 0 3000\r\n" + value + "\r\nget a a b\r\nmg a v\r\nincr n 1\r\n"));
  std::vector<char> buffer(64 * 1024);
  UdpEndpoint endpoint(room.context, socket, buffer, 0);
  endpoint.serve();  // the first buffers
  const size_t sent = socket.sent;
  heap = {1'000, 0};
  for (int i = 0; i < 50; ++i) endpoint.serve();
  EXPECT_EQ(heap.left, 1'000);
  heap.left = -1;
  EXPECT_EQ(socket.sent, 51 * sent);
  EXPECT_GT(sent, 3 * value.size());
  room.expect_all_given_back();
}

}  // namespace
}  // namespace martlet::conn

int main(int argc, char** argv) {
  event_set_mem_functions(event_malloc, event_realloc, std::free);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
