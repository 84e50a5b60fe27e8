// Size shift: a server full of values of one size meets a working set of another size that would fit. How long until
// 90 % of the gets hit again? In both directions at the same time, each against a server of its own.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <thread>

#include "tests/bench/errors.h"
#include "tests/bench/server.h"
#include "tests/bench/storage/cache_aside.h"
#include "tests/bench/storage/catalogue.h"

namespace martlet::bench {
namespace {

constexpr std::size_t kMegabytes = 100;
constexpr double kWanted = 0.9;
constexpr unsigned kLeastSeconds = 16;
constexpr unsigned kMostSeconds = 100;
constexpr std::uint64_t kFirstNew = 1'000'000'000;  // keys of the new working set
constexpr double kMostLate = 1;

struct Direction {
  std::string_view prefix;
  std::size_t from_size;
  std::size_t to_size;
  std::uint64_t keys;
};

constexpr std::array kDirections{Direction{"up", 100, 1000, 60'000}, Direction{"down", 1000, 100, 400'000}};

constexpr std::array kRows{
    Row{"up 90",
        "100 B to 1000 B, 60,000 keys: hit ratio >= 0.90 after (100: not reached)",
        "s",
        0,
        Combine::kMedian,
        {TargetKind::kAtMost, 10}},
    Row{"up at 5", "its hit ratio after 5 s", "", 3, Combine::kMedian, {}},
    Row{"up at 10", "its hit ratio after 10 s", "", 3, Combine::kMedian, {}},
    Row{"up at 15", "its hit ratio after 15 s", "", 3, Combine::kMedian, {}},
    Row{"down 90",
        "1000 B to 100 B, 400,000 keys: hit ratio >= 0.90 after (100: not reached)",
        "s",
        0,
        Combine::kMedian,
        {}},
    Row{"down at 5", "its hit ratio after 5 s", "", 3, Combine::kMedian, {}},
    Row{"down at 10", "its hit ratio after 10 s", "", 3, Combine::kMedian, {}},
    Row{"down at 15", "its hit ratio after 15 s", "", 3, Combine::kMedian, {}},
};

struct Outcome {
  CacheAsideResult result;
  std::string error;
};

void shift(const Endpoint& to, const Direction& direction, std::uint64_t seed, const NumberedValues& values,
           Outcome& out) {
  try {
    BulkClient client = BulkClient::connect(to);
    write_items(client, values, overfill(kMegabytes, direction.from_size));
    const CacheAsideLoad load{.items = {kFirstNew, direction.keys, direction.to_size},
                              .wanted = kWanted,
                              .least_seconds = kLeastSeconds,
                              .most_seconds = kMostSeconds};
    out.result = run_cache_aside(client, values, load, seed);
  } catch (const BenchError& error) {
    out.error = error.what();
  }
}

void take(const Direction& direction, const Outcome& outcome, Sample& out) {
  const std::vector<double>& ratios = outcome.result.hit_ratios;
  if (!outcome.error.empty() || ratios.size() < kLeastSeconds) {
    out.complaints.push_back(fmt::format("{}: {}", direction.prefix, outcome.error));
    return;
  }
  if (outcome.result.wrong != 0) out.complaints.push_back("values are not those written");
  if (outcome.result.late_seconds > kMostLate) out.complaints.push_back("the load fell behind its pace");
  const auto reached = std::find_if(ratios.begin(), ratios.end(), [](double ratio) { return ratio >= kWanted; });
  const auto seconds = reached == ratios.end() ? std::ptrdiff_t{kMostSeconds} : reached - ratios.begin() + 1;
  out.figures[fmt::format("{} 90", direction.prefix)] = static_cast<double>(seconds);
  for (const std::size_t second : {5U, 10U, 15U}) {
    out.figures[fmt::format("{} at {}", direction.prefix, second)] = ratios[second - 1];
  }
}

void run(const std::string& binary, const LoadOptions& options, Sample& out) {
  const NumberedValues values;
  const std::vector<std::string> flags{"-m", std::to_string(kMegabytes)};
  const std::array servers{Server::start(binary, flags), Server::start(binary, flags)};
  std::array<Outcome, kDirections.size()> outcomes;
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < kDirections.size(); ++i) {
    threads.emplace_back(shift, std::cref(servers[i].endpoint()), std::cref(kDirections[i]), options.seed,
                         std::cref(values), std::ref(outcomes[i]));
  }
  threads.clear();
  for (std::size_t i = 0; i < kDirections.size(); ++i) take(kDirections[i], outcomes[i], out);
}

}  // namespace

Scenario size_shift() {
  return {"shift", "recovery when value sizes change, -m 100, 20,000 gets/s", kMostRounds, kRows, run, true};
}

}  // namespace martlet::bench
