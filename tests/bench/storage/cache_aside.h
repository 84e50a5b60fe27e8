// Paced cache-aside load over uniformly drawn keys of one size, measured by the second.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/storage/fill.h"

namespace martlet::bench {

struct CacheAsideLoad {
  ItemRange items;
  unsigned per_second = 20'000;  // gets; the sets of their misses come on top
  double wanted = 0.9;           // hit ratio of a second that ends the load ...
  unsigned least_seconds = 0;    // ... but not before so many
  unsigned most_seconds = 0;
};

struct CacheAsideResult {
  std::vector<double> hit_ratios;  // of each second
  std::uint64_t wrong = 0;         // values that are not those written
  double late_seconds = 0;         // how far the load was behind its pace at the end
};

CacheAsideResult run_cache_aside(BulkClient& client, const NumberedValues& values, const CacheAsideLoad& load,
                                 std::uint64_t seed);

}  // namespace martlet::bench
