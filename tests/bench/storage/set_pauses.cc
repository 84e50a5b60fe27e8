// Pauses: the time of a set under continuous eviction beside that of a set into free memory, one connection, one set at
// a time. Two servers of the same program take turns in short blocks, one full at -m 64 and one with the same number of
// items written and room for all at -m 1024, so that what else the machine does meets both alike.
#include <algorithm>
#include <array>
#include <string>

#include "tests/bench/load.h"
#include "tests/bench/server.h"
#include "tests/bench/statistics.h"
#include "tests/bench/storage/catalogue.h"
#include "tests/bench/storage/fill.h"

namespace martlet::bench {
namespace {

constexpr std::size_t kMegabytes = 64;
constexpr std::size_t kValueSize = 100;
constexpr unsigned kBlocks = 40;
constexpr unsigned kSetsPerBlock = 5'000;

constexpr std::array kRows{
    Row{"free p50", "median of set into free memory, 100 B", "us", 1, Combine::kMedian, {}},
    Row{"free p99", "p99", "us", 1, Combine::kMedian, {}},
    Row{"free p999", "p99.9", "us", 1, Combine::kMedian, {}},
    Row{"free max", "longest", "us", 0, Combine::kMedian, {}},
    Row{"full p50", "median of set under continuous eviction, 100 B", "us", 1, Combine::kMedian, {}},
    Row{"full p99", "p99", "us", 1, Combine::kMedian, {}},
    Row{"full p999", "p99.9", "us", 1, Combine::kMedian, {}},
    Row{"full max", "longest", "us", 0, Combine::kMedian, {}},
    Row{"p99 ratio", "p99 under eviction / into free memory", "", 2, Combine::kMedian, {}},
    Row{"p999 ratio", "p99.9 under eviction / into free memory", "", 2, Combine::kMedian, {TargetKind::kAtMost, 2}},
};

class TimedSetter {
 public:
  TimedSetter(const Server& server, const NumberedValues& values, std::uint64_t first)
      : client_(server.connect()), values_(values), next_(first) {}

  void run_block() {
    for (unsigned i = 0; i < kSetsPerBlock; ++i) {
      const std::string request = set_request(NumberedKey(next_).view(), values_.value(next_, kValueSize));
      ++next_;
      const auto begin = Clock::now();
      client_.expect(request, "STORED");
      microseconds_.push_back(milliseconds_since(begin) * 1000);
    }
  }
  double quantile_of(double share) const { return quantile(microseconds_, share); }

 private:
  TextClient client_;
  const NumberedValues& values_;
  std::uint64_t next_;
  std::vector<double> microseconds_;
};

void run(const std::string& binary, const LoadOptions&, Sample& out) {
  const NumberedValues values;
  const Server full = Server::start(binary, {"-m", std::to_string(kMegabytes)});
  const Server free = Server::start(binary, {"-m", "1024"});
  const ItemRange before = overfill(kMegabytes, kValueSize);
  for (const Server* server : {&full, &free}) {
    BulkClient client = BulkClient::connect(server->endpoint());
    write_items(client, values, before);
  }
  TimedSetter into_full(full, values, before.count);
  TimedSetter into_free(free, values, before.count);
  for (unsigned block = 0; block < kBlocks; ++block) {
    into_free.run_block();
    into_full.run_block();
  }
  for (const auto& [name, share] :
       {std::pair("p50", 0.5), std::pair("p99", 0.99), std::pair("p999", 0.999), std::pair("max", 1.0)}) {
    out.figures[std::string("free ") + name] = into_free.quantile_of(share);
    out.figures[std::string("full ") + name] = into_full.quantile_of(share);
  }
  out.figures["p99 ratio"] = out.figures["full p99"] / out.figures["free p99"];
  out.figures["p999 ratio"] = out.figures["full p999"] / out.figures["free p999"];
}

}  // namespace

Scenario set_pauses() {
  return {"pauses", "set under eviction beside set into free memory", kMostRounds, kRows, run, true};
}

}  // namespace martlet::bench
