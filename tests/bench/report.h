// The result table: one line a property, with our figure, the peer's, the ratio, the target and whether it is met; as
// aligned text for a terminal and as Markdown for the documentation.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/scenario.h"
#include "tests/bench/statistics.h"

namespace martlet::bench {

enum class Verdict { kMet, kMissed, kShownOnly };

struct ReportLine {
  std::string scenario;
  std::string property;
  std::string ours;
  std::string peers;
  std::string ratio;  // ours / peer's, "-" where the row does not ask for it
  std::string target;
  Verdict verdict = Verdict::kShownOnly;
};

// The line of one row. A figure that a round did not bring counts as missed; without any it is shown as "n/a".
ReportLine judge_row(const Scenario& scenario, const Row& row, const std::vector<Sample>& ours,
                     const std::vector<Sample>& peers);

// Paired ratios of a figure over the rounds that have one on both sides; nullopt when there is none or a peer's is 0.
std::optional<PairedRatio> ratio_of(std::string_view figure, const std::vector<Sample>& ours,
                                    const std::vector<Sample>& peers);

// Lines of one scenario from the samples of both sides in order of their rounds: one for each row, those of
// more_lines, and one for the count of complaints, whose target is 0.
std::vector<ReportLine> judge(const Scenario& scenario, const std::vector<Sample>& ours,
                              const std::vector<Sample>& peers);

// Notes and complaints of one side, one a line; repeated ones once with their count, at most ten different ones.
std::string remarks(const Scenario& scenario, const std::string& side, const std::vector<Sample>& samples);

std::string as_text(const std::vector<ReportLine>& lines, const std::string& our_name, const std::string& peer_name);
std::string as_markdown(const std::vector<ReportLine>& lines, const std::string& our_name,
                        const std::string& peer_name);

}  // namespace martlet::bench
