// Clients that speak at the very moment when their time runs out: before it there is a reply, at it a reply or a clean
// end of the stream, and never a lost reply.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "tests/lifecycle/running_server.h"

namespace martlet::lifecycle {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr int kThreads = 8;
constexpr int kClientsEach = 100;
constexpr int kRounds = 6;
constexpr milliseconds kLimit{1000};
constexpr milliseconds kGrain{100};  // an idle client has that much more than it was promised

struct Outcome {
  std::atomic<int> replies{0};
  std::atomic<int> clean_ends{0};
  std::atomic<int> in_time_but_lost{0};
  std::atomic<int> resets{0};
  std::atomic<int> wrong{0};
};

// One client that is idle since `spoke`, and when it is to speak again.
struct Try {
  std::unique_ptr<Client> client;
  steady_clock::time_point spoke;
  steady_clock::time_point again;
};

void judge(Try& each, Outcome& outcome) {
  if (each.client == nullptr) return;
  const auto sent_at = steady_clock::now();
  // What is sent into a stream that the server has already ended would be answered by a reset; who looks first sees the
  // end. Between the look and the send the server may still close: then the send was late.
  const bool ended = has_input(*each.client);
  const bool sent = !ended && each.client->send_some("get nothing\r\n") > 0;
  const auto idle_for = steady_clock::now() - each.spoke;
  std::optional<std::string> line = each.client->receive_line();
  if (line.has_value()) {
    ++(*line == "END\r\n" ? outcome.replies : outcome.wrong);
    each.spoke = sent_at;
    return;
  }
  const bool clean = each.client->last_error() == "closed by the server";
  // The server counts in whole milliseconds, from when it has heard our last words.
  if (sent && idle_for < kLimit - milliseconds(1)) ++outcome.in_time_but_lost;
  ++(clean ? outcome.clean_ends : outcome.resets);
  each.client.reset();
}

void speak_around_the_limit(const RunningServer& server, Transport transport, unsigned seed, Outcome& outcome) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> spread(-12'000,
                                            12'000);  // microseconds around the limit, or around its grain's end
  std::bernoulli_distribution late(0.6);
  std::vector<Try> tries(kClientsEach);
  for (int round = 0; round < kRounds; ++round) {
    for (Try& each : tries) {
      if (each.client == nullptr) {
        each.client = server.connect(transport);
        each.spoke = steady_clock::now();
        if (each.client != nullptr && ask(*each.client, "get nothing") != "END") ++outcome.wrong;
      }
      each.again = each.spoke + kLimit + (late(random) ? kGrain : milliseconds(0)) + microseconds(spread(random));
    }
    std::sort(tries.begin(), tries.end(), [](const Try& a, const Try& b) { return a.again < b.again; });
    for (Try& each : tries) {
      std::this_thread::sleep_until(each.again);
      judge(each, outcome);
    }
  }
}

class NearTheLimit : public testing::TestWithParam<std::string> {};

TEST_P(NearTheLimit, ARequestSentInTimeIsAlwaysAnswered) {
  const auto server = RunningServer::start({.flags = {"-o", GetParam()}, .unix_socket = true});
  ASSERT_NE(server, nullptr);
  server->hang_up();
  Outcome outcome;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kThreads; ++i) {
    const Transport transport = i % 4 == 3 ? Transport::unix_stream : Transport::tcp4;
    threads.emplace_back([&, i, transport] { speak_around_the_limit(*server, transport, i, outcome); });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(outcome.in_time_but_lost, 0);
  EXPECT_EQ(outcome.wrong, 0);
  // Both sides of the limit were met, or nothing was shown.
  EXPECT_GT(outcome.replies, 200);
  EXPECT_GT(outcome.clean_ends + outcome.resets, 20);
  EXPECT_EQ(outcome.resets, 0) << "beside " << outcome.clean_ends << " clean ends and " << outcome.replies
                               << " replies";
  ASSERT_TRUE(eventually([&] { return server->stat("curr_connections") == 1; }));
  EXPECT_GE(server->stat("idle_kicks"), static_cast<uint64_t>(outcome.clean_ends));
}

INSTANTIATE_TEST_SUITE_P(Limits, NearTheLimit, testing::Values("idle_timeout=1"));

}  // namespace
}  // namespace martlet::lifecycle
