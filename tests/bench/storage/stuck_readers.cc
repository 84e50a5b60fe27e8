// Stuck readers: 200 clients ask for a value of 1 MB, four times each so that no socket buffer takes it all, and read
// nothing. How many items does the server hold then, beside one without such clients, and how long does a set take?
// Once all ask for the same value at -m 64, once each for one of its own at -m 1024.
#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "tests/bench/errors.h"
#include "tests/bench/load.h"
#include "tests/bench/server.h"
#include "tests/bench/storage/catalogue.h"
#include "tests/bench/storage/fill.h"

namespace martlet::bench {
namespace {

constexpr std::size_t kReaders = 200;
constexpr std::size_t kLargeSize = 1'000'000;
constexpr std::size_t kSmallSize = 1000;
constexpr std::size_t kAsksPerReader = 4;
constexpr int kReceiveBuffer = 16 * 1024;
constexpr unsigned kTimedSets = 20'000;

struct Case {
  std::string_view prefix;
  std::size_t megabytes;
  std::size_t large_values;
};

constexpr std::array kCases{Case{"one", 64, 1}, Case{"each", 1024, kReaders}};

constexpr Target kLost{TargetKind::kAtMost, 5};
constexpr Target kPrompt{TargetKind::kAtMost, 100};

constexpr std::array kRows{
    Row{"one without", "items held, -m 64, value 1000 B, nobody stuck", "", 0, Combine::kMedian, {}},
    Row{"one with", "with 200 stuck readers of one value", "", 0, Combine::kMedian, {}},
    Row{"one lost", "capacity lost", "%", 2, Combine::kWorstHigh, kLost},
    Row{"one set", "slowest set meanwhile", "ms", 2, Combine::kWorstHigh, kPrompt},
    Row{"one rss", "RSS", "MiB", 1, Combine::kMedian, {}},
    Row{"one left", "readers still connected", "", 0, Combine::kMedian, {}},
    Row{"each without", "items held, -m 1024, value 1000 B, nobody stuck", "", 0, Combine::kMedian, {}},
    Row{"each with", "with 200 stuck readers of 200 values", "", 0, Combine::kMedian, {}},
    Row{"each lost", "capacity lost", "%", 2, Combine::kWorstHigh, kLost},
    Row{"each set", "slowest set meanwhile", "ms", 2, Combine::kWorstHigh, kPrompt},
    Row{"each rss", "RSS", "MiB", 1, Combine::kMedian, {}},
    Row{"each left", "readers still connected", "", 0, Combine::kMedian, {}},
};

void store_large_values(const Server& server, const NumberedValues& values, const Case& which) {
  TextClient client = server.connect();
  for (std::size_t i = 0; i < which.large_values; ++i)
    client.set(fmt::format("large{}", i), values.value(i, kLargeSize));
}

std::vector<TextClient> stick(const Server& server, const Case& which) {
  std::vector<TextClient> readers = open_clients(server.endpoint(), kReaders);
  for (std::size_t i = 0; i < readers.size(); ++i) {
    if (::setsockopt(readers[i].socket().fd(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof(kReceiveBuffer)) != 0) {
      throw BenchError("cannot narrow a receive buffer");
    }
    std::string asks;
    for (std::size_t ask = 0; ask < kAsksPerReader; ++ask)
      asks += fmt::format("get large{}\r\n", i % which.large_values);
    readers[i].send(asks);
  }
  static_cast<void>(server.process().settled_rss_kib());
  return readers;
}

std::uint64_t fill_and_count(const Server& server, const NumberedValues& values, const Case& which, Sample& out) {
  BulkClient client = BulkClient::connect(server.endpoint());
  const ItemRange items = overfill(which.megabytes, kSmallSize);
  write_items(client, values, items);
  return count_items(client, values, items, out);
}

double slowest_set(const Server& server, const NumberedValues& values) {
  TextClient client = server.connect();
  double slowest = 0;
  for (unsigned i = 0; i < kTimedSets; ++i) {
    const std::string request = set_request(fmt::format("timed{}", i), values.value(i, kSmallSize));
    const auto begin = Clock::now();
    client.expect(request, "STORED");
    slowest = std::max(slowest, milliseconds_since(begin));
  }
  return slowest;
}

std::uint64_t without_readers(const std::string& binary, const std::vector<std::string>& flags,
                              const NumberedValues& values, const Case& which, Sample& out) {
  const Server server = Server::start(binary, flags);
  store_large_values(server, values, which);
  return fill_and_count(server, values, which, out);
}

void run_case(const std::string& binary, const NumberedValues& values, const Case& which, Sample& out) {
  const auto figure = [&](std::string_view name) -> double& {
    return out.figures[fmt::format("{} {}", which.prefix, name)];
  };
  const std::vector<std::string> flags{"-m", std::to_string(which.megabytes)};
  const auto without = static_cast<double>(without_readers(binary, flags, values, which, out));
  const Server server = Server::start(binary, flags);
  TextClient observer = server.connect();
  const std::uint64_t connections = observer.stat("curr_connections");
  store_large_values(server, values, which);
  const std::vector<TextClient> readers = stick(server, which);
  const auto with = static_cast<double>(fill_and_count(server, values, which, out));
  figure("without") = without;
  figure("with") = with;
  figure("lost") = 100 * (1 - with / without);
  figure("set") = slowest_set(server, values);
  figure("rss") = static_cast<double>(server.process().settled_rss_kib()) / 1024;
  figure("left") = static_cast<double>(observer.stat("curr_connections")) - static_cast<double>(connections);
}

void run(const std::string& binary, const LoadOptions&, Sample& out) {
  const NumberedValues values;
  for (const Case& which : kCases) run_case(binary, values, which, out);
}

}  // namespace

Scenario stuck_readers() {
  return {"stuck", "clients that ask for 1 MB and read nothing", kMostRounds, kRows, run, true};
}

}  // namespace martlet::bench
