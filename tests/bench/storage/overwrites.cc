// Overwrites: keys whose values fill 60 % or 72 % of -m 64 are overwritten at random, eight times each on average, with
// random sizes of 16 to 2500 bytes. Nothing needs to be evicted; a key that is gone was lost to fragmentation.
//
// Write amplification is bytes_copied (or bytes_moved) / bytes_written of `stats segments` over the overwrites, where
// the server has it.
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <functional>
#include <map>
#include <optional>

#include "tests/bench/server.h"
#include "tests/bench/storage/catalogue.h"
#include "tests/bench/storage/fill.h"
#include "tests/bench/storage/random.h"

namespace martlet::bench {
namespace {

constexpr std::size_t kMegabytes = 64;
constexpr std::size_t kLeastSize = 16;
constexpr std::size_t kMostSize = 2500;
constexpr unsigned kOverwriteRounds = 8;

constexpr Target kNone{TargetKind::kExactly, 0};
constexpr Target kAtMostOnce{TargetKind::kAtMost, 1};

constexpr std::array kRows{
    Row{"lost 60", "keys lost, live data 60 % of -m 64", "", 0, Combine::kWorstHigh, kNone},
    Row{"copied 60", "bytes copied per byte written", "", 2, Combine::kMedian, kAtMostOnce},
    Row{"lost 72", "keys lost, live data 72 % of -m 64", "", 0, Combine::kWorstHigh, kNone},
    Row{"copied 72", "bytes copied per byte written", "", 2, Combine::kMedian, kAtMostOnce},
};

using Statistics = std::map<std::string, std::string, std::less<>>;

struct Work {
  double written = 0;
  double copied = 0;
};

std::optional<double> number_of(const Statistics& stats, std::string_view name) {
  const auto found = stats.find(name);
  double value = 0;
  if (found == stats.end()) return std::nullopt;
  const std::string& text = found->second;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// nullopt from a server without such statistics, whatever it answers instead.
std::optional<Work> work_of(const Server& server) {
  TextClient client = server.connect();
  client.send("stats segments\r\n");
  Statistics stats;
  for (std::string line = client.read_line(); line.starts_with("STAT "); line = client.read_line()) {
    const std::size_t gap = line.find(' ', 5);
    if (gap != std::string::npos) stats[line.substr(5, gap - 5)] = line.substr(gap + 1);
  }
  const auto written = number_of(stats, "bytes_written");
  auto copied = number_of(stats, "bytes_copied");
  if (!copied) copied = number_of(stats, "bytes_moved");
  return written && copied ? std::optional(Work{*written, *copied}) : std::nullopt;
}

void write_all(BulkClient& client, const NumberedValues& values, Random& random, std::vector<std::size_t>& sizes) {
  for (std::size_t number = 0; number < sizes.size(); ++number) {
    sizes[number] = kLeastSize + random.below(kMostSize - kLeastSize + 1);
    client.queue_set(NumberedKey(number).view(), values.value(number, sizes[number]));
    if (client.is_full()) client.exchange();
  }
}

void overwrite(BulkClient& client, const NumberedValues& values, Random& random, std::vector<std::size_t>& sizes) {
  for (std::size_t i = 0; i < kOverwriteRounds * sizes.size(); ++i) {
    const std::uint64_t number = random.below(sizes.size());
    sizes[number] = kLeastSize + random.below(kMostSize - kLeastSize + 1);
    client.queue_set(NumberedKey(number).view(), values.value(number, sizes[number]));
    if (client.is_full()) client.exchange();
  }
  client.settle();
}

std::size_t count_lost(BulkClient& client, const NumberedValues& values, const std::vector<std::size_t>& sizes,
                       Sample& out) {
  std::size_t lost = sizes.size();
  std::size_t wrong = 0;
  for (std::size_t batch = 0; batch < sizes.size();) {
    std::size_t number = batch;
    while (number < sizes.size() && !client.is_full()) client.queue_get(NumberedKey(number++).view());
    client.exchange([&](std::size_t position, std::string_view value) {
      --lost;
      if (value != values.value(batch + position, sizes[batch + position])) ++wrong;
    });
    batch = number;
  }
  if (wrong != 0) out.complaints.push_back(fmt::format("{} values are not those written last", wrong));
  return lost;
}

void run_share(const std::string& binary, std::size_t percent, std::uint64_t seed, const NumberedValues& values,
               Sample& out) {
  const Server server = Server::start(binary, {"-m", std::to_string(kMegabytes)});
  BulkClient client = BulkClient::connect(server.endpoint());
  Random random(seed);
  std::vector<std::size_t> sizes((kMegabytes << 20) * percent / 100 / (kKeySize + (kLeastSize + kMostSize) / 2));
  write_all(client, values, random, sizes);
  client.settle();
  const std::optional<Work> before = work_of(server);
  overwrite(client, values, random, sizes);
  const std::optional<Work> after = work_of(server);
  out.figures[fmt::format("lost {}", percent)] = static_cast<double>(count_lost(client, values, sizes, out));
  if (before && after && after->written > before->written) {
    out.figures[fmt::format("copied {}", percent)] =
        (after->copied - before->copied) / (after->written - before->written);
  }
}

void run(const std::string& binary, const LoadOptions& options, Sample& out) {
  const NumberedValues values;
  for (const std::size_t percent : {60U, 72U}) run_share(binary, percent, options.seed, values, out);
}

}  // namespace

Scenario overwrites() {
  return {"overwrites", "random overwrites with random sizes, -m 64", kMostRounds, kRows, run, true};
}

}  // namespace martlet::bench
