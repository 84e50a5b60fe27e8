// What a scenario is: one function that loads one server once and returns its figures, and the rows that say how the
// figures of all rounds are combined and what they must reach.
//
// Flow: the runner (runner.h) calls run() for server and peer alternately, max_rounds times each; the rows turn the
// collected samples into table lines (report.h). A scenario is one file under scenarios/ or storage/ and one entry in
// the catalogue.cc beside it.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace martlet::bench {

struct LoadOptions {
  unsigned rounds = 5;    // runs per side at most; a scenario may need fewer
  unsigned seconds = 10;  // loaded time per side of the timed scenarios, over all their rounds; 1 to 60
  std::uint64_t seed = 1;
  std::uint64_t descriptor_limit = 1024;  // soft limit of this process
  std::string traces;                     // folder of traces to replay; empty for those of the generator
};

// Figures of one run. `complaints` holds every wrong, lost or late reply in words; it must be empty for a sound server.
struct Sample {
  std::map<std::string, double, std::less<>> figures;
  std::map<std::string, std::string, std::less<>> notes;  // texts read from the server, shown beside the figures
  std::vector<std::string> complaints;
};

// How the figures of several rounds become the one that is shown and judged.
enum class Combine { kMedian, kWorstHigh, kWorstLow };

enum class TargetKind {
  kNone,        // shown only
  kAtMost,      // figure <= limit
  kAtLeast,     // figure >= limit
  kExactly,     // figure == limit
  kRatioAtMost  // median over the rounds of figure / peer's figure <= limit
};

struct Target {
  TargetKind kind = TargetKind::kNone;
  double limit = 0;
};

struct Row {
  std::string_view figure;  // key into Sample::figures
  std::string_view property;
  std::string_view unit;
  int decimals = 0;
  Combine combine = Combine::kMedian;
  Target target;
};

struct ReportLine;  // report.h

struct Scenario {
  std::string_view name;
  std::string_view title;
  unsigned max_rounds;
  std::span<const Row> rows;
  void (*run)(const std::string& binary, const LoadOptions& options, Sample& out);
  bool show_ratios = false;  // every row shows figure / peer's figure, not only those with a target for it
  // Lines that depend on what was loaded, or on both sides together; they follow those of `rows`. May be null.
  std::vector<ReportLine> (*more_lines)(const std::vector<Sample>& ours, const std::vector<Sample>& peers) = nullptr;
};

}  // namespace martlet::bench
