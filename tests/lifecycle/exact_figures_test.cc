// Figures under load: many threads come, speak and go at once while others look; when it is over every sum is exact.
// The server runs in this process, so that ThreadSanitizer sees both sides.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/client.h"
#include "tests/support/test_server.h"

namespace martlet::lifecycle {
namespace {

using support::Client;
using support::TestServer;
using support::Transport;

constexpr int kThreads = 16;
constexpr int kVisits = 60;  // connections a thread makes, one after the other

using Figures = std::map<std::string, std::string>;

Figures ask(const TestServer& server, const std::string& command) {
  Figures figures;
  const auto client = Client::connect(server.endpoint(Transport::tcp4));
  if (client == nullptr || !client->send(command + "\r\n")) return figures;
  const auto answer = client->receive_through("END\r\n");
  std::istringstream lines(answer.value_or(""));
  std::string word, name, value;
  while (lines >> word >> name && std::getline(lines, value)) figures[name] = value.substr(1, value.find('\r') - 1);
  return figures;
}

uint64_t number(const Figures& figures, const std::string& name) {
  const auto row = figures.find(name);
  return row == figures.end() ? UINT64_MAX : std::stoull(row->second);
}

// One visit: a store, a hit, a miss. False when any reply is not what it must be.
bool visit(const TestServer& server, const std::string& key) {
  const auto client = Client::connect(server.endpoint(Transport::tcp4));
  return client != nullptr && client->send("set " + key + " 0 0 1\r\nx\r\nget " + key + " absent\r\n") &&
         client->receive_through("END\r\n") == "STORED\r\nVALUE " + key + " 0 1\r\nx\r\nEND\r\n";
}

TEST(ExactFigures, AddUpAfterManyThreadsCameAndWentAtOnce) {
  std::string error;
  const auto server = TestServer::start({.flags = {"-t", "4"}}, &error);
  ASSERT_NE(server, nullptr) << error;

  std::atomic<bool> over{false};
  std::atomic<uint64_t> looks{0};
  std::thread onlooker([&] {
    while (!over) {
      ask(*server, "stats conns");
      ask(*server, "stats");
      looks += 2;
    }
  });
  std::atomic<int> wrong{0};
  std::vector<std::thread> visitors;
  for (int t = 0; t < kThreads; ++t) {
    visitors.emplace_back([&, t] {
      for (int i = 0; i < kVisits; ++i) wrong += visit(*server, "key" + std::to_string(t)) ? 0 : 1;
    });
  }
  for (std::thread& visitor : visitors) visitor.join();
  over = true;
  onlooker.join();
  EXPECT_EQ(wrong, 0);

  // A worker may not have seen the last clients' ends yet.
  Figures figures = ask(*server, "stats");
  uint64_t asked = 1;
  for (int i = 0; i < 500 && number(figures, "curr_connections") != 1; ++i, ++asked) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    figures = ask(*server, "stats");
  }
  constexpr uint64_t kAll = uint64_t{kThreads} * kVisits;
  EXPECT_EQ(number(figures, "curr_connections"), 1U);
  EXPECT_EQ(number(figures, "total_connections"), kAll + looks + asked);
  EXPECT_EQ(number(figures, "rejected_connections"), 0U);
  EXPECT_EQ(number(figures, "cmd_set"), kAll);
  EXPECT_EQ(number(figures, "cmd_get"), 2 * kAll);
  EXPECT_EQ(number(figures, "get_hits"), kAll);
  EXPECT_EQ(number(figures, "get_misses"), kAll);
  EXPECT_EQ(number(figures, "curr_items"), uint64_t{kThreads});
  EXPECT_EQ(number(figures, "total_items"), kAll);
}

}  // namespace
}  // namespace martlet::lifecycle
