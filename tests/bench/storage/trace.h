// A cache trace in memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace martlet::bench {

struct TraceRequest {
  std::uint32_t key = 0;  // 0 to Trace::keys - 1
  std::uint32_t value_size = 0;
  std::uint32_t ttl = 0;      // seconds of the trace's time; 0: none
  std::uint32_t seconds = 0;  // time of the request since the trace's begin; never falls; all 0: the trace has no times
  std::uint8_t key_size = 0;
  bool is_set = false;  // a set; else a get that is followed by a set on a miss
};

struct Trace {
  std::string name;
  std::uint32_t keys = 0;  // different ones
  std::vector<TraceRequest> requests;
};

}  // namespace martlet::bench
