// Memory: what clients make the server hold is bounded, and goes back.
#include <gtest/gtest.h>

#include "tests/lifecycle/running_server.h"

namespace martlet::lifecycle {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr uint64_t kMegabyte = 1024 * 1024;

uint64_t growth(const RunningServer& server, uint64_t before) {
  const uint64_t now = server.memory();
  return now > before ? now - before : 0;
}

TEST(Memory, OfLargeMultigetsGoesBack) {
  const auto server = RunningServer::start();
  ASSERT_NE(server, nullptr);
  const auto clients = server->connect_many(8);
  ASSERT_EQ(clients.size(), 8U);
  std::string line = "get";
  for (int i = 0; i < 40'000; ++i) line += " missing_key_" + std::to_string(i);
  line += "\r\n";
  const uint64_t before = server->memory();
  for (const auto& client : clients) ASSERT_TRUE(client->send(line));
  for (const auto& client : clients) EXPECT_EQ(client->receive_line(), "END\r\n");
  EXPECT_TRUE(eventually([&] { return growth(*server, before) < 2 * kMegabyte; })) << growth(*server, before);
  EXPECT_EQ(server->stat("get_misses"), 320'000U);
}

TEST(Memory, OfHalfSentStoresIsSmall) {
  constexpr uint64_t kClients = 2000;
  const auto server = RunningServer::start({.flags = {"-c", "3000"}});
  ASSERT_NE(server, nullptr);
  const uint64_t before = server->memory();
  std::vector<std::unique_ptr<Client>> clients;
  for (uint64_t i = 0; i < kClients; ++i) {
    clients.push_back(server->connect());
    ASSERT_NE(clients.back(), nullptr) << i;
    ASSERT_TRUE(clients.back()->send("set key" + std::to_string(i) + " 0 0 1000\r\n0123456789"));
  }
  ASSERT_TRUE(eventually([&] { return server->stat("curr_connections") == kClients + 1; }));
  ASSERT_TRUE(eventually([&] {
    uint64_t reading = 0;
    for (const auto& [name, value] : server->stats("conns")) reading += value == "conn_nread" ? 1U : 0U;
    return reading == kClients;
  }));
  EXPECT_LT(growth(*server, before) / kClients, 4000U);

  for (const auto& client : clients) ASSERT_TRUE(client->send(std::string(990, 'x') + "\r\n"));
  for (const auto& client : clients) EXPECT_EQ(client->receive_line(), "STORED\r\n");
}

TEST(Memory, OfAClientThatNeverReadsIsBoundedAndNobodyElseSuffers) {
  const auto server = RunningServer::start({.flags = {"-t", "1", "-m", "200"}});
  ASSERT_NE(server, nullptr);
  auto neighbours = server->connect_many(4);
  ASSERT_EQ(neighbours.size(), 4U);
  ASSERT_TRUE(store(*neighbours[0], "large", 1'000'000));
  const auto deaf = server->connect(Transport::tcp4, {.receive_buffer = 20'000});
  ASSERT_NE(deaf, nullptr);
  const uint64_t before = server->memory();
  std::string requests;
  for (int i = 0; i < 1000; ++i) requests += "get large\r\n";
  ASSERT_TRUE(deaf->send(requests));
  ASSERT_TRUE(eventually([&] {
    for (const auto& [name, value] : server->stats("conns")) {
      if (value == "conn_mwrite") return true;
    }
    return false;
  }));
  for (int i = 0; i < 200; ++i) {
    for (const auto& neighbour : neighbours) EXPECT_EQ(ask(*neighbour, "get nothing"), "END");
  }
  EXPECT_LT(growth(*server, before), 2 * kMegabyte);

  // Writers replace and delete what its replies are made of; others see that at once, and its replies stay whole.
  ASSERT_TRUE(store(*neighbours[1], "large", 1'000'000, 'y'));
  EXPECT_EQ(ask(*neighbours[2], "get large"), "VALUE large 0 1000000");
  EXPECT_EQ(neighbours[2]->receive(1'000'000), std::string(1'000'000, 'y'));
  EXPECT_EQ(ask(*neighbours[3], "delete large"), "DELETED");
  const std::string head = "VALUE large 0 1000000\r\n";
  EXPECT_EQ(deaf->receive(head.size()), head);
  EXPECT_TRUE(deaf->receive(1'000'000) == std::string(1'000'000, 'x'));
}

TEST(Memory, OfAThousandIdleClientsIsSmall) {
  const auto server = RunningServer::start();
  ASSERT_NE(server, nullptr);
  const uint64_t before = server->memory();
  const auto clients = server->connect_many(1000);
  ASSERT_EQ(clients.size(), 1000U);
  EXPECT_LT(growth(*server, before) / clients.size(), 1500U);
  EXPECT_LE(server->stat("read_buf_count"), 1U);  // the one that is asking
}

}  // namespace
}  // namespace martlet::lifecycle
