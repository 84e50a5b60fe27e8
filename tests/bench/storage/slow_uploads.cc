// Slow uploads: 256 clients send half of a set and then nothing. How many items does the server hold then, beside one
// without such clients? Small values, collected in a buffer, must cost nothing of -m (a segment of -m 64 would be 0.4 %
// of it); large ones may take the share that uploads under way are granted, a twentieth.
#include <fmt/format.h>

#include <array>

#include "tests/bench/load.h"
#include "tests/bench/server.h"
#include "tests/bench/storage/catalogue.h"
#include "tests/bench/storage/fill.h"

namespace martlet::bench {
namespace {

constexpr std::size_t kWriters = 256;
constexpr std::size_t kItemSize = 1000;

struct Case {
  std::string_view prefix;
  std::size_t megabytes;
  std::size_t upload_size;
};

constexpr std::array kCases{Case{"small", 64, 8'000}, Case{"large", 256, 500'000}};

constexpr std::array kRows{
    Row{"small without", "items held, -m 64, value 1000 B, nobody slow", "", 0, Combine::kMedian, {}},
    Row{"small with", "with 256 half-sent values of 8,000 B", "", 0, Combine::kMedian, {}},
    Row{"small lost", "capacity lost", "%", 2, Combine::kWorstHigh, {TargetKind::kAtMost, 0.4}},
    Row{"small rss", "RSS", "MiB", 1, Combine::kMedian, {}},
    Row{"large without", "items held, -m 256, value 1000 B, nobody slow", "", 0, Combine::kMedian, {}},
    Row{"large with", "with 256 half-sent values of 500,000 B", "", 0, Combine::kMedian, {}},
    Row{"large lost", "capacity lost", "%", 2, Combine::kWorstHigh, {TargetKind::kAtMost, 5}},
    Row{"large rss", "RSS", "MiB", 1, Combine::kMedian, {}},
};

std::vector<TextClient> begin_uploads(const Server& server, const NumberedValues& values, std::size_t size) {
  std::vector<TextClient> writers = open_clients(server.endpoint(), kWriters);
  for (std::size_t i = 0; i < writers.size(); ++i) {
    writers[i].send(fmt::format("set upload{} 0 0 {}\r\n{}", i, size, values.value(i, size / 2)));
  }
  static_cast<void>(server.process().settled_rss_kib());
  return writers;
}

std::uint64_t fill_and_count(const Server& server, const NumberedValues& values, std::size_t megabytes, Sample& out) {
  BulkClient client = BulkClient::connect(server.endpoint());
  const ItemRange items = overfill(megabytes, kItemSize);
  write_items(client, values, items);
  return count_items(client, values, items, out);
}

void run_case(const std::string& binary, const NumberedValues& values, const Case& which, Sample& out) {
  const auto figure = [&](std::string_view name) -> double& {
    return out.figures[fmt::format("{} {}", which.prefix, name)];
  };
  const std::vector<std::string> flags{"-m", std::to_string(which.megabytes)};
  const auto held_with = [&](std::size_t upload_size) {
    const Server server = Server::start(binary, flags);
    std::vector<TextClient> writers;
    if (upload_size > 0) writers = begin_uploads(server, values, upload_size);
    const std::uint64_t held = fill_and_count(server, values, which.megabytes, out);
    figure("rss") = static_cast<double>(server.process().settled_rss_kib()) / 1024;
    return static_cast<double>(held);
  };
  figure("without") = held_with(0);
  figure("with") = held_with(which.upload_size);
  figure("lost") = 100 * (1 - figure("with") / figure("without"));
}

void run(const std::string& binary, const LoadOptions&, Sample& out) {
  const NumberedValues values;
  for (const Case& which : kCases) run_case(binary, values, which, out);
}

}  // namespace

Scenario slow_uploads() {
  return {"uploads", "clients that stall in the middle of a set", kMostRounds, kRows, run, true};
}

}  // namespace martlet::bench
