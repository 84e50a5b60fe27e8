#include "tests/bench/trace.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <random>
#include <string_view>

namespace martlet::bench {
namespace {

struct Family {
  double skew = 0.9;        // of the Zipf popularity
  uint32_t keys = 200'000;  // ever asked for, scans apart
  double size_log = 5.6;    // log-normal sizes: mean and deviation of the logarithm
  double size_spread = 1.1;
  uint32_t scan_percent = 0;   // of requests that are part of a scan
  uint32_t drift_every = 0;    // requests after which the popular keys move by one in a thousand
  uint32_t set_percent = 2;    // overwrites
  bool resize = false;         // overwrites have another size
  uint32_t ttl_percent = 0;    // of keys
  uint32_t large_percent = 0;  // of keys: 8 to 64 KB
};

const std::vector<std::pair<std::string, Family>>& families() {
  static const std::vector<std::pair<std::string, Family>> all = {
      {"zipf", {.keys = 500'000}},
      {"scan", {.skew = 0.95, .scan_percent = 20}},
      {"drift", {.skew = 1.0, .keys = 300'000, .drift_every = 2000}},
      {"churn", {.keys = 300'000, .size_log = 5.8, .set_percent = 20, .resize = true}},
      {"ttl", {.keys = 500'000, .set_percent = 7, .ttl_percent = 70}},
      {"mixed", {.keys = 400'000, .size_log = 4.8, .large_percent = 2}},
      {"flat", {.skew = 0.6, .keys = 300'000}},
  };
  return all;
}

// A number that belongs to a key (and a salt): the same each time.
uint64_t mix(uint64_t value, uint64_t salt) {
  value = (value + salt * 0x9E3779B97F4A7C15ULL) ^ (salt << 17);
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

double unit(uint64_t number) { return (static_cast<double>(number >> 11) + 0.5) * 0x1.0p-53; }

// Ranks 0.. by Zipf's law, by inverting its cumulated weights.
class Zipf {
 public:
  Zipf(uint32_t count, double skew) : cumulated_(count) {
    double sum = 0;
    for (uint32_t i = 0; i < count; ++i) cumulated_[i] = sum += std::pow(i + 1.0, -skew);
  }
  template <typename Random>
  uint32_t operator()(Random& random) const {
    const double at = unit(random()) * cumulated_.back();
    return static_cast<uint32_t>(std::lower_bound(cumulated_.begin(), cumulated_.end(), at) - cumulated_.begin());
  }

 private:
  std::vector<double> cumulated_;
};

uint32_t value_size(const Family& family, uint64_t number) {
  const uint64_t kind = mix(number, 3);
  if (kind % 100 < family.large_percent) return static_cast<uint32_t>(8192 + mix(number, 4) % 57344);
  // Box and Muller's normal deviate.
  const double normal = std::sqrt(-2 * std::log(unit(mix(number, 5)))) * std::cos(6.283185307 * unit(mix(number, 6)));
  const double size = std::exp(family.size_log + family.size_spread * normal);
  return static_cast<uint32_t>(std::clamp(size, 1.0, 8000.0));
}

uint32_t time_to_live(const Family& family, uint64_t key) {
  if (mix(key, 7) % 100 >= family.ttl_percent) return 0;
  static constexpr uint32_t kTtls[] = {10, 60, 300, 300, 3600, 3600, 14400};
  return kTtls[mix(key, 8) % std::size(kTtls)];
}

}  // namespace

const std::vector<std::string>& trace_families() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (const auto& [name, family] : families()) out.push_back(name);
    return out;
  }();
  return names;
}

Trace make_trace(const std::string& name, uint64_t seed, uint32_t requests) {
  const auto found = std::find_if(families().begin(), families().end(), [&](const auto& f) { return f.first == name; });
  if (found == families().end()) return {};
  const Family& family = found->second;
  std::mt19937_64 random(seed);
  const Zipf zipf(family.keys, family.skew);
  uint32_t next_scanned = family.keys;
  uint32_t scan_left = 0;
  uint32_t shift = 0;
  Trace out(requests);
  for (uint32_t i = 0; i < requests; ++i) {
    TraceRow& row = out[i];
    if (scan_left == 0 && family.scan_percent > 0 && random() % 100'000 < family.scan_percent) scan_left = 1250;
    if (family.drift_every > 0 && i % family.drift_every == 0) shift += family.keys / 1000;
    const bool scan = scan_left > 0;
    if (scan) {
      --scan_left;
      row.key = next_scanned++;
    } else {
      row.key = static_cast<uint32_t>((mix(zipf(random), seed) + shift) % family.keys);
      row.set = random() % 100 < family.set_percent;
    }
    const uint64_t identity = mix(row.key, seed + 1);
    row.value_size = value_size(family, row.set && family.resize ? random() : identity);
    row.ttl = time_to_live(family, identity);
    row.time = i / 500;
    row.key_size = static_cast<uint16_t>(16 + mix(identity, 9) % 40);
  }
  return out;
}

Trace read_trace(const std::string& path) {
  const bool packed = path.size() > 3 && path.compare(path.size() - 3, 3, ".gz") == 0;
  FILE* file = nullptr;
  if (packed) {
    std::string quoted = "gzip -dc -- '";
    for (const char c : path) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    file = popen((quoted + "'").c_str(), "r");
  } else {
    file = std::fopen(path.c_str(), "r");
  }
  Trace out;
  if (file == nullptr) return out;
  char line[256];
  while (std::fgets(line, sizeof line, file) != nullptr) {
    TraceRow row;
    unsigned key_size = 0;
    char op = 0;
    if (std::sscanf(line, "%u,%u,%u,%u,%c,%u", &row.key, &key_size, &row.value_size, &row.ttl, &op, &row.time) < 5) {
      continue;
    }
    row.key_size = static_cast<uint16_t>(std::clamp(key_size, 1U, 250U));
    row.set = op == 's';
    out.push_back(row);
  }
  packed ? pclose(file) : std::fclose(file);
  return out;
}

std::string key_text(const TraceRow& row) {
  std::string out = std::to_string(row.key);
  if (out.size() < row.key_size) out.insert(out.begin(), row.key_size - out.size(), '-');
  return out;
}

}  // namespace martlet::bench
