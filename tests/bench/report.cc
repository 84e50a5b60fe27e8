// Combining, judging and printing.
#include "tests/bench/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace martlet::bench {
namespace {

constexpr std::size_t kMostRemarks = 10;  // of one side of one scenario

std::vector<double> figures_of(const std::vector<Sample>& samples, std::string_view key) {
  std::vector<double> values;
  for (const Sample& sample : samples) {
    const auto found = sample.figures.find(key);
    if (found != sample.figures.end()) values.push_back(found->second);
  }
  return values;
}

double combined(const std::vector<double>& values, Combine how) {
  switch (how) {
    case Combine::kWorstHigh:
      return *std::max_element(values.begin(), values.end());
    case Combine::kWorstLow:
      return *std::min_element(values.begin(), values.end());
    case Combine::kMedian:
      break;
  }
  return median(values);
}

std::string with_unit(double value, const Row& row, int decimals) {
  return row.unit.empty() ? fmt::format("{:.{}f}", value, decimals)
                          : fmt::format("{:.{}f} {}", value, decimals, row.unit);
}

std::string cell(const std::vector<double>& values, const Row& row) {
  return values.empty() ? "n/a" : with_unit(combined(values, row.combine), row, row.decimals);
}

int decimals_of_limit(double limit) { return limit == static_cast<double>(static_cast<long>(limit)) ? 0 : 2; }

std::string target_text(const Row& row) {
  const int decimals = decimals_of_limit(row.target.limit);
  switch (row.target.kind) {
    case TargetKind::kNone:
      return "-";
    case TargetKind::kAtMost:
      return "<= " + with_unit(row.target.limit, row, decimals);
    case TargetKind::kAtLeast:
      return ">= " + with_unit(row.target.limit, row, decimals);
    case TargetKind::kExactly:
      return "= " + with_unit(row.target.limit, row, decimals);
    case TargetKind::kRatioAtMost:
      break;
  }
  return fmt::format("<= {:.2f} x peer", row.target.limit);
}

bool reaches(double value, const Target& target) {
  switch (target.kind) {
    case TargetKind::kAtMost:
      return value <= target.limit;
    case TargetKind::kAtLeast:
      return value >= target.limit;
    case TargetKind::kExactly:
      return value == target.limit;
    case TargetKind::kNone:
    case TargetKind::kRatioAtMost:
      break;
  }
  return true;
}

bool any_zero(const std::vector<double>& values) {
  return std::find(values.begin(), values.end(), 0.0) != values.end();
}

std::string ratio_text(const std::optional<PairedRatio>& ratio, std::size_t rounds) {
  if (!ratio) return "-";
  return rounds < 2 ? fmt::format("{:.2f}", ratio->middle)
                    : fmt::format("{:.2f} ({:.2f}..{:.2f})", ratio->middle, ratio->least, ratio->most);
}

std::size_t complaints_of(const std::vector<Sample>& samples) {
  std::size_t count = 0;
  for (const Sample& sample : samples) count += sample.complaints.size();
  return count;
}

std::string_view verdict_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::kMet:
      return "met";
    case Verdict::kMissed:
      return "MISSED";
    case Verdict::kShownOnly:
      break;
  }
  return "-";
}

constexpr std::size_t kColumns = 7;
using Cells = std::array<std::string, kColumns>;

std::vector<Cells> to_cells(const std::vector<ReportLine>& lines, const std::string& our_name,
                            const std::string& peer_name) {
  std::vector<Cells> out{{"scenario", "property", our_name, peer_name, "ratio", "target", "verdict"}};
  for (const ReportLine& line : lines) {
    out.push_back({line.scenario, line.property, line.ours, line.peers, line.ratio, line.target,
                   std::string(verdict_text(line.verdict))});
  }
  return out;
}

}  // namespace

std::optional<PairedRatio> ratio_of(std::string_view figure, const std::vector<Sample>& ours,
                                    const std::vector<Sample>& peers) {
  const std::vector<double> our_values = figures_of(ours, figure);
  const std::vector<double> peer_values = figures_of(peers, figure);
  if (our_values.empty() || our_values.size() != peer_values.size() || any_zero(peer_values)) return std::nullopt;
  return paired_ratio(our_values, peer_values);
}

ReportLine judge_row(const Scenario& scenario, const Row& row, const std::vector<Sample>& ours,
                     const std::vector<Sample>& peers) {
  const std::vector<double> our_values = figures_of(ours, row.figure);
  const std::optional<PairedRatio> ratio = ratio_of(row.figure, ours, peers);
  const bool relative = row.target.kind == TargetKind::kRatioAtMost;
  ReportLine line{.scenario = std::string(scenario.name),
                  .property = std::string(row.property),
                  .ours = cell(our_values, row),
                  .peers = cell(figures_of(peers, row.figure), row),
                  .ratio = relative || scenario.show_ratios ? ratio_text(ratio, ours.size()) : "-",
                  .target = target_text(row)};
  if (row.target.kind == TargetKind::kNone) return line;
  const bool whole = !ours.empty() && our_values.size() == ours.size();
  const bool met = whole && (relative ? ratio && ratio->middle <= row.target.limit
                                      : reaches(combined(our_values, row.combine), row.target));
  line.verdict = met ? Verdict::kMet : Verdict::kMissed;
  return line;
}

std::vector<ReportLine> judge(const Scenario& scenario, const std::vector<Sample>& ours,
                              const std::vector<Sample>& peers) {
  std::vector<ReportLine> lines;
  for (const Row& row : scenario.rows) lines.push_back(judge_row(scenario, row, ours, peers));
  if (scenario.more_lines != nullptr) {
    for (ReportLine& line : scenario.more_lines(ours, peers)) lines.push_back(std::move(line));
  }
  const std::size_t wrong = complaints_of(ours);
  lines.push_back({.scenario = std::string(scenario.name),
                   .property = "wrong, late or missing replies",
                   .ours = std::to_string(wrong),
                   .peers = std::to_string(complaints_of(peers)),
                   .ratio = "-",
                   .target = "= 0",
                   .verdict = wrong == 0 && !ours.empty() ? Verdict::kMet : Verdict::kMissed});
  return lines;
}

std::string remarks(const Scenario& scenario, const std::string& side, const std::vector<Sample>& samples) {
  std::map<std::string, unsigned> counts;
  for (const Sample& sample : samples) {
    for (const auto& [name, text] : sample.notes) ++counts[fmt::format("{}: {}", name, text)];
    for (const std::string& complaint : sample.complaints) ++counts["wrong: " + complaint];
  }
  std::string out;
  std::size_t shown = 0;
  for (const auto& [text, count] : counts) {
    if (++shown > kMostRemarks) {
      return out + fmt::format("{}, {}: and {} more\n", scenario.name, side, counts.size() - kMostRemarks);
    }
    out += fmt::format("{}, {}: {} [{} times]\n", scenario.name, side, text, count);
  }
  return out;
}

std::string as_text(const std::vector<ReportLine>& lines, const std::string& our_name, const std::string& peer_name) {
  const std::vector<Cells> cells = to_cells(lines, our_name, peer_name);
  std::array<std::size_t, kColumns> widths{};
  for (const Cells& row : cells) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const Cells& row : cells) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format("{:<{}}  ", row[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string as_markdown(const std::vector<ReportLine>& lines, const std::string& our_name,
                        const std::string& peer_name) {
  std::string out;
  bool head = true;
  for (const Cells& row : to_cells(lines, our_name, peer_name)) {
    out += fmt::format("| {} |\n", fmt::join(row, " | "));
    if (head) out += "|---|---|---|---|---|---|---|\n";
    head = false;
  }
  return out;
}

}  // namespace martlet::bench
