// Resident memory of a server that has only answered `version`, with -m 64.
#include <array>

#include "tests/bench/scenarios/catalogue.h"
#include "tests/bench/server.h"

namespace martlet::bench {
namespace {

constexpr std::array kRows{
    Row{"rss", "RSS at start, -m 64", "KiB", 0, Combine::kMedian, {TargetKind::kRatioAtMost, 1.3}},
};

void run(const std::string& binary, const LoadOptions&, Sample& out) {
  const Server server = Server::start(binary, {"-m", "64"});
  out.figures["rss"] = static_cast<double>(server.process().settled_rss_kib());
}

}  // namespace

Scenario memory_at_start() { return {"start", "resident memory at start", 5, kRows, run}; }

}  // namespace martlet::bench
