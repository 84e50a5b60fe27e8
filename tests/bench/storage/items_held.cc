// Items held: items of one size are written to 1.5 times what could be held, then every key is read back and counted.
//
// Overhead is what of -m an item takes beyond its key and value: -m / items - key - value. The resident memory is read
// after the count, with 50 connections open.
#include <fmt/format.h>

#include <array>

#include "tests/bench/load.h"
#include "tests/bench/server.h"
#include "tests/bench/storage/catalogue.h"
#include "tests/bench/storage/fill.h"

namespace martlet::bench {
namespace {

constexpr std::size_t kConnections = 50;
constexpr std::size_t kRssAllowance = 8;  // MiB beyond -m

struct Case {
  std::size_t megabytes;
  std::size_t value_size;
};

constexpr std::array kCases{Case{64, 10},   Case{64, 32},   Case{64, 100},  Case{64, 300},
                            Case{64, 1000}, Case{64, 4000}, Case{1024, 100}};

constexpr Row items(std::string_view figure, std::string_view property, double least) {
  return {figure, property, "", 0, Combine::kMedian, {TargetKind::kAtLeast, least}};
}

constexpr Row overhead(std::string_view figure, std::string_view property, double most) {
  return {figure, property, "B", 1, Combine::kMedian, {TargetKind::kAtMost, most}};
}

constexpr Row resident(std::string_view figure, std::string_view property, std::size_t megabytes) {
  return {figure,
          property,
          "MiB",
          1,
          Combine::kWorstHigh,
          {TargetKind::kAtMost, static_cast<double>(megabytes + kRssAllowance)}};
}

// Large items may take a share of their key and value instead of a fixed overhead.
constexpr double share_of_payload(std::size_t value_size, double share) {
  return share * static_cast<double>(kKeySize + value_size);
}

constexpr std::array kRows{
    items("items 64/10", "items held, -m 64, value 10 B", 1'050'000),
    overhead("overhead 64/10", "overhead per item, value 10 B", 36),
    resident("rss 64/10", "RSS, -m 64, value 10 B", 64),
    items("items 64/32", "items held, -m 64, value 32 B", 765'000),
    overhead("overhead 64/32", "overhead per item, value 32 B", 36),
    resident("rss 64/32", "RSS, -m 64, value 32 B", 64),
    items("items 64/100", "items held, -m 64, value 100 B", 435'000),
    overhead("overhead 64/100", "overhead per item, value 100 B", 36),
    resident("rss 64/100", "RSS, -m 64, value 100 B", 64),
    items("items 64/300", "items held, -m 64, value 300 B", 185'000),
    overhead("overhead 64/300", "overhead per item, value 300 B", 36),
    resident("rss 64/300", "RSS, -m 64, value 300 B", 64),
    items("items 64/1000", "items held, -m 64, value 1000 B", 61'500),
    overhead("overhead 64/1000", "overhead per item, value 1000 B", share_of_payload(1000, 0.055)),
    resident("rss 64/1000", "RSS, -m 64, value 1000 B", 64),
    items("items 64/4000", "items held, -m 64, value 4000 B", 15'800),
    overhead("overhead 64/4000", "overhead per item, value 4000 B", share_of_payload(4000, 0.045)),
    resident("rss 64/4000", "RSS, -m 64, value 4000 B", 64),
    items("items 1024/100", "items held, -m 1024, value 100 B", 6'900'000),
    overhead("overhead 1024/100", "overhead per item, -m 1024, value 100 B", 36),
    resident("rss 1024/100", "RSS, -m 1024, value 100 B", 1024),
};

void run_case(const std::string& binary, const Case& size, const NumberedValues& values, Sample& out) {
  const Server server = Server::start(binary, {"-m", std::to_string(size.megabytes)});
  const std::vector<TextClient> others = open_clients(server.endpoint(), kConnections - 1);
  BulkClient client = BulkClient::connect(server.endpoint());
  const ItemRange written = overfill(size.megabytes, size.value_size);
  write_items(client, values, written);
  const auto held = static_cast<double>(count_items(client, values, written, out));
  const std::string name = fmt::format("{}/{}", size.megabytes, size.value_size);
  out.figures["items " + name] = held;
  if (held > 0) {
    const auto bytes = static_cast<double>(size.megabytes << 20);
    out.figures["overhead " + name] = bytes / held - static_cast<double>(kKeySize + size.value_size);
  }
  out.figures["rss " + name] = static_cast<double>(server.process().settled_rss_kib()) / 1024;
}

void run(const std::string& binary, const LoadOptions&, Sample& out) {
  const NumberedValues values;
  for (const Case& size : kCases) run_case(binary, size, values, out);
}

}  // namespace

Scenario items_held() {
  return {"items", "items held, overhead and resident memory by value size", kMostRounds, kRows, run, true};
}

}  // namespace martlet::bench
