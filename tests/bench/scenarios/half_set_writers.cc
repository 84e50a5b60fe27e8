// Half-`set` writers: clients that sent a command line and half its value, and then nothing. What one costs in resident
// memory, and whether that memory comes back when the value is completed and when the connections close.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tests/bench/errors.h"
#include "tests/bench/load.h"
#include "tests/bench/scenarios/catalogue.h"
#include "tests/bench/server.h"

namespace martlet::bench {
namespace {

constexpr std::uint64_t kWriters = 9'500;
constexpr std::uint64_t kHeadroom = 200;
constexpr std::size_t kValueSize = 100;

constexpr std::array kRows{
    Row{"count", "clients with half a set", "", 0, Combine::kWorstLow, {}},
    Row{"rss_each", "RSS per client with half a set", "B", 0, Combine::kMedian, {TargetKind::kAtMost, 4096}},
    Row{"rss_ended", "RSS per client after its set ended", "B", 0, Combine::kMedian, {TargetKind::kAtMost, 1024}},
    Row{"rss_closed", "RSS kept per client after all closed", "B", 0, Combine::kMedian, {TargetKind::kAtMost, 1024}},
    Row{"other", "slowest reply of another client meanwhile", "ms", 1, Combine::kWorstHigh, {TargetKind::kAtMost, 100}},
};

void run(const std::string& binary, const LoadOptions& options, Sample& out) {
  const std::uint64_t count =
      std::min(kWriters, options.descriptor_limit - std::min(options.descriptor_limit, kHeadroom));
  if (count < 500) throw BenchError("the descriptor limit is too low for this scenario");
  const Server server = Server::start(binary, {"-m", "64", "-c", std::to_string(count + 64)});
  TextClient other = server.connect();
  other.set("other", patterned_value(0, kValueSize));
  const std::uint64_t descriptors = server.process().descriptors();
  const auto start = static_cast<double>(server.process().settled_rss_kib());
  const auto growth_each = [&] {
    return (static_cast<double>(server.process().settled_rss_kib()) - start) * 1024 / static_cast<double>(count);
  };

  std::vector<TextClient> writers = open_clients(server.endpoint(), count);
  const std::size_t half = kValueSize / 2;
  const auto value_of = [](std::size_t i) { return patterned_value(i, kValueSize); };
  for (std::size_t i = 0; i < count; ++i) {
    writers[i].send(fmt::format("set w{} 0 0 {}\r\n{}", i, kValueSize, value_of(i).substr(0, half)));
  }
  out.figures["count"] = static_cast<double>(count);
  out.figures["rss_each"] = growth_each();
  const auto latencies = time_gets(other, "other", 1000);
  out.figures["other"] = *std::max_element(latencies.begin(), latencies.end()) / 1000;

  for (std::size_t i = 0; i < count; ++i) writers[i].expect(value_of(i).substr(half) + "\r\n", "STORED");
  out.figures["rss_ended"] = growth_each();
  for (std::size_t i = 0; i < count; ++i) {
    if (other.get(fmt::format("w{}", i)) != value_of(i)) throw BenchError("a value stored in two halves differs");
  }
  for (std::size_t i = 0; i < count; ++i) writers[i].send(fmt::format("set w{} 0 0 {}\r\n{}", i, kValueSize, "abc"));
  writers.clear();
  if (!server.wait_for_descriptors(descriptors, Milliseconds(5000))) {
    out.complaints.push_back("descriptors are not back 5 s after the writers closed");
  }
  out.figures["rss_closed"] = growth_each();
}

}  // namespace

Scenario half_set_writers() { return {"half-set", "clients that stall in the middle of a set", 3, kRows, run}; }

}  // namespace martlet::bench
