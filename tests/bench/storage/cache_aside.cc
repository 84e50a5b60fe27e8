// The load's clock: a batch every few milliseconds.
#include "tests/bench/storage/cache_aside.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "tests/bench/storage/random.h"

namespace martlet::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr unsigned kBatchesPerSecond = 200;

}  // namespace

CacheAsideResult run_cache_aside(BulkClient& client, const NumberedValues& values, const CacheAsideLoad& load,
                                 std::uint64_t seed) {
  CacheAsideResult out;
  Random random(seed);
  std::vector<std::uint64_t> asked;
  std::vector<bool> found;
  const unsigned per_batch = load.per_second / kBatchesPerSecond;
  const auto begin = Clock::now();
  const auto begin_of = [begin](std::int64_t batch) {
    return begin + std::chrono::nanoseconds(std::chrono::seconds(1)) * batch / std::int64_t{kBatchesPerSecond};
  };
  unsigned hits = 0;
  for (std::int64_t batch = 0; batch < std::int64_t{load.most_seconds} * kBatchesPerSecond;) {
    std::this_thread::sleep_until(begin_of(batch));
    asked.clear();
    for (unsigned i = 0; i < per_batch; ++i) {
      asked.push_back(load.items.first + random.below(load.items.count));
      client.queue_get(NumberedKey(asked.back()).view());
    }
    found.assign(per_batch, false);
    client.exchange([&](std::size_t position, std::string_view value) {
      found[position] = true;
      if (value.size() != load.items.value_size || !values.is_of(asked[position], value)) ++out.wrong;
    });
    for (unsigned i = 0; i < per_batch; ++i) {
      if (found[i]) {
        ++hits;
      } else {
        client.queue_set(NumberedKey(asked[i]).view(), values.value(asked[i], load.items.value_size));
      }
    }
    if (++batch % kBatchesPerSecond != 0) continue;
    out.hit_ratios.push_back(static_cast<double>(hits) / load.per_second);
    hits = 0;
    const bool reached = *std::max_element(out.hit_ratios.begin(), out.hit_ratios.end()) >= load.wanted;
    if (reached && out.hit_ratios.size() >= load.least_seconds) break;
  }
  const auto batches = static_cast<std::int64_t>(out.hit_ratios.size()) * kBatchesPerSecond;
  out.late_seconds = std::chrono::duration<double>(Clock::now() - begin_of(batches)).count();
  return out;
}

}  // namespace martlet::bench
