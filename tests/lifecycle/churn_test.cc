// Connections that come and go: structures are reused, figures stay exact, memory stays flat.
#include <gtest/gtest.h>

#include "tests/lifecycle/running_server.h"

namespace martlet::lifecycle {
namespace {

constexpr uint64_t kChurn = 100'000;
constexpr uint64_t kFlat = 1024 * 1024;  // bytes that memory may move by

// Connects, is served, goes; one at a time. Half of them part with a reset, which leaves no TIME_WAIT behind.
void come_and_go(const RunningServer& server, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i) {
    const auto client = server.connect();
    ASSERT_NE(client, nullptr) << "connection " << i;
    ASSERT_TRUE(client->send("mn?\r\n")) << "connection " << i << ": " << client->last_error();
    ASSERT_EQ(client->receive_line(), "ERROR\r\n") << "connection " << i << ": " << client->last_error();
    if (i % 2 == 0) client->reset();
  }
}

class Churn : public testing::TestWithParam<int> {};

TEST_P(Churn, AHundredThousandConnectionsReuseTheSameFewStructures) {
  const int workers = GetParam();
  const auto server = RunningServer::start({.flags = {"-t", std::to_string(workers)}});
  ASSERT_NE(server, nullptr);
  ASSERT_NO_FATAL_FAILURE(come_and_go(*server, 1000));
  const uint64_t memory = server->memory();
  const Stats before = server->stats();

  ASSERT_NO_FATAL_FAILURE(come_and_go(*server, kChurn));

  const auto number = [](const Stats& rows, const std::string& name) { return std::stoull(rows.at(name)); };
  ASSERT_TRUE(eventually([&] { return server->stat("curr_connections") == 1; }));
  const Stats after = server->stats();
  EXPECT_EQ(number(after, "total_connections") - number(before, "total_connections"), kChurn);
  // The test's own connection, one more, and on each worker the last one whose end it has not seen yet.
  EXPECT_LE(number(after, "connection_structures"), static_cast<uint64_t>(workers) + 2);
  EXPECT_GE(number(after, "conn_reused") - number(before, "conn_reused"), kChurn - static_cast<uint64_t>(workers) - 2);
  if (kMemoryIsTheServers) {
    EXPECT_LE(server->memory(), memory + kFlat);
  }
  EXPECT_EQ(server->log(), "");
}

INSTANTIATE_TEST_SUITE_P(Workers, Churn, testing::Values(1, 4));

TEST(Churn, FiguresAreExactAfterOpeningSomeAndClosingSome) {
  const auto server = RunningServer::start({.flags = {"-l", "127.0.0.1", "-l", "::1"}, .unix_socket = true});
  ASSERT_NE(server, nullptr);
  constexpr uint64_t kListeners = 3;
  EXPECT_EQ(server->stat("curr_connections"), 1U);
  EXPECT_EQ(server->stat("connections_in_use"), 1 + kListeners);
  const uint64_t total = server->stat("total_connections");

  auto tcp4 = server->connect_many(40, Transport::tcp4);
  auto tcp6 = server->connect_many(30, Transport::tcp6);
  auto local = server->connect_many(30, Transport::unix_stream);
  EXPECT_EQ(server->stat("curr_connections"), 101U);
  EXPECT_EQ(server->stat("connections_in_use"), 101 + kListeners);
  EXPECT_EQ(server->stat("total_connections"), total + 100);

  tcp4.resize(15);
  tcp6.clear();
  local.resize(12);
  EXPECT_TRUE(eventually([&] { return server->stat("curr_connections") == 28; }));
  EXPECT_EQ(server->stat("connections_in_use"), 28 + kListeners);
  EXPECT_EQ(server->stat("total_connections"), total + 100);
  EXPECT_EQ(server->stat("conn_free") + 28, server->stat("connection_structures"));
  EXPECT_EQ(server->stat("connection_structures"), 101U);
}

}  // namespace
}  // namespace martlet::lifecycle
