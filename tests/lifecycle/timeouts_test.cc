// Time limits: of clients that say nothing, that stall in the midst of a request, and that do not read.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/lifecycle/running_server.h"

namespace martlet::lifecycle {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr Transport kTransports[] = {Transport::tcp4, Transport::tcp6, Transport::unix_stream};

// How long it takes until the server closes a connection.
milliseconds time_to_close(Client& client) {
  const auto began = steady_clock::now();
  EXPECT_TRUE(client.receive_until_close().has_value()) << client.last_error();
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
}

TEST(IdleTimeout, ClosesSilentClientsOfEveryTransportAndKeepsThoseWhoSpeak) {
  const auto server = RunningServer::start({.flags = {"-o", "idle_timeout=1"}, .unix_socket = true});
  ASSERT_NE(server, nullptr);
  auto talker = server->connect_many(1);
  ASSERT_EQ(talker.size(), 1U);
  std::vector<std::unique_ptr<Client>> silent;
  for (const Transport transport : kTransports) {
    for (int i = 0; i < 5; ++i) silent.push_back(server->connect(transport));  // some never say a word
    auto spoken = server->connect_many(5, transport);
    std::move(spoken.begin(), spoken.end(), std::back_inserter(silent));
  }
  const auto began = steady_clock::now();
  size_t gone = 0;
  for (int half_seconds = 0; half_seconds < 7; ++half_seconds) {
    std::this_thread::sleep_for(milliseconds(500));
    ASSERT_TRUE(ask(*talker[0], "version").starts_with("VERSION")) << "after " << half_seconds << " half seconds";
    (void)server->stats();  // it is a client, too
    const auto closed = static_cast<size_t>(std::ranges::count_if(silent, [](const auto& c) { return has_input(*c); }));
    if (half_seconds == 0) {
      EXPECT_EQ(closed, 0U) << "within half a second";
    }
    gone = closed;
  }
  EXPECT_EQ(gone, silent.size());
  EXPECT_GE(steady_clock::now() - began, seconds(3));
  EXPECT_EQ(server->stat("idle_kicks"), silent.size());
  EXPECT_EQ(server->stat("curr_connections"), 2U);
  for (const auto& client : silent) {
    EXPECT_EQ(client->receive_until_close(), "");
    EXPECT_EQ(client->last_error(), "closed by the server");
  }
}

TEST(IdleTimeout, ClosesBetweenTheLimitAndTwoSecondsLaterWithAVerySmallConnectionLimit) {
  for (const std::string limit : {"1", "2", "7"}) {
    const auto server = RunningServer::start({.flags = {"-c", limit, "-o", "idle_timeout=1"}});
    ASSERT_NE(server, nullptr);
    server->hang_up();
    std::unique_ptr<Client> client;
    ASSERT_TRUE(eventually([&] {
      client = server->connect();
      return client != nullptr && ask(*client, "version").starts_with("VERSION");
    }));
    const milliseconds passed = time_to_close(*client);
    EXPECT_GE(passed, milliseconds(900)) << "-c " << limit;
    EXPECT_LE(passed, milliseconds(3000)) << "-c " << limit;
  }
}

TEST(IdleTimeout, TenThousandIdleClientsCostLessThanAHundredthOfACore) {
  const auto server = RunningServer::start({.flags = {"-c", "11000", "-o", "idle_timeout=60"}});
  ASSERT_NE(server, nullptr);
  const auto clients = server->connect_many(10'000);
  ASSERT_EQ(clients.size(), 10'000U);
  const milliseconds before = server->processor_time();
  std::this_thread::sleep_for(seconds(3));
  EXPECT_LE(server->processor_time() - before, milliseconds(30));
}

TEST(RequestTimeout, ClosesStalledRequestsAndLeavesIdleClientsAlone) {
  const auto server = RunningServer::start({.flags = {"-o", "request_timeout=1"}, .unix_socket = true});
  ASSERT_NE(server, nullptr);
  const auto idle = server->connect_many(2);
  const std::vector<std::string> halves{
      "set a 0 0 10\r\n12345",
      "get some",
      "get some more ",
      "set b 0 0 1000000\r\n" + std::string(500'000, 'b'),
      "set c 0 0 9999999\r\n" + std::string(1000, 'c'),  // too large: swallowed
  };
  std::vector<std::unique_ptr<Client>> stalled;
  for (const Transport transport : kTransports) {
    for (const std::string& half : halves) {
      stalled.push_back(server->connect(transport));
      ASSERT_NE(stalled.back(), nullptr);
      ASSERT_TRUE(stalled.back()->send(half));
    }
  }
  const auto began = steady_clock::now();
  for (const auto& client : stalled) {
    EXPECT_TRUE(client->receive_until_close().has_value()) << client->last_error();
    EXPECT_EQ(client->last_error(), "closed by the server");
  }
  EXPECT_GE(steady_clock::now() - began, milliseconds(900));
  EXPECT_LE(steady_clock::now() - began, milliseconds(3000));
  EXPECT_EQ(server->stat("request_timeouts"), stalled.size());
  EXPECT_EQ(ask(*idle[0], "get a"), "END");
  EXPECT_EQ(ask(*idle[1], "get b"), "END");
  EXPECT_EQ(server->stat("curr_connections"), 3U);
}

TEST(RequestTimeout, ASlowButSteadyUploadInTimeIsStored) {
  const auto server = RunningServer::start({.flags = {"-o", "request_timeout=2"}});
  ASSERT_NE(server, nullptr);
  const auto client = server->connect();
  ASSERT_NE(client, nullptr);
  ASSERT_TRUE(client->send("set a 0 0 5\r\n"));
  for (const char byte : std::string("hello\r\n")) {
    std::this_thread::sleep_for(milliseconds(50));
    ASSERT_TRUE(client->send(std::string_view(&byte, 1)));
  }
  EXPECT_EQ(client->receive_line(), "STORED\r\n");
  EXPECT_EQ(server->stat("request_timeouts"), 0U);
}

TEST(SendTimeout, ClosesClientsThatDoNotRead) {
  const auto server = RunningServer::start({.flags = {"-o", "send_timeout=1", "-m", "100"}, .unix_socket = true});
  ASSERT_NE(server, nullptr);
  const auto idle = server->connect_many(1);
  ASSERT_TRUE(store(*idle[0], "large", 1'000'000));
  std::vector<std::unique_ptr<Client>> deaf;
  std::string requests;
  for (int i = 0; i < 50; ++i) requests += "get large\r\n";
  const auto began = steady_clock::now();
  for (const Transport transport : kTransports) {
    deaf.push_back(server->connect(transport));
    ASSERT_NE(deaf.back(), nullptr);
    ASSERT_TRUE(deaf.back()->send(requests));
  }
  ASSERT_TRUE(eventually([&] { return server->stat("send_timeouts") == deaf.size(); }));
  EXPECT_GE(steady_clock::now() - began, milliseconds(900));
  EXPECT_LE(steady_clock::now() - began, milliseconds(3500));
  EXPECT_EQ(server->stat("curr_connections"), 2U);
  EXPECT_TRUE(ask(*idle[0], "version").starts_with("VERSION"));
}

TEST(IdleReclaim, MakesRoomByClosingTheLongestIdleAndNeverABusyOne) {
  constexpr size_t kLimit = 20;
  const auto server =
      RunningServer::start({.flags = {"-c", std::to_string(kLimit), "-o", "idle_reclaim", "-m", "100"}});
  ASSERT_NE(server, nullptr);
  auto busy = server->connect_many(2);
  ASSERT_EQ(busy.size(), 2U);
  ASSERT_TRUE(store(*busy[0], "large", 1'000'000));
  std::string requests;
  for (int i = 0; i < 20; ++i) requests += "get large\r\n";
  ASSERT_TRUE(busy[0]->send(requests));                    // its replies wait to be read
  ASSERT_TRUE(busy[1]->send("set half 0 0 10\r\n12345"));  // in the midst of a request
  std::vector<std::unique_ptr<Client>> idle;
  for (size_t i = 0; i < kLimit - 3; ++i) {
    auto one = server->connect_many(1);
    ASSERT_EQ(one.size(), 1U);
    idle.push_back(std::move(one[0]));
    std::this_thread::sleep_for(milliseconds(15));  // so that it is known who is idle for longest
  }
  EXPECT_EQ(server->stat("curr_connections"), kLimit);

  auto newcomers = server->connect_many(5);
  ASSERT_EQ(newcomers.size(), 5U);
  EXPECT_EQ(server->stat("conns_reclaimed_idle"), 5U);
  EXPECT_EQ(server->stat("rejected_connections"), 0U);
  for (size_t i = 0; i < idle.size(); ++i) {
    if (i < 5) {
      EXPECT_EQ(idle[i]->receive_until_close(), "") << i;
    } else {
      EXPECT_FALSE(has_input(*idle[i])) << i;
    }
  }
  ASSERT_TRUE(busy[1]->send("67890\r\n"));
  EXPECT_EQ(busy[1]->receive_line(), "STORED\r\n");
  const std::string whole = "VALUE large 0 1000000\r\n" + std::string(1'000'000, 'x') + "\r\nEND\r\n";
  for (int i = 0; i < 20; ++i) EXPECT_EQ(busy[0]->receive(whole.size()), whole) << i;
}

}  // namespace
}  // namespace martlet::lifecycle
