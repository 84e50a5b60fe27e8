// The table and its search.
#include "tests/bench/storage/zipf.h"

#include <algorithm>
#include <cmath>

namespace martlet::bench {

Zipf::Zipf(std::uint32_t count, double skew) {
  cumulative_.reserve(count);
  double sum = 0;
  for (std::uint32_t rank = 0; rank < count; ++rank) {
    sum += std::pow(static_cast<double>(rank) + 1, -skew);
    cumulative_.push_back(sum);
  }
}

std::uint32_t Zipf::rank(Random& random) const {
  const double at = random.unit() * cumulative_.back();
  const auto found = std::upper_bound(cumulative_.begin(), cumulative_.end(), at);
  return static_cast<std::uint32_t>(
      std::min<std::ptrdiff_t>(found - cumulative_.begin(), static_cast<std::ptrdiff_t>(cumulative_.size()) - 1));
}

}  // namespace martlet::bench
