// Closing in every state, and reuse afterwards: the event is off, the descriptor closed, the slot and all memory are
// back, and the next client in the same place finds nothing of the last one.
#include <fcntl.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/server/conn/table_room.h"

namespace martlet::conn {
namespace {

constexpr size_t kLarge = 300'000;

// A way to leave a connection, and the state that it then is in.
struct Situation {
  const char* name;
  ConnState state;
  std::function<void(TableRoom&, Client&)> arrange;
};

std::vector<Situation> situations() {
  const auto says = [](std::string bytes) {
    return [bytes = std::move(bytes)](TableRoom& room, Client& client) { room.talk(client, bytes); };
  };
  // The reader takes nothing, so the server gets stuck in the midst of `request`'s reply.
  const auto stuck = [](std::string request) {
    return [request = std::move(request)](TableRoom& room, Client& client) {
      room.talk(client, "set big 0 0 300000\r\n" + std::string(kLarge, 'v') + "\r\n");
      client.send(request);
      room.turn(50);
    };
  };
  std::string small_gets;
  for (int i = 0; i < 200; ++i) small_gets += "get medium medium\r\n";
  return {
      {"nothing said", ConnState::waiting, says("")},
      {"after a command", ConnState::waiting, says("version\r\n")},
      {"half a line", ConnState::waiting, says("get a")},
      {"half a line of a get", ConnState::waiting, says("get a b c")},
      {"a refused get line that goes on", ConnState::waiting, says("get " + std::string(300, 'k') + " and then ")},
      {"the rest of a broken value", ConnState::waiting, says("set a 0 0 1\r\nbroken value without end")},
      {"half a value", ConnState::nread, says("set a 5 60 100\r\nhalf of it")},
      {"half a value, told to be silent", ConnState::nread, says("set a 5 60 100 noreply\r\nhalf of it")},
      {"half an upload", ConnState::nread, says("set a 0 0 100000\r\n" + std::string(50'000, 'u'))},
      {"an upload without its end", ConnState::nread, says("set a 0 0 100000\r\n" + std::string(100'000, 'u') + "\r")},
      {"a refused value", ConnState::swallow, says("set a 0 0 2000000\r\n" + std::string(5'000, 's'))},
      {"a refused value, told to be silent", ConnState::swallow, says("set a 0 0 2000000 noreply\r\nsss")},
      {"a pinned value not read", ConnState::mwrite, stuck("get big big big\r\n")},
      {"a pinned value not read, half a value behind it", ConnState::mwrite, stuck("get big\r\nset a 0 0 10\r\nhalf")},
      {"small replies not read", ConnState::mwrite,
       [small_gets](TableRoom& room, Client& client) {
         room.talk(client, "set medium 0 0 1000\r\n" + std::string(1'000, 'm') + "\r\n");
         client.send(small_gets);
         room.turn(50);
       }},
  };
}

// The ways out.
struct Exit {
  const char* name;
  std::function<void(TableRoom&, Client&)> take;
};

std::vector<Exit> exits() {
  return {
      {"the client hangs up",
       [](TableRoom& room, Client& client) {
         client.hang_up();
         room.turn();
       }},
      {"the client resets",
       [](TableRoom& room, Client& client) {
         client.send("unread bytes make a reset of it");
         client.hang_up();
         room.turn();
       }},
      {"the server stops", [](TableRoom& room, Client&) { room.tell(TableRoom::Kind::stop); }},
      {"the server is gone", [](TableRoom& room, Client&) { room.table->on_exit(); }},
      {"the event comes for another descriptor",
       [](TableRoom& room, Client&) {
         ConnEntry& entry = room.entry(0);
         const event& armed = *reinterpret_cast<const event*>(&entry.event);
         event_get_callback (&armed)(entry.transport->fd() + 1, EV_READ, &entry);
         EXPECT_EQ(room.log.count("Catastrophic: event fd "), 1U);
       }},
  };
}

RoomOptions options() {
  RoomOptions out;
  out.conn.max_connections = 4;
  return out;
}

TEST(ConnectionClose, EveryStateAndEveryWayOutGiveEverythingBack) {
  for (const Situation& situation : situations()) {
    for (const Exit& exit : exits()) {
      SCOPED_TRACE(std::string(situation.name) + ", " + exit.name);
      TableRoom room(options());
      Client client = room.connect(4096);
      situation.arrange(room, client);
      ASSERT_EQ(room.view(0).state, situation.state);
      const int fd = room.view(0).fd;
      ASSERT_NE(room.entry(0).event.armed(), threads::FdEvent::Want::none);
      exit.take(room, client);
      EXPECT_EQ(room.in_use(), 0U);
      EXPECT_FALSE(room.entry(0).connection.has_value());
      EXPECT_EQ(room.entry(0).row.state(), ConnState::closed);
      EXPECT_EQ(room.entry(0).event.armed(), threads::FdEvent::Want::none);
      EXPECT_EQ(event_base_get_num_events(room.loop->base(), EVENT_BASE_COUNT_ADDED), 0);
      EXPECT_EQ(::fcntl(fd, F_GETFD), -1);
      ConnRow::View gone;
      EXPECT_FALSE(room.entry(0).row.read(&gone));
      room.expect_all_given_back();
    }
  }
}

// Everything a client can be asked about itself, split so that any state left over would show.
std::string probe(TableRoom& room, Client& client) {
  std::string out = room.talk(client, "get no");
  out += room.talk(client, "thing\r\nset probe 7 0 5\r\nhe");
  out += room.talk(client, "llo\r\nget probe\r\nbad\r\ngets " + std::string(251, 'k') + " x\r\nincr probe 1\r\n");
  out += room.talk(client, "set probe 0 0 20000\r\n" + std::string(10'000, 'p'));
  out += room.talk(client, std::string(10'000, 'p') + "\r\nadd probe 0 0 1\r\n1\r\ndelete probe\r\nversion\r\n");
  return out;
}

TEST(ConnectionReuse, TheNextClientFindsNothingOfTheLast) {
  TableRoom fresh_room(options());
  Client fresh = fresh_room.connect();
  const std::string expected = probe(fresh_room, fresh);
  ASSERT_EQ(expected.substr(0, 39), "END\r\nSTORED\r\nVALUE probe 7 5\r\nhello\r\nEN");
  ASSERT_NE(expected.find("NOT_STORED\r\nDELETED\r\nVERSION "), std::string::npos);

  for (const Situation& situation : situations()) {
    SCOPED_TRACE(situation.name);
    TableRoom room(options());
    Client first = room.connect(4096);
    situation.arrange(room, first);
    const uint32_t generation = room.entry(0).generation;
    first.hang_up();
    room.turn();
    room.expect_all_given_back();

    room.clock.advance_seconds(50);
    Client second = room.connect();
    ASSERT_EQ(room.table->pool().made(), 1U);
    EXPECT_EQ(room.table->pool().reused(), 1U);
    EXPECT_EQ(room.entry(0).generation, generation + 1);
    const ConnRow::View view = room.view(0);
    EXPECT_EQ(view.requests, 0U);
    EXPECT_EQ(view.opened_ms, room.clock.monotonic_ms());
    EXPECT_EQ(view.last_command_ms, room.clock.monotonic_ms());
    EXPECT_FALSE(view.replies_waiting);
    EXPECT_EQ(view.state, ConnState::waiting);
    EXPECT_EQ(room.entry(0).connection->request_since_ms(), 0U);
    EXPECT_EQ(room.entry(0).connection->send_since_ms(), 0U);
    EXPECT_EQ(probe(room, second), expected);
    second.hang_up();
    room.turn();
    room.expect_all_given_back();
  }
}

TEST(ConnectionReuse, TheNewestFreePlaceIsTakenAndNoneIsMadeBeyondThePeak) {
  TableRoom room(options());
  for (int i = 0; i < 1000; ++i) {
    Client first = room.connect();
    Client second = room.connect();
    EXPECT_EQ(room.talk(second, "get a\r\n"), "END\r\n");
    first.hang_up();
    second.hang_up();
    room.turn(2);
  }
  EXPECT_EQ(room.table->pool().made(), 2U);
  EXPECT_EQ(room.table->pool().reused(), 1998U);
  room.expect_all_given_back();
}

// An event that was reported in the same batch in which its connection ended does not reach the client that took the
// place and the descriptor's number meanwhile.
struct Successor {
  TableRoom& room;
  std::optional<Client> client;

  // Ends the connection in place 0, by a forged event, and connects another client in its stead.
  static void take_over(int, short, void* argument) {
    auto& self = *static_cast<Successor*>(argument);
    ConnEntry& entry = self.room.entry(0);
    event_get_callback(reinterpret_cast<const event*>(&entry.event))(-1, EV_READ, &entry);
    EXPECT_EQ(self.room.in_use(), 0U);
    self.client.emplace(self.room.connect());
  }
};

TEST(ConnectionReuse, AStaleEventReachesNobody) {
  TableRoom room(options());
  Client first = room.connect();
  Successor next{room, {}};
  event trigger{};
  event_assign(&trigger, room.loop->base(), -1, EV_READ, &Successor::take_over, &next);
  event_active(&trigger, EV_READ, 0);
  first.send("version\r\n");  // reported in the same turn, behind the trigger
  room.turn(1);
  ASSERT_TRUE(next.client.has_value());
  EXPECT_TRUE(first.closed());
  EXPECT_EQ(room.log.count("Catastrophic"), 1U);  // the forged one
  EXPECT_EQ(room.stats.bytes_read.get(), 0U);
  EXPECT_EQ(room.talk(*next.client, "get a\r\n"), "END\r\n");
}

}  // namespace
}  // namespace martlet::conn
