// The storage scenarios, one source file each; catalogue.cc lists them in the order in which they run.
#pragma once

#include <span>

#include "tests/bench/scenario.h"

namespace martlet::bench {

inline constexpr unsigned kMostRounds = 101;  // no scenario of these limits the rounds asked for

// Every storage scenario, in the order in which they run.
std::span<const Scenario> storage_scenarios();

Scenario items_held();
Scenario miss_ratio();
Scenario size_shift();
Scenario expired_mix();
Scenario overwrites();
Scenario set_pauses();
Scenario largest_value();
Scenario stuck_readers();
Scenario slow_uploads();

}  // namespace martlet::bench
