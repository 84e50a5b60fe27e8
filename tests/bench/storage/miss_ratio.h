// The lines of the replayed traces: one for each trace and memory size, and what they come to together.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/report.h"

namespace martlet::bench {

// The figure of a trace at a memory size.
std::string miss_figure(std::string_view trace, unsigned megabytes);

// A line for every such figure in the samples of either side, in the order of traces and sizes; then the geometric mean
// of the ratios (ours / peer's) at -m 48 and above, and the largest ratio of all. A figure that one side lacks makes
// both of these missed.
std::vector<ReportLine> miss_ratio_lines(const std::vector<Sample>& ours, const std::vector<Sample>& peers);

}  // namespace martlet::bench
