// How the server ends: at a signal or a command, with what is under way finished first.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "tests/lifecycle/running_server.h"

namespace martlet::lifecycle {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr size_t kLarge = 1'000'000;
constexpr seconds kEndDeadline{1};

std::string large_reply() { return "VALUE large 0 1000000\r\n" + std::string(kLarge, 'x') + "\r\nEND\r\n"; }

// Reads the reply in small steps with pauses, after the signal. The whole of it, or what came of it.
std::string read_slowly(Client& client, size_t size) {
  std::string all;
  while (all.size() < size) {
    const auto piece = client.receive(std::min<size_t>(size - all.size(), 50'000));
    if (!piece.has_value()) break;
    all += *piece;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return all;
}

class Ending : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    server_ = RunningServer::start({.flags = {"-m", "100", "-o", "idle_timeout=60"}, .unix_socket = true});
    ASSERT_NE(server_, nullptr);
  }

  std::unique_ptr<RunningServer> server_;
};

TEST_P(Ending, UnderLoadIsPromptAndTearsNoReply) {
  constexpr int kClients = 4;
  std::atomic<int> speaking{0};
  std::atomic<int> torn{0};
  std::atomic<int> whole{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kClients; ++t) {
    threads.emplace_back([&, t] {
      const auto client = server_->connect(t % 2 == 0 ? Transport::tcp4 : Transport::unix_stream);
      const std::string key = "key" + std::to_string(t);
      if (client == nullptr || !store(*client, key, 3000)) return;
      ++speaking;
      const std::string reply = "VALUE " + key + " 0 3000\r\n" + std::string(3000, 'x') + "\r\nEND\r\n";
      const std::string request = "get " + key + "\r\n";
      while (client->send(request + request + request)) {
        for (int i = 0; i < 3; ++i) {
          if (client->receive(reply.size()) == reply) {
            ++whole;
          } else if (!client->inbox().empty()) {
            ++torn;
          }
        }
      }
    });
  }
  EXPECT_TRUE(eventually([&] { return speaking == kClients && whole > 1000; }));
  const auto began = steady_clock::now();
  ASSERT_TRUE(server_->process().signal(GetParam()));
  EXPECT_EQ(server_->process().wait_for_end(seconds(10)), 0);
  EXPECT_LT(steady_clock::now() - began, kEndDeadline);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(torn, 0);
  struct stat file {};
  EXPECT_NE(::stat(server_->unix_path().c_str(), &file), 0) << "the socket file is still there";
  EXPECT_EQ(server_->log(), "");
}

TEST_P(Ending, FinishesTheReplyOfASlowReader) {
  const auto client = server_->connect(Transport::tcp4, {.receive_buffer = 20'000});
  ASSERT_NE(client, nullptr);
  ASSERT_TRUE(store(*client, "large", kLarge));
  ASSERT_TRUE(client->send("get large\r\n"));
  ASSERT_TRUE(client->receive_more() == Client::More::bytes);  // it is under way
  const auto began = steady_clock::now();
  ASSERT_TRUE(server_->process().signal(GetParam()));
  const std::string all = read_slowly(*client, large_reply().size());
  EXPECT_TRUE(all == large_reply()) << all.size() << " bytes of " << large_reply().size();
  EXPECT_EQ(client->receive_until_close(), "");
  EXPECT_EQ(server_->process().wait_for_end(seconds(10)), 0);
  EXPECT_LT(steady_clock::now() - began, kEndDeadline);
}

TEST_P(Ending, FinishesAStoreWhoseValueIsStillComing) {
  const auto client = server_->connect();
  const auto idle = server_->connect_many(1);
  ASSERT_TRUE(client != nullptr && idle.size() == 1);
  ASSERT_TRUE(client->send("set a 0 0 10\r\n12345"));
  ASSERT_TRUE(eventually([&] {
    for (const auto& [name, value] : server_->stats("conns")) {
      if (value == "conn_nread") return true;
    }
    return false;
  }));
  ASSERT_TRUE(server_->process().signal(GetParam()));
  EXPECT_EQ(idle[0]->receive_until_close(), "");  // the server has begun to end
  EXPECT_EQ(idle[0]->last_error(), "closed by the server");
  ASSERT_TRUE(client->send("67890\r\n"));
  EXPECT_EQ(client->receive_line(), "STORED\r\n");
  EXPECT_EQ(client->receive_until_close(), "");
  EXPECT_EQ(server_->process().wait_for_end(seconds(10)), 0);
}

TEST_P(Ending, TakesNoNewcomers) {
  const auto holder = server_->connect();
  ASSERT_NE(holder, nullptr);
  ASSERT_TRUE(holder->send("set a 0 0 10\r\n12345"));
  const auto idle = server_->connect_many(1);
  ASSERT_EQ(idle.size(), 1U);
  ASSERT_TRUE(server_->process().signal(GetParam()));
  EXPECT_EQ(idle[0]->receive_until_close(), "");
  EXPECT_TRUE(eventually([&] { return server_->connect() == nullptr; }));
  EXPECT_EQ(server_->process().wait_for_end(seconds(10)), 0);
}

TEST_P(Ending, ASecondSignalEndsAtOnceWhateverIsUnderWay) {
  const auto holder = server_->connect();
  ASSERT_NE(holder, nullptr);
  ASSERT_TRUE(holder->send("set a 0 0 10\r\n12345"));
  const auto idle = server_->connect_many(1);
  ASSERT_EQ(idle.size(), 1U);
  ASSERT_TRUE(server_->process().signal(GetParam()));
  EXPECT_EQ(idle[0]->receive_until_close(), "");
  const auto began = steady_clock::now();
  ASSERT_TRUE(server_->process().signal(GetParam()));
  EXPECT_EQ(server_->process().wait_for_end(seconds(10)), 0);
  EXPECT_LT(steady_clock::now() - began, milliseconds(300));
}

std::string name_of_signal(const testing::TestParamInfo<int>& info) { return ::sigabbrev_np(info.param); }

INSTANTIATE_TEST_SUITE_P(By, Ending, testing::Values(SIGTERM, SIGINT, SIGUSR1), name_of_signal);

TEST(Signals, HangUpAndBrokenPipeLeaveTheServerServing) {
  const auto server = RunningServer::start();
  ASSERT_NE(server, nullptr);
  const auto clients = server->connect_many(3);
  for (const int signal : {SIGHUP, SIGPIPE, SIGHUP, SIGPIPE}) {
    ASSERT_TRUE(server->process().signal(signal));
    EXPECT_EQ(server->connect_many(1).size(), 1U);
  }
  for (const auto& client : clients) EXPECT_TRUE(ask(*client, "version").starts_with("VERSION"));
  EXPECT_TRUE(server->process().running());
}

class ShutdownCommand : public testing::TestWithParam<std::string> {};

TEST_P(ShutdownCommand, EndsTheServerIfItIsEnabled) {
  const auto server = RunningServer::start({.flags = {"-A"}});
  ASSERT_NE(server, nullptr);
  const auto client = server->connect();
  const auto idle = server->connect_many(1);
  ASSERT_TRUE(client != nullptr && idle.size() == 1);
  const auto began = steady_clock::now();
  ASSERT_TRUE(client->send(GetParam() + "\r\n"));
  EXPECT_EQ(client->receive_until_close(), "");
  EXPECT_EQ(idle[0]->receive_until_close(), "");
  EXPECT_EQ(server->process().wait_for_end(seconds(10)), 0);
  EXPECT_LT(steady_clock::now() - began, kEndDeadline);
}

TEST_P(ShutdownCommand, IsRefusedOtherwise) {
  const auto server = RunningServer::start();
  ASSERT_NE(server, nullptr);
  const auto client = server->connect();
  ASSERT_NE(client, nullptr);
  EXPECT_EQ(ask(*client, GetParam()), "SERVER_ERROR: shutdown not enabled");
  EXPECT_TRUE(server->process().running());
}

INSTANTIATE_TEST_SUITE_P(Modes, ShutdownCommand, testing::Values("shutdown", "shutdown graceful"));

}  // namespace
}  // namespace martlet::lifecycle
