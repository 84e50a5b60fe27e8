// The scenarios, one source file each; catalogue.cc lists them in the order in which they run.
#pragma once

#include <span>

#include "tests/bench/scenario.h"

namespace martlet::bench {

// Every lifecycle scenario, in the order in which they run.
std::span<const Scenario> lifecycle_scenarios();

Scenario memory_at_start();
Scenario connect_storm();
Scenario idle_connections();
Scenario half_set_writers();
Scenario slow_readers();
Scenario buffer_return();
Scenario descriptor_exhaustion();
Scenario max_connections();
Scenario client_kills();
Scenario termination();
Scenario operation_cpu();

}  // namespace martlet::bench
