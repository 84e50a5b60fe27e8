// Generated traces must be the same for a seed, and have the shares and shapes their family says.
#include "tests/bench/storage/trace_generator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "tests/bench/storage/random.h"
#include "tests/bench/storage/zipf.h"

namespace martlet::bench {
namespace {

constexpr std::uint32_t kRequests = 100'000;

TraceFamily family() { return {.name = "test", .requests = kRequests, .ranks = 1000, .skew = 1, .ttls = {}}; }

bool same(const Trace& one, const Trace& other) {
  return std::equal(one.requests.begin(), one.requests.end(), other.requests.begin(), other.requests.end(),
                    [](const TraceRequest& a, const TraceRequest& b) {
                      return a.key == b.key && a.value_size == b.value_size && a.key_size == b.key_size &&
                             a.ttl == b.ttl && a.seconds == b.seconds && a.is_set == b.is_set;
                    });
}

template <typename Predicate>
double share_of(const Trace& trace, Predicate predicate) {
  return static_cast<double>(std::count_if(trace.requests.begin(), trace.requests.end(), predicate)) /
         static_cast<double>(trace.requests.size());
}

TEST(BenchZipf, RanksComeInProportionToTheirReciprocals) {
  const Zipf zipf(1000, 1);
  Random random(3);
  std::vector<double> counts(1000);
  for (int i = 0; i < 1'000'000; ++i) ++counts[zipf.rank(random)];
  EXPECT_NEAR(counts[0] / counts[1], 2, 0.05);
  EXPECT_NEAR(counts[0] / counts[9], 10, 0.5);
  EXPECT_GT(counts[999], 0);
}

TEST(BenchRandom, NumbersAreThoseOfTheAlgorithmEverywhere) {
  EXPECT_EQ(mix(0), 0xe220a8397b1dcdafU);  // first output of SplitMix64 from state 0
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    const double unit = random.unit();
    EXPECT_TRUE(unit >= 0 && unit < 1);
  }
}

TEST(BenchTraceGenerator, ASeedDecidesEverything) {
  for (const TraceFamily& each : trace_families()) {
    TraceFamily shorter = each;
    shorter.requests = 10'000;
    EXPECT_TRUE(same(generate_trace(shorter, 5), generate_trace(shorter, 5))) << each.name;
    EXPECT_FALSE(same(generate_trace(shorter, 5), generate_trace(shorter, 6))) << each.name;
  }
}

TEST(BenchTraceGenerator, AKeyKeepsItsSizesAndItsTtl) {
  constexpr std::array kTtls{TtlShare{0.5, 60}, TtlShare{0.25, 300}};
  TraceFamily with_ttls = family();
  with_ttls.ttls = kTtls;
  std::map<std::uint32_t, TraceRequest> known;
  std::map<std::uint32_t, int> keys_of_ttl;
  for (const TraceRequest& request : generate_trace(with_ttls, 1).requests) {
    const auto [it, fresh] = known.emplace(request.key, request);
    if (fresh) ++keys_of_ttl[request.ttl];
    EXPECT_EQ(it->second.value_size, request.value_size);
    EXPECT_EQ(it->second.key_size, request.key_size);
    EXPECT_EQ(it->second.ttl, request.ttl);
  }
  const auto keys = static_cast<double>(known.size());
  EXPECT_NEAR(keys_of_ttl[60] / keys, 0.5, 0.06);
  EXPECT_NEAR(keys_of_ttl[300] / keys, 0.25, 0.06);
  EXPECT_NEAR(keys_of_ttl[0] / keys, 0.25, 0.06);
}

TEST(BenchTraceGenerator, ValueSizesHaveTheirMedians) {
  TraceFamily mixed = family();
  mixed.ranks = 50'000;
  mixed.skew = 0;
  mixed.sizes = {.median = 200, .sigma = 0.5, .large_share = 0.2, .large_median = 20'000};
  const Trace trace = generate_trace(mixed, 1);
  EXPECT_NEAR(share_of(trace, [](const TraceRequest& request) { return request.value_size > 2000; }), 0.2, 0.01);
  EXPECT_NEAR(share_of(trace, [](const TraceRequest& request) { return request.value_size < 200; }), 0.4, 0.01);
}

TEST(BenchTraceGenerator, SetsScansAndKeysUsedOnceHaveTheirShares) {
  TraceFamily all = family();
  all.requests = 2'000'000;  // scans come in whole runs, of which many are needed
  all.set_share = 0.1;
  all.scan_share = 0.3;
  all.scan_keys = 5000;
  all.once_share = 0.2;
  all.once_ttl = 9;
  const Trace trace = generate_trace(all, 2);
  const auto scanned = [](const TraceRequest& request) { return request.key >= 1000 && request.key < 6000; };
  EXPECT_NEAR(share_of(trace, [](const TraceRequest& request) { return request.is_set; }), 0.1, 0.01);
  EXPECT_NEAR(share_of(trace, scanned), 0.3, 0.045);
  EXPECT_NEAR(share_of(trace, [](const TraceRequest& request) { return request.ttl == 9; }), 0.2 * 0.7, 0.01);
  std::map<std::uint32_t, int> uses;
  for (const TraceRequest& request : trace.requests) uses[request.key] += request.key >= 6000 ? 1 : 0;
  EXPECT_TRUE(std::all_of(uses.begin(), uses.end(), [](const auto& use) { return use.second <= 1; }));
}

TEST(BenchTraceGenerator, DriftBringsNewKeysAndTimesSpanTheTrace) {
  TraceFamily drifting = family();
  drifting.drift = 0.1;
  drifting.seconds = 60;
  const Trace trace = generate_trace(drifting, 1);
  EXPECT_NEAR(trace.keys, 1000 + 0.1 * kRequests, 500);
  EXPECT_EQ(trace.requests.front().seconds, 0U);
  EXPECT_EQ(trace.requests.back().seconds, 59U);
}

}  // namespace
}  // namespace martlet::bench
