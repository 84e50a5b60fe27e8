// A connection beside the load that does a small request now and then and times it: what others notice of the load.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "tests/bench/socket.h"

namespace martlet::bench {

// One thread from construction to destruction; no server may be started meanwhile (ChildProcess::start). It sets and
// gets a key of its own in turn, every kPingInterval.
class Pinger {
 public:
  static constexpr std::chrono::microseconds kPingInterval{250};

  explicit Pinger(const Endpoint& to);

  // Longest request in milliseconds since the last call, the one under way included: waits for its end. Throws
  // BenchError when a request failed.
  double take_longest();

 private:
  void run(const std::stop_token& stop, const Endpoint& to);
  void ping(const std::stop_token& stop, const Endpoint& to);

  std::mutex mutex_;
  std::condition_variable ended_;
  std::uint64_t requests_ = 0;
  double longest_ = 0;  // milliseconds
  std::string error_;
  std::jthread thread_;  // last: ends before what it uses
};

}  // namespace martlet::bench
