// The A B A B loop.
#include "tests/bench/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "tests/bench/errors.h"

namespace martlet::bench {
namespace {

Sample run_once(const Scenario& scenario, const std::string& binary, const LoadOptions& options) {
  Sample sample;
  try {
    scenario.run(binary, options, sample);
  } catch (const BenchError& error) {
    sample.complaints.push_back(fmt::format("ended early: {}", error.what()));
  }
  return sample;
}

}  // namespace

ScenarioResult run_scenario(const Scenario& scenario, const Sides& sides, const LoadOptions& options) {
  LoadOptions own = options;
  own.rounds = std::clamp(options.rounds, 1U, scenario.max_rounds);
  ScenarioResult result;
  const auto begin = std::chrono::steady_clock::now();
  for (unsigned round = 0; round < own.rounds; ++round) {
    fmt::print(stderr, "{} round {} of {}\n", scenario.name, round + 1, own.rounds);
    own.seed = options.seed + round;
    result.ours.push_back(run_once(scenario, sides.server, own));
    result.peers.push_back(run_once(scenario, sides.peer, own));
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  fmt::print(stderr, "{} took {:.1f} s\n", scenario.name, took.count());
  return result;
}

}  // namespace martlet::bench
