// Runs scenarios for server and peer alternately.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/report.h"
#include "tests/bench/scenario.h"

namespace martlet::bench {

struct Sides {
  std::string server;  // binary under test
  std::string peer;    // binary it is compared with
};

struct ScenarioResult {
  std::vector<Sample> ours;
  std::vector<Sample> peers;
};

// Rounds of one scenario, A B A B. A BenchError of a round becomes a complaint of its sample, so that the figures the
// round did not bring are judged missed. Progress goes to standard error.
ScenarioResult run_scenario(const Scenario& scenario, const Sides& sides, const LoadOptions& options);

}  // namespace martlet::bench
