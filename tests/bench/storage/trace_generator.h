// Synthetic traces: families of keys by Zipf's law with a size of their own each, with scans, drifting popularity,
// keys used once, and TTLs. The same seed gives the same trace everywhere.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "tests/bench/storage/trace.h"

namespace martlet::bench {

// Sizes of values over the keys: log-normal, or a mixture of two of them.
struct SizeMixture {
  double median = 200;  // bytes
  double sigma = 0.8;   // of the logarithm
  double large_share = 0;
  double large_median = 4000;
};

// Lifetimes over the keys, each with the share of the keys that have it; the rest have none.
struct TtlShare {
  double share = 0;
  std::uint32_t ttl = 0;  // seconds
};

struct TraceFamily {
  std::string_view name;
  std::uint32_t requests = 0;
  std::uint32_t ranks = 0;  // keys that are popular at a time
  double skew = 1;          // of Zipf's law over them
  SizeMixture sizes = {};
  double set_share = 0;         // requests that are sets, not gets
  double once_share = 0;        // requests for a key that is never used again
  double drift = 0;             // requests before which a random rank is given to a new key
  double scan_share = 0;        // requests that belong to scans, runs of kScanRun keys one after the other ...
  std::uint32_t scan_keys = 0;  // ... round a ring of so many keys
  std::span<const TtlShare> ttls = {};
  std::uint32_t once_ttl = 0;  // of the keys used once
  std::uint32_t seconds = 0;   // length of the trace's time; 0: no times
};

inline constexpr std::uint32_t kScanRun = 2000;

std::span<const TraceFamily> trace_families();

Trace generate_trace(const TraceFamily& family, std::uint64_t seed);

}  // namespace martlet::bench
