// The table of storage scenarios.
#include "tests/bench/storage/catalogue.h"

#include <array>

namespace martlet::bench {

std::span<const Scenario> storage_scenarios() {
  static const std::array kAll{items_held(), miss_ratio(),    size_shift(),    expired_mix(), overwrites(),
                               set_pauses(), largest_value(), stuck_readers(), slow_uploads()};
  return kAll;
}

}  // namespace martlet::bench
