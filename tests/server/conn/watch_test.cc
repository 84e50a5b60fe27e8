// A connection that watches: it leaves its worker, and lives on at the drain, whose turns the test takes.
#include <gtest/gtest.h>

#include <string>

#include "tests/server/conn/table_room.h"

namespace martlet::conn {
namespace {

class WatchRoom : public TableRoom {
 public:
  WatchRoom() {
    control.watching = drain.get();
  }
  ~WatchRoom() { drain->stop(); }

  // A client whose `watch connevents fetchers` was taken.
  Client watcher() {
    Client client = connect();
    EXPECT_EQ(talk(client, "watch connevents fetchers\r\n"), "");
    drain->turn();
    EXPECT_EQ(client.take(), "OK\r\n");
    return client;
  }
  std::string lines(Client& client) {
    drain->turn();
    return client.take();
  }
  // Shows of the watchers' rows what `stats conns` would.
  bool shown(size_t place) {
    ConnRow::View view;
    return watch.row(place).read(&view) && view.state == ConnState::watch && view.requests == 1;
  }
};

TEST(Watching, LeavesTheWorkerAndKeepsItsPlaceInTheCount) {
  WatchRoom room;
  Client client = room.watcher();
  EXPECT_EQ(room.in_use(), 0U) << "the worker's structure is free again";
  EXPECT_EQ(room.limit.taken(), 1U);
  EXPECT_TRUE(room.shown(0));
  EXPECT_EQ(room.stats.requests.get(), 1U);
}

TEST(Watching, TheEndGivesThePlaceBack) {
  WatchRoom room;
  Client client = room.watcher();
  room.drain->stop();
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(room.limit.taken(), 0U);
  EXPECT_FALSE(room.shown(0));
}

TEST(Watching, SeesOthersComeAskAndGo) {
  WatchRoom room;
  Client client = room.watcher();
  {
    Client other = room.connect();
    room.talk(other, "get a\r\nquit\r\n");
  }
  const std::string text = room.lines(client);
  EXPECT_NE(text.find("type=conn_new rip=unix rport=0 transport=local cfd="), std::string::npos) << text;
  EXPECT_NE(text.find("type=item_get key=a status=not_found clsid=0 cfd="), std::string::npos) << text;
  EXPECT_NE(text.find(" reason=normal cfd="), std::string::npos) << text;
}

TEST(Watching, TheReasonOfACloseIsTold) {
  WatchRoom room;
  Client client = room.watcher();
  Client other = room.connect();
  room.turn();
  room.tell(TableRoom::Kind::drain, room.clock.monotonic_ms());
  room.turn();
  EXPECT_NE(room.lines(client).find(" reason=shutdown cfd="), std::string::npos);
}

TEST(Watching, CommandsBehindItAreNeverExecuted) {
  WatchRoom room;
  Client client = room.connect();
  room.talk(client, "watch connevents\r\nset a 0 0 1\r\nx\r\n");
  client.send("set b 0 0 1\r\nx\r\n");
  EXPECT_EQ(room.lines(client), "OK\r\n");
  Client other = room.connect();
  EXPECT_EQ(room.talk(other, "get a b\r\n"), "END\r\n");
}

TEST(Watching, IsRefusedBehindRepliesThatAreNotSent) {
  WatchRoom room;
  Client client = room.connect();
  EXPECT_EQ(room.talk(client, "get a\r\nwatch\r\nget b\r\n"),
            "END\r\nERROR cannot pipeline other commands before watch\r\nEND\r\n");
  EXPECT_EQ(room.in_use(), 1U);
  EXPECT_EQ(room.drain->figures().watchers, 0U);
}

TEST(Watching, NoTimeLimitAppliesToIt) {
  RoomOptions options;
  options.conn.idle_timeout_s = 1;
  TableRoom room(options);
  room.control.watching = room.drain.get();
  Client client = room.connect();
  room.talk(client, "watch\r\n");
  room.drain->turn();
  EXPECT_EQ(client.take(), "OK\r\n");
  EXPECT_EQ(room.table->deadline().load(), threads::kNoDeadline);
  room.clock.advance_seconds(100);
  room.sweep();
  room.drain->turn();
  EXPECT_FALSE(client.closed());
  room.drain->stop();
}

}  // namespace
}  // namespace martlet::conn
