// Traces: what clients asked of a cache, read from a file or made by a generator.
//
// A file has lines `key_id,key_size,value_size,ttl,op,ts` (a first line of names is passed over): sizes in bytes, ttl
// in seconds or 0 for none, op `g` (a get, and a set when it misses) or `s` (a set), ts in seconds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace martlet::bench {

struct TraceRow {
  uint32_t key = 0;
  uint32_t value_size = 0;
  uint32_t ttl = 0;   // seconds, 0: none
  uint32_t time = 0;  // seconds
  uint16_t key_size = 0;
  bool set = false;
};

using Trace = std::vector<TraceRow>;

// Reads a file; one whose name ends in .gz through `gzip -dc`. Empty when it cannot be read.
Trace read_trace(const std::string& path);

// Families of made traces: every seed gives another one of the same kind.
//   zipf     Zipf popularity, log-normal sizes
//   scan     the same with runs of keys that are asked for once
//   drift    popularity that moves on
//   churn    a fifth of the requests overwrite with another size
//   ttl      a mix of times to live from seconds to hours, and none
//   mixed    mostly small values, some of tens of kilobytes
//   flat     a weak Zipf over more keys than fit
const std::vector<std::string>& trace_families();
// Empty for a family that does not exist.
Trace make_trace(const std::string& family, uint64_t seed, uint32_t requests);

// The key's text, of key_size bytes (at least as many as its number needs).
std::string key_text(const TraceRow& row);

}  // namespace martlet::bench
