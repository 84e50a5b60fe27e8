// A request that is still waiting for its reply is the longest of all, and must be counted.
#include "tests/bench/storage/pinger.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <thread>

#include "tests/bench/errors.h"
#include "tests/bench/fake_peer.h"

namespace martlet::bench {
namespace {

constexpr std::chrono::milliseconds kStall{50};

// Answers one set, after a stall.
void answer_late(const Socket& server) {
  std::array<char, 256> block;
  static_cast<void>(::recv(server.fd(), block.data(), block.size(), 0));
  std::this_thread::sleep_for(kStall);
  say(server, "STORED\r\n");
}

TEST(BenchPinger, ARequestUnderWayIsWaitedForAndCounted) {
  FakePeer peer;
  Pinger pinger(peer.endpoint());
  Socket server = peer.accept();
  std::jthread answers([&] { answer_late(server); });
  EXPECT_GE(pinger.take_longest(), 49.0);
  answers.join();
  server.close();
}

TEST(BenchPinger, AFailedRequestIsAnError) {
  FakePeer peer;
  Pinger pinger(peer.endpoint());
  peer.accept().close();
  EXPECT_THROW(static_cast<void>(pinger.take_longest()), BenchError);
}

}  // namespace
}  // namespace martlet::bench
