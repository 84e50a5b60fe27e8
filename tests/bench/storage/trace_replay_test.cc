// What is sent, and what counts as a miss; a test plays the server.
#include "tests/bench/storage/trace_replay.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "tests/bench/fake_peer.h"

namespace martlet::bench {
namespace {

class BenchTraceReplay : public testing::Test {
 protected:
  BenchTraceReplay() : client_(BulkClient::connect(peer_.endpoint())), server_(peer_.accept()) {}

  // Answers the request lines of gets one after the other; keeps what was sent in received_.
  void serve(const std::vector<std::string>& replies) {
    std::size_t answered = 0;
    char block[4096];
    for (ssize_t got = 0; (got = ::recv(server_.fd(), block, sizeof(block), 0)) > 0;) {
      received_.append(block, static_cast<std::size_t>(got));
      for (; answered < std::min(get_lines(), replies.size()); ++answered) say(server_, replies[answered]);
    }
  }
  std::size_t get_lines() const {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = received_.find("get ", at)) != std::string::npos; ++at) {
      count += received_.find('\n', at) != std::string::npos ? 1U : 0U;
    }
    return count;
  }
  ReplayResult replay(const Trace& trace, const std::vector<std::string>& replies, double speed = 0) {
    std::jthread server([&] { serve(replies); });
    const ReplayResult result = TraceReplay(std::move(client_), trace, values_, speed).run();
    server.join();
    return result;
  }
  std::string found(std::uint32_t key, std::size_t size) const {
    return fmt::format("VALUE {} 0 {}\r\n{}\r\n", key, size, values_.value(key, size));
  }
  std::string stored(std::uint32_t key, std::size_t size, std::uint32_t ttl) const {
    return fmt::format("set {} 0 {} {} noreply\r\n{}\r\n", key, ttl, size, values_.value(key, size));
  }

  FakePeer peer_;
  BulkClient client_;
  Socket server_;
  std::string received_;
  NumberedValues values_;
};

TraceRequest get_of(std::uint32_t key, std::uint32_t ttl = 0, std::uint32_t seconds = 0) {
  return {.key = key, .value_size = 3, .ttl = ttl, .seconds = seconds, .key_size = 1};
}

TEST_F(BenchTraceReplay, MissesAreStoredAndAGetAfterAMissInItsBatchIsAskedAgain) {
  const Trace trace{"t", 2, {get_of(0), get_of(1), get_of(0)}};
  const ReplayResult result = replay(trace, {"END\r\n", found(0, 3) + "END\r\n", "END\r\n"});
  EXPECT_EQ(result.gets, 3U);
  EXPECT_EQ(result.misses, 2U);
  EXPECT_EQ(result.wrong, 0U);
  EXPECT_EQ(received_, "get 0 1 0\r\n" + stored(0, 3, 0) + stored(1, 3, 0) + "get 0\r\n" + "get settle\r\n");
}

TEST_F(BenchTraceReplay, SetsOfTheTraceAreSentInTheirPlaceAndAreNoGets) {
  TraceRequest set = get_of(1);
  set.is_set = true;
  const Trace trace{"t", 2, {get_of(0), set, get_of(1)}};
  const ReplayResult result = replay(trace, {found(0, 3) + "END\r\n", found(1, 3) + "END\r\n", "END\r\n"});
  EXPECT_EQ(result.gets, 2U);
  EXPECT_EQ(result.misses, 0U);
  EXPECT_EQ(received_, "get 0\r\n" + stored(1, 3, 0) + "get 1\r\nget settle\r\n");
}

TEST_F(BenchTraceReplay, AValueOfAnotherKeyIsWrong) {
  const Trace trace{"t", 2, {get_of(0)}};
  const std::string value(values_.value(1, 3));
  EXPECT_EQ(replay(trace, {"VALUE 0 0 3\r\n" + value + "\r\nEND\r\n", "END\r\n"}).wrong, 1U);
}

TEST_F(BenchTraceReplay, AnItemFoundAfterItsTimeInTheTraceIsAMiss) {
  // A hundred requests are a batch, and the second one knows what the first stored.
  Trace trace{"t", 101, {}};
  for (std::uint32_t key = 0; key < 100; ++key) trace.requests.push_back(get_of(key, 4000));
  trace.requests.push_back(get_of(0, 4000, 3999));
  trace.requests.push_back(get_of(1, 4000, 4000));
  const ReplayResult result = replay(trace, {"END\r\n", found(0, 3) + found(1, 3) + "END\r\n", "END\r\n"}, 1e6);
  EXPECT_EQ(result.gets, 102U);
  EXPECT_EQ(result.misses, 101U);
  EXPECT_NE(received_.find(stored(1, 3, 2) + "get settle"), std::string::npos);
}

TEST(BenchTraceTime, TheSmallestTtlBecomesTwoSecondsAndNoneIsSentTooShort) {
  const Trace trace{"t", 1, {get_of(0, 300), get_of(0, 60), get_of(0, 60, 700)}};
  EXPECT_EQ(replay_speed(trace), 30);
  EXPECT_EQ(scaled_ttl(60, 30), 3U);
  EXPECT_EQ(scaled_ttl(61, 30), 4U);
  EXPECT_EQ(scaled_ttl(0, 30), 0U);
}

TEST(BenchTraceTime, WithoutTtlsOrTimesNothingIsHeldBackAndNoTtlIsSent) {
  EXPECT_EQ(replay_speed({"t", 1, {get_of(0, 60)}}), 0);
  EXPECT_EQ(replay_speed({"t", 1, {get_of(0, 0), get_of(0, 0, 100)}}), 0);
  EXPECT_EQ(scaled_ttl(60, 0), 0U);
  EXPECT_EQ(replay_speed({"t", 1, {get_of(0, 1), get_of(0, 1, 100)}}), 1) << "never slower than the trace";
}

}  // namespace
}  // namespace martlet::bench
