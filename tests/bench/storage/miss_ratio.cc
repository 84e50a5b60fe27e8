// Miss ratios of traces at several memory sizes: those of a folder, or of the generator's families. The four sizes of a
// trace are replayed at the same time, each against a server of its own.
#include "tests/bench/storage/miss_ratio.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <thread>

#include "tests/bench/errors.h"
#include "tests/bench/server.h"
#include "tests/bench/storage/catalogue.h"
#include "tests/bench/storage/trace_file.h"
#include "tests/bench/storage/trace_generator.h"
#include "tests/bench/storage/trace_replay.h"

namespace martlet::bench {
namespace {

constexpr std::array<unsigned, 4> kMegabytes{32, 48, 64, 128};
constexpr double kMostLate = 1;  // seconds; beyond it a server drops items before their time in the trace

constexpr std::array kRows{
    Row{"rss", "most resident memory beyond -m", "MiB", 1, Combine::kWorstHigh, {TargetKind::kAtMost, 8}},
};

struct Outcome {
  ReplayResult result;
  std::string error;
};

void replay(const Endpoint& to, const Trace& trace, const NumberedValues& values, Outcome& out) {
  try {
    out.result = TraceReplay(BulkClient::connect(to), trace, values, replay_speed(trace)).run();
  } catch (const BenchError& error) {
    out.error = error.what();
  }
}

void take(const Trace& trace, unsigned megabytes, const Outcome& outcome, Sample& out) {
  const std::string what = fmt::format("{} at -m {}", trace.name, megabytes);
  const ReplayResult& result = outcome.result;
  if (!outcome.error.empty()) {
    out.complaints.push_back(fmt::format("{}: {}", what, outcome.error));
    return;
  }
  if (result.wrong != 0) out.complaints.push_back(fmt::format("{}: {} values not those written", what, result.wrong));
  if (result.late_seconds > kMostLate) {
    out.complaints.push_back(fmt::format("{}: {:.1f} s behind the trace's time", what, result.late_seconds));
  }
  if (result.refused != 0) out.notes[what] = fmt::format("{} stores refused", result.refused);
  if (result.gets > 0) {
    out.figures[miss_figure(trace.name, megabytes)] =
        static_cast<double>(result.misses) / static_cast<double>(result.gets);
  }
}

void run_trace(const std::string& binary, const Trace& trace, const NumberedValues& values, Sample& out) {
  std::deque<Server> servers;
  for (const unsigned megabytes : kMegabytes) {
    servers.push_back(Server::start(binary, {"-m", std::to_string(megabytes)}));
  }
  std::array<Outcome, kMegabytes.size()> outcomes;
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < kMegabytes.size(); ++i) {
    threads.emplace_back(replay, std::cref(servers[i].endpoint()), std::cref(trace), std::cref(values),
                         std::ref(outcomes[i]));
  }
  threads.clear();
  for (std::size_t i = 0; i < kMegabytes.size(); ++i) {
    take(trace, kMegabytes[i], outcomes[i], out);
    const double beyond = static_cast<double>(servers[i].process().settled_rss_kib()) / 1024 - kMegabytes[i];
    const auto known = out.figures.find("rss");
    out.figures["rss"] = known == out.figures.end() ? beyond : std::max(known->second, beyond);
  }
}

void run(const std::string& binary, const LoadOptions& options, Sample& out) {
  const NumberedValues values;
  if (options.traces.empty()) {
    for (const TraceFamily& family : trace_families()) {
      run_trace(binary, generate_trace(family, options.seed), values, out);
    }
    return;
  }
  for (const std::string& path : trace_files(options.traces)) run_trace(binary, read_trace(path), values, out);
}

}  // namespace

Scenario miss_ratio() {
  return {"traces", "miss ratios of traces, cache aside", kMostRounds, kRows, run, true, miss_ratio_lines};
}

}  // namespace martlet::bench
