// A connection beside the load that does a small request now and then and times it: what others notice of the load.
#pragma once

#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/socket.h"

namespace martlet::bench {

// One thread from construction to destruction; no server may be started meanwhile (ChildProcess::start). It sets and
// gets a key of its own in turn, every kPingInterval.
class Pinger {
 public:
  static constexpr std::chrono::microseconds kPingInterval{250};

  explicit Pinger(const Endpoint& to);

  // Longest request in milliseconds since the last call; throws BenchError when a request failed.
  double take_longest();

 private:
  void run(const std::stop_token& stop, const Endpoint& to);
  void ping(const std::stop_token& stop, const Endpoint& to);

  std::mutex mutex_;
  double longest_ = 0;  // milliseconds
  std::string error_;
  std::jthread thread_;  // last: ends before what it uses
};

}  // namespace martlet::bench
