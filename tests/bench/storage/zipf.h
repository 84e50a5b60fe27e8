// Ranks by Zipf's law.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/bench/storage/random.h"

namespace martlet::bench {

// Rank r (from 0) comes with a probability proportional to 1 / (r + 1)^skew. By inversion over a table of `count`
// doubles. Immutable once built.
class Zipf {
 public:
  // count is at least 1; skew 0 is uniform.
  Zipf(std::uint32_t count, double skew);
  std::uint32_t rank(Random& random) const;

 private:
  std::vector<double> cumulative_;
};

}  // namespace martlet::bench
