// Order statistics of small samples.
#pragma once

#include <vector>

namespace martlet::bench {

// Middle value, or the mean of the two middle ones. `values` must not be empty.
double median(std::vector<double> values);

// Smallest value that at least `share` (0 to 1) of the values do not exceed (nearest rank). `values` must not be empty.
double quantile(std::vector<double> values, double share);

// Spread of the paired ratios ours[i] / peers[i].
struct PairedRatio {
  double middle = 0;
  double least = 0;
  double most = 0;
};

// Over the pairs both vectors have; both must hold at least one value and no peer value may be 0.
PairedRatio paired_ratio(const std::vector<double>& ours, const std::vector<double>& peers);

}  // namespace martlet::bench
