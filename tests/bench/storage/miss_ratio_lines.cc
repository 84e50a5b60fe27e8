// Rows made from the names of the figures.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "tests/bench/storage/catalogue.h"
#include "tests/bench/storage/miss_ratio.h"

namespace martlet::bench {
namespace {

constexpr std::string_view kPrefix = "miss ";
constexpr unsigned kLeastForMean = 48;  // below it memcached takes more memory than -m says
constexpr double kMostRatio = 1.01;
constexpr double kMostMean = 0.94;

struct Name {
  std::string_view trace;
  unsigned megabytes = 0;
};

std::optional<Name> parse(std::string_view figure) {
  const std::size_t gap = figure.rfind(' ');
  if (!figure.starts_with(kPrefix) || gap <= kPrefix.size()) return std::nullopt;
  Name out{.trace = figure.substr(kPrefix.size(), gap - kPrefix.size())};
  std::from_chars(figure.data() + gap + 1, figure.data() + figure.size(), out.megabytes);
  return out;
}

std::set<std::string> figures_in(const std::vector<Sample>& ours, const std::vector<Sample>& peers) {
  std::set<std::string> out;
  for (const std::vector<Sample>* side : {&ours, &peers}) {
    for (const Sample& sample : *side) {
      for (const auto& [figure, value] : sample.figures) {
        if (parse(figure)) out.insert(figure);
      }
    }
  }
  return out;
}

ReportLine summary(std::string property, std::optional<double> value, double limit) {
  const bool met = value && *value <= limit;
  return {.scenario = "traces",
          .property = std::move(property),
          .ours = "-",
          .peers = "-",
          .ratio = value ? fmt::format("{:.3f}", *value) : "n/a",
          .target = fmt::format("<= {:.2f} x peer", limit),
          .verdict = met ? Verdict::kMet : Verdict::kMissed};
}

}  // namespace

std::string miss_figure(std::string_view trace, unsigned megabytes) {
  return fmt::format("{}{} {:06}", kPrefix, trace, megabytes);
}

std::vector<ReportLine> miss_ratio_lines(const std::vector<Sample>& ours, const std::vector<Sample>& peers) {
  std::vector<ReportLine> lines;
  double logs = 0;
  unsigned counted = 0;
  double largest = 0;
  bool whole = true;
  for (const std::string& figure : figures_in(ours, peers)) {
    const Name name = *parse(figure);
    const std::string property = fmt::format("miss ratio, {}, -m {}", name.trace, name.megabytes);
    const Row row{figure, property, "", 4, Combine::kMedian, {TargetKind::kRatioAtMost, kMostRatio}};
    lines.push_back(judge_row(miss_ratio(), row, ours, peers));
    const auto ratio = ratio_of(figure, ours, peers);
    if (!ratio) {
      whole = false;
      continue;
    }
    largest = std::max(largest, ratio->middle);
    if (name.megabytes < kLeastForMean) continue;
    logs += std::log(ratio->middle);
    ++counted;
  }
  const bool any = whole && counted > 0;
  lines.push_back(summary(fmt::format("geometric mean of the ratios, -m >= {}", kLeastForMean),
                          any ? std::optional(std::exp(logs / counted)) : std::nullopt, kMostMean));
  lines.push_back(summary("largest of the ratios", any ? std::optional(largest) : std::nullopt, kMostRatio));
  return lines;
}

}  // namespace martlet::bench
