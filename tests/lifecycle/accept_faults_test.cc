// What accepting and registering a newcomer may meet: interruptions, newcomers that are gone, no descriptors, no
// memory, an old kernel, a full epoll.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "tests/lifecycle/faults.h"

namespace martlet::lifecycle {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

class AcceptFaults : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    faults_ = Faults::create();
    ASSERT_NE(faults_, nullptr);
    server_ = RunningServer::start(faults_->under({.flags = {"-t", "1"}, .unix_socket = true}));
    ASSERT_NE(server_, nullptr);
  }

  size_t log_lines() const { return static_cast<size_t>(std::ranges::count(server_->log(), '\n')); }

  std::unique_ptr<Faults> faults_;
  std::unique_ptr<RunningServer> server_;
};

using Passing = AcceptFaults;
using NoResources = AcceptFaults;

TEST_P(Passing, GoUnnoticed) {
  faults_->arm(FaultCall::accept4, {.error = GetParam(), .count = 3});
  for (const Transport transport : {Transport::tcp4, Transport::tcp6, Transport::unix_stream}) {
    EXPECT_EQ(server_->connect_many(3, transport).size(), 3U);
  }
  EXPECT_EQ(faults_->hits(FaultCall::accept4), 3U);
  EXPECT_EQ(server_->log(), "");
  EXPECT_EQ(server_->stat("listen_disabled_num"), 0U);
}

INSTANTIATE_TEST_SUITE_P(AcceptErrors, Passing, testing::Values(EINTR, ECONNABORTED, EAGAIN));

TEST_P(NoResources, StopAcceptingForAMomentWithOneLineOfLog) {
  faults_->arm(FaultCall::accept4, {.error = GetParam(), .count = 2});
  const auto newcomer = server_->connect();
  ASSERT_NE(newcomer, nullptr);
  EXPECT_TRUE(ask(*newcomer, "version").starts_with("VERSION"));  // without another connect
  EXPECT_EQ(faults_->hits(FaultCall::accept4), 2U);
  EXPECT_EQ(server_->stat("listen_disabled_num"), 2U);
  EXPECT_EQ(server_->stat("accepting_conns"), 1U);
  EXPECT_GT(server_->stat("time_in_listen_disabled_us"), 0U);
  EXPECT_GE(log_lines(), 1U);
  EXPECT_LE(log_lines(), 2U) << server_->log();
}

// Each client that goes lets the server try again at once: in vain, for as long as others eat up what becomes free.
TEST_P(NoResources, ForLongerCostNeitherTimeNorLog) {
  auto others = server_->connect_many(50);
  ASSERT_EQ(others.size(), 50U);
  faults_->arm(FaultCall::accept4, {.error = GetParam()});
  const auto newcomer = server_->connect();
  ASSERT_NE(newcomer, nullptr);
  ASSERT_TRUE(newcomer->send("version\r\n"));
  const milliseconds before = server_->processor_time();
  while (!others.empty()) {
    others.pop_back();
    std::this_thread::sleep_for(milliseconds(25));
  }
  EXPECT_GT(faults_->hits(FaultCall::accept4), 10U);
  EXPECT_LT(faults_->hits(FaultCall::accept4), 150U);
  EXPECT_LE(server_->processor_time() - before, milliseconds(150));
  EXPECT_LE(log_lines(), 3U) << server_->log().substr(0, 1000);
  faults_->disarm(FaultCall::accept4);
  EXPECT_TRUE(newcomer->receive_line().value_or("").starts_with("VERSION"));
}

INSTANTIATE_TEST_SUITE_P(AcceptErrors, NoResources, testing::Values(EMFILE, ENFILE, ENOBUFS, ENOMEM));

TEST_F(AcceptFaults, AnyOtherErrorIsLoggedAndTheServerLives) {
  faults_->arm(FaultCall::accept4, {.error = EPROTO, .count = 1});
  EXPECT_EQ(server_->connect_many(3).size(), 3U);
  EXPECT_EQ(faults_->hits(FaultCall::accept4), 1U);
  EXPECT_NE(server_->log().find("accept: Protocol error"), std::string::npos) << server_->log();
  EXPECT_EQ(log_lines(), 1U);
}

TEST_F(AcceptFaults, AKernelWithoutAccept4IsServedByTheOldCall) {
  faults_->arm(FaultCall::accept4, {.error = ENOSYS});
  for (const Transport transport : {Transport::tcp4, Transport::tcp6, Transport::unix_stream}) {
    const auto clients = server_->connect_many(5, transport);
    EXPECT_EQ(clients.size(), 5U);
    for (const auto& client : clients) EXPECT_EQ(ask(*client, "get a"), "END");
  }
  // A socket that had stayed blocking would hold up the only worker when its client does not read.
  auto clients = server_->connect_many(2);
  ASSERT_EQ(clients.size(), 2U);
  ASSERT_TRUE(store(*clients[0], "large", 1'000'000));
  std::string requests;
  for (int i = 0; i < 30; ++i) requests += "get large\r\n";
  ASSERT_TRUE(clients[0]->send(requests));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ask(*clients[1], "get a"), "END");
  EXPECT_EQ(faults_->hits(FaultCall::accept4), 3U) << "once for each listener";
  EXPECT_EQ(server_->log(), "");
}

TEST_F(AcceptFaults, ANewcomerThatCannotBeRegisteredIsClosedAndGivenBack) {
  const auto before = server_->connect_many(2);
  ASSERT_EQ(before.size(), 2U);
  constexpr uint64_t kLost = 200;
  faults_->arm(FaultCall::epoll_ctl, {.error = ENOSPC, .count = kLost});
  for (uint64_t i = 0; i < kLost; ++i) {
    const auto newcomer = server_->connect();
    ASSERT_NE(newcomer, nullptr);
    EXPECT_TRUE(newcomer->receive_until_close().has_value());
  }
  EXPECT_EQ(faults_->hits(FaultCall::epoll_ctl), kLost);
  EXPECT_TRUE(eventually([&] { return server_->stat("curr_connections") == 3; }));
  EXPECT_EQ(server_->stat("malloc_fails"), kLost);
  EXPECT_EQ(server_->stat("conn_free") + 3, server_->stat("connection_structures"));
  for (const auto& client : before) EXPECT_EQ(ask(*client, "get a"), "END");
  EXPECT_EQ(server_->connect_many(3).size(), 3U);
  EXPECT_GE(log_lines(), 1U);
  EXPECT_LE(log_lines(), 5U) << server_->log().substr(0, 1000);
}

// A container whose limit is a thousand million descriptors.
TEST(BoundlessDescriptors, CostNoMemoryAndNoTime) {
  const auto faults = Faults::create();
  ASSERT_NE(faults, nullptr);
  const auto plain = RunningServer::start(faults->under({}));
  ASSERT_NE(plain, nullptr);
  faults->arm(FaultCall::rlimit, {});
  const auto began = steady_clock::now();
  const auto server = RunningServer::start(faults->under({.flags = {"-c", "1000000"}}));
  ASSERT_NE(server, nullptr);
  EXPECT_LT(steady_clock::now() - began, seconds(1));
  EXPECT_GE(faults->hits(FaultCall::rlimit), 2U);
  EXPECT_EQ(server->stat("max_connections"), 1'000'000U);
  EXPECT_LT(server->memory(), plain->memory() + (2U << 20U));
  EXPECT_EQ(server->connect_many(50).size(), 50U);
}

}  // namespace
}  // namespace martlet::lifecycle
