// The families and the generator.
#include "tests/bench/storage/trace_generator.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "tests/bench/storage/random.h"
#include "tests/bench/storage/zipf.h"

namespace martlet::bench {
namespace {

constexpr double kLeastValue = 1;
constexpr double kMostValue = 200'000;

constexpr std::array kMixedTtls{TtlShare{0.40, 60}, TtlShare{0.25, 300}, TtlShare{0.20, 3600}};

// Each touches 170 to 200 MiB of keys, values and their overhead, so that none fits the largest memory it is replayed
// at.
constexpr std::array kFamilies{
    TraceFamily{.name = "zipf_small", .requests = 1'500'000, .ranks = 1'000'000, .skew = 0.9, .sizes = {.median = 330}},
    TraceFamily{.name = "zipf_two_sizes",
                .requests = 800'000,
                .ranks = 200'000,
                .skew = 0.8,
                .sizes = {.median = 120, .large_share = 0.15, .large_median = 5000}},
    TraceFamily{.name = "scans",
                .requests = 1'200'000,
                .ranks = 300'000,
                .skew = 0.9,
                .sizes = {.median = 400},
                .scan_share = 0.25,
                .scan_keys = 120'000},
    TraceFamily{.name = "drift",
                .requests = 1'200'000,
                .ranks = 200'000,
                .skew = 0.9,
                .sizes = {.median = 500},
                .once_share = 0.05,
                .drift = 0.08},
    TraceFamily{.name = "ttl_mixed",
                .requests = 600'000,
                .ranks = 500'000,
                .skew = 0.95,
                .sizes = {.median = 900},
                .set_share = 0.07,
                .ttls = kMixedTtls,
                .seconds = 720},
    TraceFamily{.name = "ttl_once",
                .requests = 600'000,
                .ranks = 200'000,
                .skew = 0.7,
                .sizes = {.median = 400},
                .once_share = 0.35,
                .once_ttl = 60,
                .seconds = 720},
};

// Per-key properties: hashes of seed and key, so that they need no memory.
class KeyProperties {
 public:
  KeyProperties(const TraceFamily& family, std::uint64_t seed) : family_(family), seed_(seed) {}

  TraceRequest request(std::uint32_t key) const {
    Random random(mix(seed_) ^ key);
    TraceRequest out{.key = key};
    out.key_size = static_cast<std::uint8_t>(20 + random.below(31));
    out.value_size = value_size(random);
    double share = random.unit();
    for (const TtlShare& ttl : family_.ttls) {
      if (share >= 0 && share < ttl.share) out.ttl = ttl.ttl;
      share -= ttl.share;
    }
    return out;
  }

 private:
  std::uint32_t value_size(Random& random) const {
    const SizeMixture& sizes = family_.sizes;
    const double middle = random.unit() < sizes.large_share ? sizes.large_median : sizes.median;
    // Box and Muller's transformation of two uniform numbers into a normal one.
    const double radius = std::sqrt(-2 * std::log(1 - random.unit()));
    const double normal = radius * std::cos(2 * std::numbers::pi * random.unit());
    return static_cast<std::uint32_t>(std::clamp(middle * std::exp(sizes.sigma * normal), kLeastValue, kMostValue));
  }

  const TraceFamily& family_;
  std::uint64_t seed_;
};

// Which key comes next. Keys are numbered as they appear: first the ranks, then the ring of the scans, then new ones.
class KeyStream {
 public:
  KeyStream(const TraceFamily& family, std::uint64_t seed)
      : family_(family),
        random_(seed),
        zipf_(family.ranks, family.skew),
        next_new_(family.ranks + family.scan_keys),
        key_of_rank_(family.ranks) {
    for (std::uint32_t rank = 0; rank < family.ranks; ++rank) key_of_rank_[rank] = rank;
  }

  struct Next {
    std::uint32_t key = 0;
    bool once = false;
  };

  Next next() {
    if (scan_left_ > 0) return {scanned(), false};
    // A run of the scans is begun so often that its requests come to their share of all.
    const double begins = family_.scan_share / ((1 - family_.scan_share) * kScanRun);
    if (family_.scan_share > 0 && random_.unit() < begins) {
      scan_left_ = kScanRun;
      return {scanned(), false};
    }
    if (random_.unit() < family_.once_share) return {next_new_++, true};
    if (random_.unit() < family_.drift) key_of_rank_[random_.below(family_.ranks)] = next_new_++;
    return {key_of_rank_[zipf_.rank(random_)], false};
  }

  bool is_set() { return random_.unit() < family_.set_share; }
  std::uint32_t keys() const { return next_new_; }

 private:
  std::uint32_t scanned() {
    --scan_left_;
    const std::uint32_t key = family_.ranks + scan_at_;
    scan_at_ = (scan_at_ + 1) % family_.scan_keys;
    return key;
  }

  const TraceFamily& family_;
  Random random_;
  Zipf zipf_;
  std::uint32_t next_new_;
  std::uint32_t scan_left_ = 0;
  std::uint32_t scan_at_ = 0;
  std::vector<std::uint32_t> key_of_rank_;
};

}  // namespace

std::span<const TraceFamily> trace_families() { return kFamilies; }

Trace generate_trace(const TraceFamily& family, std::uint64_t seed) {
  const KeyProperties properties(family, seed);
  KeyStream stream(family, seed);
  Trace out{.name = std::string(family.name), .keys = 0, .requests = {}};
  out.requests.reserve(family.requests);
  for (std::uint64_t i = 0; i < family.requests; ++i) {
    const KeyStream::Next next = stream.next();
    TraceRequest request = properties.request(next.key);
    if (next.once) request.ttl = family.once_ttl;
    request.is_set = stream.is_set();
    request.seconds = static_cast<std::uint32_t>(i * family.seconds / family.requests);
    out.requests.push_back(request);
  }
  out.keys = stream.keys();
  return out;
}

}  // namespace martlet::bench
