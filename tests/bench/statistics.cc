// Median, quantile and paired ratios.
#include "tests/bench/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace martlet::bench {

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  return values[std::clamp<std::size_t>(rank, 1, values.size()) - 1];
}

PairedRatio paired_ratio(const std::vector<double>& ours, const std::vector<double>& peers) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(ours.size(), peers.size()); ++i) ratios.push_back(ours[i] / peers[i]);
  const auto [least, most] = std::minmax_element(ratios.begin(), ratios.end());
  return {.middle = median(ratios), .least = *least, .most = *most};
}

}  // namespace martlet::bench
