// The table of scenarios.
#include "tests/bench/scenarios/catalogue.h"

#include <array>

namespace martlet::bench {

std::span<const Scenario> lifecycle_scenarios() {
  static const std::array kAll{memory_at_start(), connect_storm(), idle_connections(),      half_set_writers(),
                               slow_readers(),    buffer_return(), descriptor_exhaustion(), max_connections(),
                               client_kills(),    termination(),   operation_cpu()};
  return kAll;
}

}  // namespace martlet::bench
