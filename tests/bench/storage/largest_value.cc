// The largest value that -I 1g admits, at -m 2048 full of small values: stored, read back, pushed out by other stores;
// what it pushed out itself, and the longest a request of another connection took meanwhile. The same without it, on a
// server of its own, says how many small values are held before, since counting them would change their standing.
#include <fmt/format.h>

#include <array>

#include "tests/bench/server.h"
#include "tests/bench/storage/catalogue.h"
#include "tests/bench/storage/fill.h"
#include "tests/bench/storage/large_value_client.h"
#include "tests/bench/storage/pinger.h"

namespace martlet::bench {
namespace {

constexpr std::size_t kMegabytes = 2048;
constexpr std::uint64_t kLimit = 1ULL << 30;
constexpr std::size_t kSmallSize = 10'000;
constexpr unsigned kMostPushes = 3;  // of 1.5 times the memory each

constexpr Target kYes{TargetKind::kExactly, 1};
constexpr Target kNoPause{TargetKind::kAtMost, 1};

constexpr std::array kRows{
    Row{"size", "largest value admitted, -I 1g -m 2048", "B", 0, Combine::kMedian, {}},
    Row{"stored", "stored (1: yes)", "", 0, Combine::kWorstLow, kYes},
    Row{"read", "read back, every byte right (1: yes)", "", 0, Combine::kWorstLow, kYes},
    Row{"evicted", "keys and values it pushed out / its size", "", 3, Combine::kWorstHigh, {TargetKind::kAtMost, 1.05}},
    Row{"gone", "pushed out by other stores (1: yes)", "", 0, Combine::kWorstLow, kYes},
    Row{"pause base", "longest pause of another client beside small stores", "ms", 2, Combine::kMedian, {}},
    Row{"pause store", "while it is stored", "ms", 2, Combine::kMedian, kNoPause},
    Row{"pause read", "while it is read", "ms", 2, Combine::kMedian, kNoPause},
    Row{"pause gone", "while it is pushed out", "ms", 2, Combine::kMedian, kNoPause},
    Row{"rss", "RSS at the end", "MiB", 0, Combine::kWorstHigh, {}},
};

Server start(const std::string& binary) {
  return Server::start(binary, {"-m", std::to_string(kMegabytes), "-I", "1024m"});
}

struct Usual {
  std::uint64_t largest = 0;  // bytes of a value
  std::uint64_t held = 0;     // small values
};

Usual without_it(const std::string& binary, const NumberedValues& values, Sample& out) {
  const Server server = start(binary);
  Usual usual{.largest = largest_admitted(server, kLimit)};
  BulkClient client = BulkClient::connect(server.endpoint());
  Pinger pinger(server.endpoint());
  const ItemRange small = overfill(kMegabytes, kSmallSize);
  write_items(client, values, small);
  out.figures["pause base"] = pinger.take_longest();
  usual.held = count_items(client, values, small, out);
  return usual;
}

// Small stores until the large value is gone; false when it outlives them all.
bool push_out(BulkClient& client, const Server& server, const NumberedValues& values, std::uint64_t size) {
  ItemRange others = overfill(kMegabytes, kSmallSize);
  for (unsigned push = 0; push < kMostPushes; ++push) {
    others.first += others.count;
    write_items(client, values, others);
    if (read_large(server, values, "large", size) == LargeRead::kAbsent) return true;
  }
  return false;
}

void with_it(const Server& server, const Usual& usual, const NumberedValues& values, Sample& out) {
  BulkClient client = BulkClient::connect(server.endpoint());
  const ItemRange small = overfill(kMegabytes, kSmallSize);
  write_items(client, values, small);
  Pinger pinger(server.endpoint());
  const std::string stored = store_large(server, values, "large", usual.largest);
  out.figures["pause store"] = pinger.take_longest();
  out.figures["stored"] = stored == "STORED" ? 1 : 0;
  if (stored != "STORED") {
    out.notes["the largest value was answered"] = stored;
    out.figures["read"] = 0;
    out.figures["gone"] = 0;
    return;
  }
  const auto held = count_items(client, values, small, out);
  const double evicted = static_cast<double>(usual.held) - static_cast<double>(held);
  out.figures["evicted"] = evicted * (kKeySize + kSmallSize) / static_cast<double>(usual.largest);
  static_cast<void>(pinger.take_longest());
  out.figures["read"] = read_large(server, values, "large", usual.largest) == LargeRead::kRight ? 1 : 0;
  out.figures["pause read"] = pinger.take_longest();
  out.figures["gone"] = push_out(client, server, values, usual.largest) ? 1 : 0;
  out.figures["pause gone"] = pinger.take_longest();
}

void run(const std::string& binary, const LoadOptions&, Sample& out) {
  const NumberedValues values;
  const Usual usual = without_it(binary, values, out);
  out.figures["size"] = static_cast<double>(usual.largest);
  if (usual.largest == 0) return;
  const Server server = start(binary);
  with_it(server, usual, values, out);
  out.figures["rss"] = static_cast<double>(server.process().settled_rss_kib()) / 1024;
}

}  // namespace

Scenario largest_value() { return {"largest", "the largest value of -I 1g", kMostRounds, kRows, run, true}; }

}  // namespace martlet::bench
