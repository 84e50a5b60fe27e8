// Replays a trace against a server as an application with a cache aside would: get, and set what was missing.
//
// Time. Where a trace has TTLs and times, its time is run through faster than the wall's by one factor: requests are
// held back to their time, and a TTL is sent divided by the factor, rounded up, plus one second, so that no server
// drops an item before its time in the trace. An item that is found although its TTL has passed in the trace's time
// counts as a miss and is stored again. So the miss ratio is that of exact expiry, and a server profits from giving
// expired memory back early. A trace without TTLs, or without times, is replayed as fast as the server answers, and
// TTLs are not sent.
//
// Order. Requests go out in batches; the sets of a batch's misses follow it. A get of a key that was missed earlier in
// its batch is sent again with the next batch, after that set, and counts only then.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/bench/storage/bulk_client.h"
#include "tests/bench/storage/numbered_data.h"
#include "tests/bench/storage/trace.h"

namespace martlet::bench {

struct ReplayResult {
  std::uint64_t gets = 0;
  std::uint64_t misses = 0;
  std::uint64_t wrong = 0;    // values that are not those written
  std::uint64_t refused = 0;  // SERVER_ERROR replies
  double late_seconds = 0;    // most that a request was late for its time, in wall time
};

// Factor by which the replay is faster than the trace's time: the smallest TTL becomes kLeastTtl seconds. 0: no times.
double replay_speed(const Trace& trace);
inline constexpr double kLeastTtl = 2;

// TTL to send for one of the trace; 0 for none.
std::uint32_t scaled_ttl(std::uint32_t ttl, double speed);

// Used once, by one thread; trace and values outlive it.
class TraceReplay {
 public:
  // speed: replay_speed(trace).
  TraceReplay(BulkClient client, const Trace& trace, const NumberedValues& values, double speed);
  ReplayResult run();

 private:
  using Number = std::uint32_t;  // of a request in the trace

  struct Asked {
    Number request = 0;
    std::uint32_t expires = 0;  // as known when it was asked
    bool found = false;
  };

  void wait_for(const TraceRequest& request);
  void queue_batch();
  void queue_get(Number number);
  void queue_set(const TraceRequest& request);
  void settle_batch();

  BulkClient client_;
  const Trace& trace_;
  const NumberedValues& values_;
  const double speed_;
  const double begin_;  // wall time in seconds
  Number next_ = 0;
  std::uint32_t batch_ = 0;
  std::vector<Asked> asked_;
  std::vector<Number> again_;             // gets for the next batch
  std::vector<std::uint32_t> expires_;    // by key: trace time at which what was stored last expires, 0: never
  std::vector<std::uint32_t> missed_in_;  // by key: batch in which it was missed last
  ReplayResult result_;
};

}  // namespace martlet::bench
