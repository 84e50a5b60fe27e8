// The result table: one line a property, with our figure, the peer's, the target and whether it is met; as aligned text
// for a terminal and as Markdown for the documentation.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/scenario.h"

namespace martlet::bench {

enum class Verdict { kMet, kMissed, kShownOnly };

struct ReportLine {
  std::string scenario;
  std::string property;
  std::string ours;
  std::string peers;
  std::string target;
  Verdict verdict = Verdict::kShownOnly;
};

// Lines of one scenario from the samples of both sides in order of their rounds: one for each row, and one for the
// count of complaints, whose target is 0. A figure that a round did not bring counts as missed.
std::vector<ReportLine> judge(const Scenario& scenario, const std::vector<Sample>& ours,
                              const std::vector<Sample>& peers);

// Notes and complaints of one side, one a line; repeated ones once with their count, at most ten different ones.
std::string remarks(const Scenario& scenario, const std::string& side, const std::vector<Sample>& samples);

std::string as_text(const std::vector<ReportLine>& lines, const std::string& our_name, const std::string& peer_name);
std::string as_markdown(const std::vector<ReportLine>& lines, const std::string& our_name,
                        const std::string& peer_name);

}  // namespace martlet::bench
