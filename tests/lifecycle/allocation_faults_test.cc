// Every allocation of a client's life fails once, one after the other. The client may get an error line or be closed;
// the server lives, the others are served, and everything is given back.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "tests/lifecycle/faults.h"

namespace martlet::lifecycle {
namespace {

using std::chrono::milliseconds;

struct Request {
  std::string bytes;
  std::string end;  // of a complete answer
};

// What a client does in its life; each answer is read before the next request.
std::vector<Request> whole_life() {
  std::string multiget = "get";
  for (int i = 0; i < 300; ++i) multiget += " key" + std::to_string(i);
  return {
      {"set small 0 0 5\r\nhello\r\n", "STORED\r\n"},
      {"get small\r\n", "END\r\n"},
      {"set large 0 0 300000\r\n" + std::string(300'000, 'l') + "\r\n", "STORED\r\n"},
      {"get large small\r\n", "END\r\n"},
      {"append small 0 0 3\r\nabc\r\n", "STORED\r\n"},
      {multiget + "\r\n", "END\r\n"},
      {"set huge 0 0 99999999\r\n", ""},
  };
}

// Lives such a life for as long as the server lets it. What it is told must be whole answers or error lines.
void live(const RunningServer& server, Transport transport, uint64_t nth) {
  const auto client = server.connect(transport, {.deadline = milliseconds(3000)});
  ASSERT_NE(client, nullptr);
  for (const Request& request : whole_life()) {
    if (!client->send(request.bytes) || request.end.empty()) return;
    for (;;) {
      const auto line = client->receive_line();
      if (!line.has_value()) {
        ASSERT_NE(client->last_error(), "deadline") << "no answer to " << request.bytes.substr(0, 20) << ", " << nth;
        return;
      }
      if (*line == request.end || line->starts_with("SERVER_ERROR ") || *line == "NOT_STORED\r\n") break;
    }
  }
}

class FailingOnce : public testing::TestWithParam<FaultCall> {};

TEST_P(FailingOnce, EachAllocationOfAClientsLifeLeavesTheServerAsItWas) {
  const FaultCall call = GetParam();
  const auto faults = Faults::create();
  ASSERT_NE(faults, nullptr);
  const auto server = RunningServer::start(faults->under({.flags = {"-t", "1"}, .unix_socket = true}));
  ASSERT_NE(server, nullptr);
  const auto bystanders = server->connect_many(1);
  ASSERT_EQ(bystanders.size(), 1U);
  Client& bystander = *bystanders[0];
  uint64_t failed = 0;
  // Until a whole life goes by without reaching the n-th allocation.
  for (uint64_t nth = 0; nth < 200; ++nth) {
    faults->arm(call, {.error = ENOMEM, .skip = nth, .count = 1});
    ASSERT_NO_FATAL_FAILURE(live(*server, nth % 2 == 0 ? Transport::tcp4 : Transport::unix_stream, nth));
    const uint64_t hits = faults->hits(call);
    faults->disarm(call);
    ASSERT_TRUE(server->process().running()) << "after allocation " << nth << ": " << server->log();
    EXPECT_EQ(ask(bystander, "get nothing"), "END") << nth;
    ASSERT_TRUE(eventually([&] { return server->stat("curr_connections") == 2; })) << nth;
    failed += hits;
    if (hits == 0 && nth > 20) break;
  }
  EXPECT_GT(failed, 0U);
  EXPECT_EQ(server->stat("pinned_bytes"), 0U);
  EXPECT_EQ(server->stat("conn_free") + 2, server->stat("connection_structures"));
  EXPECT_EQ(server->connect_many(3).size(), 3U);
}

std::string name_of_call(const testing::TestParamInfo<FaultCall>& info) {
  return info.param == FaultCall::mmap ? "Mmap" : "Malloc";
}

INSTANTIATE_TEST_SUITE_P(Of, FailingOnce, testing::Values(FaultCall::allocate, FaultCall::mmap), name_of_call);

// The operator asks while there is no memory for the answer.
TEST(FailingOnceForStats, LeavesTheServerRunning) {
  const auto faults = Faults::create();
  ASSERT_NE(faults, nullptr);
  const auto server = RunningServer::start(faults->under({.flags = {"-t", "1"}}));
  ASSERT_NE(server, nullptr);
  uint64_t failed = 0;
  for (const std::string topic : {"stats", "stats settings", "stats conns", "stats threads"}) {
    uint64_t hits = 1;
    for (uint64_t nth = 0; nth < 2000 && hits > 0; nth += 1 + nth / 10) {
      const auto client = server->connect();
      ASSERT_NE(client, nullptr);
      ASSERT_TRUE(ask(*client, "version").starts_with("VERSION"));
      faults->arm(FaultCall::allocate, {.error = ENOMEM, .skip = nth, .count = 1});
      ASSERT_TRUE(client->send(topic + "\r\n"));
      for (auto line = client->receive_line(); line.has_value(); line = client->receive_line()) {
        if (*line == "END\r\n" || line->starts_with("SERVER_ERROR ")) break;
        EXPECT_TRUE(line->starts_with("STAT ")) << *line;
      }
      EXPECT_NE(client->last_error(), "deadline");
      hits = faults->hits(FaultCall::allocate);
      failed += hits;
      faults->disarm(FaultCall::allocate);
      ASSERT_TRUE(server->process().running()) << topic << ", allocation " << nth << ": " << server->log();
    }
  }
  EXPECT_GT(failed, 20U);
  EXPECT_EQ(server->stat("malloc_fails"), failed);
}

// With none at all for a while, and many clients who come and go.
TEST(FailingOften, ServesOnWhenMemoryIsBack) {
  const auto faults = Faults::create();
  ASSERT_NE(faults, nullptr);
  const auto server = RunningServer::start(faults->under({.flags = {"-t", "2"}}));
  ASSERT_NE(server, nullptr);
  faults->arm(FaultCall::allocate, {.error = ENOMEM, .every = 3});
  faults->arm(FaultCall::mmap, {.error = ENOMEM, .every = 3});
  for (uint64_t i = 0; i < 200; ++i) ASSERT_NO_FATAL_FAILURE(live(*server, Transport::tcp4, i));
  EXPECT_GT(faults->hits(FaultCall::allocate), 100U);
  faults->disarm(FaultCall::allocate);
  faults->disarm(FaultCall::mmap);
  ASSERT_TRUE(server->process().running()) << server->log();
  EXPECT_EQ(server->connect_many(20).size(), 20U);
  EXPECT_TRUE(eventually([&] { return server->stat("curr_connections") == 1; }));
  const auto lines = std::ranges::count(server->log(), '\n');
  EXPECT_LE(lines, 10) << server->log().substr(0, 1000);
}

}  // namespace
}  // namespace martlet::lifecycle
