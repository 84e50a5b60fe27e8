// Descriptors: running out of them, and limits that are very small or very large.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>

#include "tests/lifecycle/running_server.h"

namespace martlet::lifecycle {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr uint64_t kFewDescriptors = 64;

class DescriptorsUsedUp : public testing::Test {
 protected:
  void SetUp() override {
    server_ = RunningServer::start({.flags = {"-t", "2"}, .unix_socket = true});
    ASSERT_NE(server_, nullptr);
    ASSERT_TRUE(server_->limit_descriptors(kFewDescriptors));
    // Clients until one is not accepted any more; then some more, on every listener.
    while (server_->stat("accepting_conns") == 1) {
      ASSERT_LT(clients_.size(), kFewDescriptors);
      clients_.push_back(server_->connect());
      ASSERT_NE(clients_.back(), nullptr);
      ASSERT_TRUE(eventually([&] {
        return server_->stat("curr_connections") == clients_.size() + 1 || server_->stat("accepting_conns") == 0;
      }));
    }
    waiting_.push_back(std::move(clients_.back()));
    clients_.pop_back();
    for (const Transport transport : {Transport::tcp4, Transport::tcp6, Transport::unix_stream}) {
      for (int i = 0; i < 5; ++i) waiting_.push_back(server_->connect(transport));
    }
    ASSERT_GT(clients_.size(), 10U);
    for (const auto& client : waiting_) {
      ASSERT_NE(client, nullptr);
      ASSERT_TRUE(client->send("version\r\n"));
    }
  }

  std::unique_ptr<RunningServer> server_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<std::unique_ptr<Client>> waiting_;  // connected, but not accepted
};

TEST_F(DescriptorsUsedUp, CostsNoProcessorTimeAndFewLinesOfLog) {
  const size_t lines_before = static_cast<size_t>(std::ranges::count(server_->log(), '\n'));
  const milliseconds used_before = server_->processor_time();
  const auto began = steady_clock::now();
  std::this_thread::sleep_for(seconds(2));
  for (const auto& client : clients_) EXPECT_TRUE(ask(*client, "version").starts_with("VERSION"));
  const auto passed = std::chrono::ceil<seconds>(steady_clock::now() - began).count();
  EXPECT_LT(server_->processor_time() - used_before, milliseconds(200));
  const std::string log = server_->log();
  EXPECT_LE(static_cast<size_t>(std::ranges::count(log, '\n')) - lines_before, static_cast<size_t>(passed) + 1) << log;
  EXPECT_NE(log.find("accept: Too many open files"), std::string::npos) << log;
  EXPECT_NE(log.find("descriptor limit 64"), std::string::npos) << log;
  EXPECT_GE(server_->stat("listen_disabled_num"), 1U);
  EXPECT_GT(server_->stat("time_in_listen_disabled_us"), 1'000'000U);
  EXPECT_EQ(server_->stat("rejected_connections"), 0U);
}

TEST_F(DescriptorsUsedUp, AWaitingClientIsServedSoonAfterAnotherGoes) {
  std::vector<milliseconds> waits;
  for (int i = 0; i < 10; ++i) {
    const auto began = steady_clock::now();
    clients_.pop_back();
    auto served = waiting_.end();
    ASSERT_TRUE(eventually([&] {
      served = std::find_if(waiting_.begin(), waiting_.end(), [](const auto& client) { return has_input(*client); });
      return served != waiting_.end();
    })) << "round "
        << i;
    waits.push_back(std::chrono::duration_cast<milliseconds>(steady_clock::now() - began));
    EXPECT_TRUE((*served)->receive_line().value_or("").starts_with("VERSION"));
    clients_.insert(clients_.begin(), std::move(*served));
    waiting_.erase(served);
  }
  // Twenty milliseconds are promised; a single round may meet a busy machine.
  std::ranges::sort(waits);
  EXPECT_LE(waits[waits.size() / 2], milliseconds(30));
  EXPECT_LE(waits.back(), milliseconds(300));
}

TEST_F(DescriptorsUsedUp, EveryoneIsServedOnceTheLimitIsRaised) {
  ASSERT_TRUE(server_->limit_descriptors(1024));
  for (const auto& client : waiting_) EXPECT_TRUE(client->receive_line().value_or("").starts_with("VERSION"));
  for (const auto& client : clients_) EXPECT_TRUE(ask(*client, "version").starts_with("VERSION"));
  EXPECT_EQ(server_->stat("accepting_conns"), 1U);
  EXPECT_EQ(server_->stat("curr_connections"), clients_.size() + waiting_.size() + 1);
}

TEST(DescriptorLimit, ThatCannotHoldTheClientsIsAClearErrorAtTheStart) {
  // Root may raise any hard limit, but for the kernel's own.
  uint64_t most = 0;
  std::ifstream("/proc/sys/fs/nr_open") >> most;
  support::ChildOptions options;
  options.words = command_line({"-p", "-1", "-c", std::to_string(most + 1)});
  options.descriptors = rlimit{128, 1024};
  const auto [code, said] = run_to_end(options);
  EXPECT_EQ(code, 71) << said;
  EXPECT_NE(said.find("file descriptors"), std::string::npos) << said;
  EXPECT_NE(said.find("hard limit"), std::string::npos) << said;
  EXPECT_EQ(std::ranges::count(said, '\n'), 1) << said;
}

TEST(DescriptorLimit, ASmallSoftLimitIsRaised) {
  const auto server = RunningServer::start({.flags = {"-c", "300"}, .descriptors = rlimit{64, 4096}});
  ASSERT_NE(server, nullptr);
  EXPECT_EQ(server->connect_many(299).size(), 299U);
}

// Neither a huge limit of the system nor a huge number of clients costs memory or time at the start.
TEST(DescriptorLimit, AHugeOneCostsNothing) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  uint64_t most = 0;
  std::ifstream("/proc/sys/fs/nr_open") >> most;
  const rlimit raised{limit.rlim_cur, most};
  if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;  // who may not, has what there is
  const uint64_t clients = std::min<uint64_t>(1'000'000, limit.rlim_max / 2);
  const auto plain = RunningServer::start();
  ASSERT_NE(plain, nullptr);
  const auto began = steady_clock::now();
  const auto huge = RunningServer::start({.flags = {"-c", std::to_string(clients)}, .descriptors = limit});
  ASSERT_NE(huge, nullptr);
  EXPECT_LT(steady_clock::now() - began, milliseconds(1000));
  EXPECT_EQ(huge->stat("max_connections"), clients);
  if (kMemoryIsTheServers) {
    EXPECT_LT(huge->memory(), plain->memory() + (2U << 20U));
  }
  EXPECT_EQ(huge->connect_many(100).size(), 100U);
}

}  // namespace
}  // namespace martlet::lifecycle
