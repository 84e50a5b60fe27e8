// Clients of `watch` in the life of the server: they count, they leave, they are never waited for.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <map>
#include <thread>

#include "tests/lifecycle/running_server.h"

namespace martlet::lifecycle {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

// A client whose `watch` was answered with OK; null when it was not.
std::unique_ptr<Client> watcher(const RunningServer& server, const std::string& words,
                                const ClientOptions& options = {}, Transport transport = Transport::tcp4) {
  auto client = server.connect(transport, options);
  if (client == nullptr || ask(*client, "watch " + words) != "OK") return nullptr;
  return client;
}

uint64_t conns_in(RunningServer& server, const std::string& state) {
  const Stats rows = server.stats("conns");
  return static_cast<uint64_t>(
      std::count_if(rows.begin(), rows.end(), [&](const auto& row) { return row.second == state; }));
}

TEST(WatchingClients, AreCountedAndShownLikeOthers) {
  const auto server = RunningServer::start({.flags = {"-t", "1"}, .unix_socket = true});
  ASSERT_NE(server, nullptr);
  const uint64_t structures = server->stat("connection_structures");
  for (const Transport transport : {Transport::tcp4, Transport::tcp6, Transport::unix_stream}) {
    const auto watching = watcher(*server, "fetchers", {}, transport);
    ASSERT_NE(watching, nullptr);
    EXPECT_EQ(server->stat("curr_connections"), 2U);
    EXPECT_EQ(server->stat("log_watchers"), 1U);
    EXPECT_EQ(conns_in(*server, "conn_watch"), 1U);
    watching->half_close();
    ASSERT_TRUE(eventually([&] { return server->stat("curr_connections") == 1; }));
    EXPECT_EQ(server->stat("log_watchers"), 0U);
    EXPECT_EQ(conns_in(*server, "conn_watch"), 0U);
  }
  EXPECT_LE(server->stat("connection_structures"), structures + 1) << "a watcher occupies none";
}

TEST(WatchingClients, AHangUpIsNoticedWithoutAnyTraffic) {
  const auto server = RunningServer::start();
  ASSERT_NE(server, nullptr);
  for (int i = 0; i < 100; ++i) {
    const auto watching = watcher(*server, "deletions");
    ASSERT_NE(watching, nullptr) << i;
    if (i % 2 == 0) watching->reset();
  }
  EXPECT_TRUE(eventually([&] { return server->stat("log_watchers") == 0; }));
  EXPECT_EQ(server->stat("curr_connections"), 1U);
  EXPECT_EQ(server->log(), "");
}

TEST(WatchingClients, TakeTheirPlaceUnderTheLimit) {
  const auto server = RunningServer::start({.flags = {"-c", "2"}});
  ASSERT_NE(server, nullptr);
  const auto watching = watcher(*server, "fetchers");
  ASSERT_NE(watching, nullptr);
  const auto newcomer = server->connect();
  ASSERT_NE(newcomer, nullptr);
  EXPECT_EQ(newcomer->receive_until_close(), "ERROR Too many open connections\r\n");
  watching->reset();
  ASSERT_TRUE(eventually([&] { return server->stat("curr_connections") == 1; }));
  EXPECT_EQ(server->connect_many(1).size(), 1U);
}

TEST(WatchingClients, AreNeitherIdleNorReclaimed) {
  const auto server = RunningServer::start({.flags = {"-c", "3", "-o", "idle_timeout=1,idle_reclaim"}});
  ASSERT_NE(server, nullptr);
  const auto watching = watcher(*server, "fetchers");
  const auto idle = server->connect_many(1);
  ASSERT_TRUE(watching != nullptr && idle.size() == 1);
  server->hang_up();
  EXPECT_EQ(idle[0]->receive_until_close(), "");
  auto clients = server->connect_many(2);
  ASSERT_EQ(clients.size(), 2U);
  const auto newcomer = server->connect();  // takes the place of one of these
  ASSERT_NE(newcomer, nullptr);
  EXPECT_EQ(ask(*newcomer, "get seen"), "END");
  std::string line;
  while (line.find("key=seen") == std::string::npos) {
    const auto next = watching->receive_line();
    ASSERT_TRUE(next.has_value()) << watching->last_error();
    line = *next;
  }
}

class EndWithWatchers : public testing::TestWithParam<int> {};

TEST_P(EndWithWatchers, IsPromptAndOrderly) {
  const auto server = RunningServer::start();
  ASSERT_NE(server, nullptr);
  const auto watching = watcher(*server, "connevents");
  const auto stuck = watcher(*server, "fetchers mutations", {.receive_buffer = 4096});
  const auto clients = server->connect_many(2);
  ASSERT_TRUE(watching != nullptr && stuck != nullptr && clients.size() == 2);
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(ask(*clients[0], "get a"), "END");
  const auto began = steady_clock::now();
  ASSERT_TRUE(server->process().signal(GetParam()));
  const auto text = watching->receive_until_close();
  EXPECT_EQ(server->process().wait_for_end(seconds(10)), 0);
  EXPECT_LT(steady_clock::now() - began, seconds(1));
  ASSERT_TRUE(text.has_value());
  EXPECT_NE(text->find("reason=shutdown"), std::string::npos) << "the others' end is told";
}

std::string name_of_signal(const testing::TestParamInfo<int>& info) { return ::sigabbrev_np(info.param); }

INSTANTIATE_TEST_SUITE_P(By, EndWithWatchers, testing::Values(SIGTERM, SIGINT, SIGUSR1), name_of_signal);

// Every event is a line, or counted in a note about skipped lines, or counted as dropped on the way to the log.
TEST(SlowWatcher, NobodyWaitsForItAndItLearnsWhatItMissed) {
  const auto server = RunningServer::start({.flags = {"-o", "watcher_logbuf_size=4"}});
  ASSERT_NE(server, nullptr);
  const auto watching = watcher(*server, "fetchers", {.receive_buffer = 4096});
  const auto clients = server->connect_many(1);
  ASSERT_TRUE(watching != nullptr && clients.size() == 1);
  uint64_t events = 0;
  const std::string request = "get " + std::string(200, '\x01') + "\r\n";
  std::string requests;
  std::string replies;
  for (int i = 0; i < 100; ++i) {
    requests += request;
    replies += "END\r\n";
  }
  while (server->stat("log_watcher_skipped") == 0) {
    ASSERT_LT(events, 1'000'000U) << "the sockets take everything";
    ASSERT_TRUE(clients[0]->send(requests));
    ASSERT_EQ(clients[0]->receive(replies.size()), replies);
    events += 100;
  }
  ASSERT_TRUE(eventually([&] {
    return server->stat("log_watcher_skipped") + server->stat("log_watcher_sent") == server->stat("log_worker_written");
  }));
  const uint64_t dropped = server->stat("log_worker_dropped");
  EXPECT_EQ(server->stat("log_worker_written") + dropped, events);

  uint64_t lines = 0;
  uint64_t skipped = 0;
  while (lines + skipped + dropped < events) {
    const auto line = watching->receive_line();
    ASSERT_TRUE(line.has_value()) << watching->last_error() << ": " << lines << " lines, " << skipped << " skipped";
    if (line->starts_with("skipped=")) {
      skipped += std::stoull(line->substr(8));
    } else {
      ASSERT_NE(line->find("type=item_get key=%01%01"), std::string::npos) << *line;
      ++lines;
    }
  }
  EXPECT_EQ(lines + skipped + dropped, events);
  EXPECT_GT(skipped, 0U);

  EXPECT_EQ(ask(*clients[0], "stats reset"), "RESET");
  const Stats after_reset = server->stats();
  for (const char* name : {"log_worker_written", "log_watcher_sent", "log_watcher_skipped", "log_worker_dropped"}) {
    EXPECT_EQ(after_reset.at(name), "0") << name;
  }
  EXPECT_EQ(after_reset.at("log_watchers"), "1");
  EXPECT_EQ(ask(*clients[0], "get after"), "END");
  EXPECT_NE(watching->receive_line().value_or("").find("key=after"), std::string::npos);
}

TEST(WatchedEvictions, AreToldAndAsManyAsAreCounted) {
  const auto server = RunningServer::start({.flags = {"-m", "16"}});
  ASSERT_NE(server, nullptr);
  const auto watching = watcher(*server, "evictions");
  const auto clients = server->connect_many(1);
  ASSERT_TRUE(watching != nullptr && clients.size() == 1);
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(store(*clients[0], "key" + std::to_string(i), 1'000'000));
  const uint64_t evictions = server->stat("evictions");
  ASSERT_GT(evictions, 0U);
  for (uint64_t i = 0; i < evictions; ++i) {
    const std::string line = watching->receive_line().value_or("(" + watching->last_error() + ")");
    ASSERT_NE(line.find(" type=eviction key=key"), std::string::npos) << line;
    ASSERT_NE(line.find(" fetch=no ttl=-1 la="), std::string::npos) << line;
    ASSERT_NE(line.find(" clsid=39 size=1000000\n"), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace martlet::lifecycle
