// The limit of connections: exactly so many are served; the others are told, or wait.
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "tests/lifecycle/running_server.h"

namespace martlet::lifecycle {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Transport kTransports[] = {Transport::tcp4, Transport::tcp6, Transport::unix_stream};

TEST(ConnectionLimit, ServesExactlyAsManyOverAllTransportsAndTellsTheNext) {
  const auto server = RunningServer::start({.flags = {"-c", "30"}, .unix_socket = true});
  ASSERT_NE(server, nullptr);
  std::vector<std::unique_ptr<Client>> clients;
  for (const Transport transport : {Transport::tcp4, Transport::tcp6, Transport::unix_stream}) {
    auto some = server->connect_many(transport == Transport::tcp4 ? 9 : 10, transport);
    std::move(some.begin(), some.end(), std::back_inserter(clients));
  }
  ASSERT_EQ(clients.size(), 29U);  // and the test's own
  EXPECT_EQ(server->stat("curr_connections"), 30U);
  EXPECT_EQ(server->stat("max_connections"), 30U);

  uint64_t rejected = 0;
  for (const Transport transport : kTransports) {
    const auto newcomer = server->connect(transport);
    ASSERT_NE(newcomer, nullptr);
    EXPECT_EQ(newcomer->receive_until_close(), "ERROR Too many open connections\r\n") << name_of(transport);
    EXPECT_EQ(newcomer->last_error(), "closed by the server") << name_of(transport);
    EXPECT_EQ(server->stat("rejected_connections"), ++rejected);
  }
  for (const auto& client : clients) EXPECT_TRUE(ask(*client, "version").starts_with("VERSION"));

  for (const Transport transport : kTransports) {
    clients.pop_back();
    ASSERT_TRUE(eventually([&] { return server->stat("curr_connections") == 29; }));
    auto newcomer = server->connect(transport);
    ASSERT_NE(newcomer, nullptr);
    EXPECT_TRUE(ask(*newcomer, "version").starts_with("VERSION")) << name_of(transport);
    clients.insert(clients.begin(), std::move(newcomer));
  }
  EXPECT_EQ(server->stat("rejected_connections"), rejected);
  EXPECT_NE(server->log().find("Too many open connections: 30 of 30 served"), std::string::npos) << server->log();
}

TEST(ConnectionLimit, ANewcomerTurnedAwayReadsWhyEvenAfterSendingARequest) {
  const auto server = RunningServer::start({.flags = {"-c", "1"}});
  ASSERT_NE(server, nullptr);
  for (int i = 0; i < 200; ++i) {
    const auto newcomer = server->connect();
    ASSERT_NE(newcomer, nullptr);
    (void)newcomer->send_some("get a\r\n");
    EXPECT_EQ(newcomer->receive_until_close(), "ERROR Too many open connections\r\n") << newcomer->last_error();
  }
}

TEST(ConnectionLimit, HoldsUnderABurstOfNewcomers) {
  constexpr size_t kLimit = 50;
  constexpr size_t kBurst = 200;
  const auto server = RunningServer::start({.flags = {"-c", std::to_string(kLimit)}});
  ASSERT_NE(server, nullptr);
  std::vector<std::unique_ptr<Client>> clients(kBurst);
  std::vector<std::string> answers(kBurst);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = t; i < kBurst; i += 8) clients[i] = server->connect();
      for (size_t i = t; i < kBurst; i += 8) {
        if (clients[i] != nullptr) answers[i] = ask(*clients[i], "version");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  const auto served = std::count_if(answers.begin(), answers.end(), [](const auto& a) { return a.starts_with("VER"); });
  EXPECT_EQ(static_cast<size_t>(served), kLimit - 1);  // one is the test's own
  EXPECT_EQ(server->stat("curr_connections"), kLimit);
  EXPECT_EQ(server->stat("rejected_connections"), kBurst - (kLimit - 1));
  clients.clear();
  EXPECT_TRUE(eventually([&] { return server->stat("curr_connections") == 1; }));
  EXPECT_EQ(server->connect_many(kLimit - 1).size(), kLimit - 1);
}

// With no_maxconns_fast newcomers wait until one of the clients goes.
class WaitingNewcomers : public testing::Test {
 protected:
  void SetUp() override {
    server_ = RunningServer::start(
        {.flags = {"-c", "10", "-o", "no_maxconns_fast", "-l", "127.0.0.1", "-l", "::1"}, .unix_socket = true});
    ASSERT_NE(server_, nullptr);
    clients_ = server_->connect_many(9);
  }

  std::unique_ptr<RunningServer> server_;
  std::vector<std::unique_ptr<Client>> clients_;
};

TEST_F(WaitingNewcomers, AreServedOnAllListenersAsSoonAsClientsGo) {
  std::vector<std::unique_ptr<Client>> waiting;
  for (const Transport transport : kTransports) {
    waiting.push_back(server_->connect(transport, {.deadline = milliseconds(50)}));
    ASSERT_NE(waiting.back(), nullptr);
    ASSERT_TRUE(waiting.back()->send("version\r\n"));
  }
  ASSERT_TRUE(eventually([&] { return server_->stat("accepting_conns") == 0; }));
  for (const auto& client : waiting) EXPECT_FALSE(client->receive_line().has_value());
  EXPECT_EQ(server_->stat("listen_disabled_num"), 1U);
  EXPECT_EQ(server_->stat("rejected_connections"), 0U);
  EXPECT_EQ(server_->stat("curr_connections"), 10U);

  // The backoff timer's ten milliseconds are promised; the rest is for a busy machine.
  for (size_t left = waiting.size(); left > 0; --left) {
    const auto began = std::chrono::steady_clock::now();
    clients_.pop_back();
    auto served = waiting.end();
    ASSERT_TRUE(eventually([&] {
      served = std::find_if(waiting.begin(), waiting.end(), [](const auto& client) { return has_input(*client); });
      return served != waiting.end();
    }));
    EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds(200));
    EXPECT_TRUE((*served)->receive_line().has_value());
    clients_.insert(clients_.begin(), std::move(*served));
    waiting.erase(served);
  }
  EXPECT_GT(server_->stat("time_in_listen_disabled_us"), 100'000U);
}

}  // namespace
}  // namespace martlet::lifecycle
