// Idle connections: as many as the descriptor limit allows, each of which did one get; what one costs in resident
// memory and whether a busy client notices them.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tests/bench/errors.h"
#include "tests/bench/load.h"
#include "tests/bench/scenarios/catalogue.h"
#include "tests/bench/server.h"
#include "tests/bench/statistics.h"

namespace martlet::bench {
namespace {

constexpr std::uint64_t kMostConnections = 19'500;
constexpr std::uint64_t kHeadroom = 200;  // descriptors of the client kept for everything else
constexpr unsigned kBlocks = 7;
constexpr std::size_t kGetsPerBlock = 4'000;

constexpr std::array kRows{
    Row{"count", "idle connections held", "", 0, Combine::kWorstLow, {}},
    Row{"rss_each", "RSS per idle connection", "B", 0, Combine::kMedian, {TargetKind::kAtMost, 614}},
    Row{"p99_before", "p99 of a busy client alone", "us", 1, Combine::kMedian, {}},
    Row{"p99_with", "p99 of the busy client beside them", "us", 1, Combine::kMedian, {}},
    Row{"p99_ratio", "p99 with / without", "", 2, Combine::kMedian, {TargetKind::kAtMost, 1.1}},
    Row{"fds_back", "descriptors back to start after close", "ms", 0, Combine::kWorstHigh, {TargetKind::kAtMost, 1000}},
};

// Median over blocks of the 99th percentile, so that one preemption does not decide.
double typical_p99(TextClient& client) {
  std::vector<double> percentiles;
  for (unsigned i = 0; i < kBlocks; ++i)
    percentiles.push_back(quantile(time_gets(client, "busy", kGetsPerBlock), 0.99));
  return median(percentiles);
}

void run(const std::string& binary, const LoadOptions& options, Sample& out) {
  if (options.descriptor_limit < kHeadroom + 1000) throw BenchError("the descriptor limit is too low for idle clients");
  const std::uint64_t count = std::min(kMostConnections, options.descriptor_limit - kHeadroom);
  const Server server = Server::start(binary, {"-c", std::to_string(count + 64)});
  TextClient busy = server.connect();
  busy.set("busy", patterned_value(1, 100));
  out.figures["p99_before"] = typical_p99(busy);
  const std::uint64_t rss = server.process().settled_rss_kib();
  const std::uint64_t descriptors = server.process().descriptors();

  std::vector<TextClient> idle = open_clients(server.endpoint(), count);
  for (TextClient& client : idle) {
    if (client.get("missing")) throw BenchError("a key never stored was found");
  }
  const std::uint64_t grown = server.process().settled_rss_kib();
  out.figures["count"] = static_cast<double>(idle.size());
  out.figures["rss_each"] = (static_cast<double>(grown) - static_cast<double>(rss)) * 1024 / static_cast<double>(count);
  out.figures["p99_with"] = typical_p99(busy);
  out.figures["p99_ratio"] = out.figures["p99_with"] / out.figures["p99_before"];
  for (TextClient& client : idle) {
    if (client.version().empty()) throw BenchError("an idle connection lost its version");
  }
  idle.clear();
  if (const auto back = server.wait_for_descriptors(descriptors, Milliseconds(5000))) out.figures["fds_back"] = *back;
}

}  // namespace

Scenario idle_connections() { return {"idle", "idle connections up to the descriptor limit", 3, kRows, run}; }

}  // namespace martlet::bench
