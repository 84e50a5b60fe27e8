// Expired mix: 15,000 sets of 300 bytes a second at -m 64, of which 30 % have no TTL and go over 150,000 keys, all
// stored before, and 70 % are of a key each, with a TTL of 2 to 5 s. Items that can no longer be read take memory from
// those that could.
//
// What is readable is counted by reading it: every key without TTL and every key whose TTL has not passed. The share of
// expired items is that of curr_items which nobody can read, so it is true only as far as the server counts what it
// holds; the share of -m that readable items fill does not depend on the server's word.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "tests/bench/load.h"
#include "tests/bench/server.h"
#include "tests/bench/storage/catalogue.h"
#include "tests/bench/storage/fill.h"
#include "tests/bench/storage/random.h"

namespace martlet::bench {
namespace {

constexpr std::size_t kMegabytes = 64;
constexpr std::size_t kValueSize = 300;
constexpr ItemRange kLong{0, 150'000, kValueSize};
constexpr std::uint64_t kFirstShort = 1'000'000'000;
constexpr unsigned kPerSecond = 15'000;
constexpr unsigned kBatchesPerSecond = 100;
constexpr unsigned kSeconds = 25;
constexpr unsigned kLongPercent = 30;
constexpr std::uint32_t kLeastTtl = 2;
constexpr std::uint32_t kMostTtl = 5;
constexpr double kMostLateMs = 500;

constexpr std::array kRows{
    Row{"expired", "expired share of curr_items", "%", 1, Combine::kMedian, {TargetKind::kAtMost, 10}},
    Row{"long", "keys without TTL that are held", "%", 1, Combine::kMedian, {TargetKind::kAtLeast, 85}},
    Row{"readable", "keys and values that can be read, of -m", "%", 1, Combine::kMedian, {}},
    Row{"items", "curr_items", "", 0, Combine::kMedian, {}},
};

// Loads for kSeconds and returns how many short-lived keys were stored.
std::uint64_t load(BulkClient& client, const NumberedValues& values, Random& random, Sample& out) {
  std::uint64_t stored = 0;
  const auto begin = Clock::now();
  for (std::int64_t batch = 0; batch < kSeconds * kBatchesPerSecond; ++batch) {
    std::this_thread::sleep_until(begin + std::chrono::nanoseconds(std::chrono::seconds(1)) * batch /
                                              std::int64_t{kBatchesPerSecond});
    for (unsigned i = 0; i < kPerSecond / kBatchesPerSecond; ++i) {
      const bool lasting = random.below(100) < kLongPercent;
      const std::uint64_t number = lasting ? random.below(kLong.count) : kFirstShort + stored++;
      const auto ttl = lasting ? 0 : kLeastTtl + static_cast<std::uint32_t>(random.below(kMostTtl - kLeastTtl + 1));
      client.queue_set(NumberedKey(number).view(), values.value(number, kValueSize), ttl);
    }
    client.exchange();
  }
  client.settle();
  if (milliseconds_since(begin) > kSeconds * 1000 + kMostLateMs) out.complaints.push_back("the load fell behind");
  return stored;
}

void run(const std::string& binary, const LoadOptions& options, Sample& out) {
  const NumberedValues values;
  const Server server = Server::start(binary, {"-m", std::to_string(kMegabytes)});
  TextClient observer = server.connect();
  BulkClient client = BulkClient::connect(server.endpoint());
  Random random(options.seed);
  write_items(client, values, kLong);
  const std::uint64_t stored = load(client, values, random, out);
  const auto items = static_cast<double>(observer.stat("curr_items"));
  // Short-lived ones first, since they go on expiring while they are read.
  const std::uint64_t recent = std::uint64_t{kPerSecond} * (kMostTtl + 1);
  const ItemRange last{kFirstShort + (stored > recent ? stored - recent : 0), std::min(stored, recent), kValueSize};
  const std::uint64_t short_held = count_items(client, values, last, out);
  const std::uint64_t long_held = count_items(client, values, kLong, out);
  const auto readable = static_cast<double>(short_held + long_held);
  out.figures["items"] = items;
  out.figures["expired"] = items > readable ? 100 * (1 - readable / items) : 0;
  out.figures["long"] = 100 * static_cast<double>(long_held) / static_cast<double>(kLong.count);
  out.figures["readable"] =
      100 * readable * static_cast<double>(kKeySize + kValueSize) / static_cast<double>(kMegabytes << 20);
}

}  // namespace

Scenario expired_mix() { return {"expired", "short TTLs beside lasting items, -m 64", kMostRounds, kRows, run, true}; }

}  // namespace martlet::bench
