// cache_replay: traces through the cache alone, on one thread and a clock of the trace's own: how often it misses, and
// what keeping the items costs it. The policy is tuned with this.
//
//   cache_replay -m 32,48,64 [--trace FILE]... [--family NAME|all] [--seeds 1,2] [--requests N] [--fill BYTES]
#include <getopt.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "server/cache/cache.h"
#include "tests/bench/trace.h"
#include "tests/support/manual_clock.h"

namespace martlet::bench {
namespace {

struct Run {
  std::string name;
  Trace trace;
};

struct Result {
  uint64_t gets = 0;
  uint64_t misses = 0;
  uint64_t refused = 0;
  double seconds = 0;
  cache::CacheFigures figures;
  cache::SegmentFigures segments;
};

class Room {
 public:
  explicit Room(uint64_t megabytes) {
    cache::CacheSettings settings;
    settings.memory_limit = megabytes << 20;
    auto made = cache::Cache::create(settings, clock_);
    if (!made) {
      std::fprintf(stderr, "cache_replay: %s\n", made.error().message.c_str());
      std::exit(1);
    }
    cache_ = made.take();
    context_ = cache_->make_context();
  }

  void pass_to(uint32_t second) {
    for (; second_ < second; ++second_) {
      manual_.advance_seconds(1);
      cache_->tick(clock_.current());
      clock_.tick();
      for (int i = 0; i < 100 && cache_->maintain().count() == 0; ++i) {
      }
    }
  }
  bool get(const std::string& key) { return cache_->get(*context_, key, {}).outcome == cache::Outcome::done; }
  bool set(const std::string& key, uint32_t size, uint32_t ttl) {
    cache::StoreRequest request;
    request.key = key;
    request.exptime = ttl == 0 ? kNever : clock_.now() + ttl;
    if (value_.size() < size) value_.resize(size, 'v');
    return cache_->store(*context_, request, std::string_view(value_).substr(0, size)).outcome == cache::Outcome::done;
  }
  const cache::Cache& cache() const { return *cache_; }

 private:
  support::ManualClock manual_;
  RelClock clock_{manual_};
  std::unique_ptr<cache::Cache> cache_;
  std::unique_ptr<cache::CacheContext> context_;
  std::string value_;
  uint32_t second_ = 0;
};

Result replay(const Trace& trace, uint64_t megabytes) {
  Result out;
  Room room(megabytes);
  const auto begin = std::chrono::steady_clock::now();
  for (const TraceRow& row : trace) {
    room.pass_to(row.time - std::min(row.time, trace.front().time));
    const std::string key = key_text(row);
    if (!row.set) {
      ++out.gets;
      if (room.get(key)) continue;
      ++out.misses;
    }
    if (!room.set(key, row.value_size, row.ttl)) ++out.refused;
  }
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  out.figures = room.cache().figures();
  out.segments = room.cache().segment_figures();
  return out;
}

double share(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

void print(const std::string& name, uint64_t megabytes, const Result& result) {
  std::printf("%-16s %6llu  %.4f  %9llu  %9llu  %9.3f  %.3f  %6.0f\n", name.c_str(),
              static_cast<unsigned long long>(megabytes), share(result.misses, result.gets),
              static_cast<unsigned long long>(result.figures.items),
              static_cast<unsigned long long>(result.figures.evictions),
              share(result.segments.bytes_moved, result.segments.bytes_written),
              share(result.segments.live_bytes, megabytes << 20), result.seconds * 1000);
  if (result.refused != 0) std::printf("  refused: %llu\n", static_cast<unsigned long long>(result.refused));
}

// As many different keys as half as much again as fits: how many are held?
void fill(uint32_t size, uint64_t megabytes) {
  Room room(megabytes);
  const uint64_t count = (megabytes << 20) * 3 / 2 / (size + 20 + 16);
  TraceRow row;
  row.key_size = 20;
  uint64_t held = 0;
  for (row.key = 0; row.key < count; ++row.key) room.set(key_text(row), size, 0);
  for (row.key = 0; row.key < count; ++row.key) held += room.get(key_text(row)) ? 1U : 0U;
  std::printf("fill %-11u %6llu  %llu items held, %.1f bytes of the limit beside key and value\n", size,
              static_cast<unsigned long long>(megabytes), static_cast<unsigned long long>(held),
              static_cast<double>(megabytes << 20) / static_cast<double>(held) - 20 - size);
}

std::vector<uint64_t> numbers(const char* text) {
  std::vector<uint64_t> out;
  for (char* end = nullptr; *text != '\0'; text = *end == ',' ? end + 1 : end) {
    out.push_back(std::strtoull(text, &end, 10));
    if (end == text) break;
  }
  return out;
}

int main_with(int argc, char** argv) {
  static const option kOptions[] = {
      {"trace", required_argument, nullptr, 't'}, {"family", required_argument, nullptr, 'f'},
      {"seeds", required_argument, nullptr, 's'}, {"requests", required_argument, nullptr, 'r'},
      {"fill", required_argument, nullptr, 'i'},  {nullptr, 0, nullptr, 0}};
  std::vector<uint64_t> limits = {64};
  std::vector<uint64_t> seeds = {1};
  std::vector<uint64_t> fills;
  std::vector<std::string> files;
  std::vector<std::string> wanted;
  uint32_t requests = 1'000'000;
  for (int c = 0; (c = getopt_long(argc, argv, "m:", kOptions, nullptr)) != -1;) {
    if (c == 'm') limits = numbers(optarg);
    if (c == 't') files.emplace_back(optarg);
    if (c == 'f' && std::string(optarg) == "all") wanted = trace_families();
    if (c == 'f' && std::string(optarg) != "all") wanted.emplace_back(optarg);
    if (c == 's') seeds = numbers(optarg);
    if (c == 'r') requests = static_cast<uint32_t>(std::strtoul(optarg, nullptr, 10));
    if (c == 'i') fills = numbers(optarg);
    if (c == '?') return 2;
  }
  for (const uint64_t size : fills) {
    for (const uint64_t limit : limits) fill(static_cast<uint32_t>(size), limit);
  }
  std::vector<Run> runs;
  for (const std::string& file : files) runs.push_back({file.substr(file.rfind('/') + 1, 14), read_trace(file)});
  for (const std::string& family : wanted) {
    for (const uint64_t seed : seeds) {
      runs.push_back({family + "." + std::to_string(seed), make_trace(family, seed, requests)});
    }
  }
  if (!runs.empty()) std::printf("trace                -m    miss      items    evicted  moved/written  live  ms\n");
  for (const Run& run : runs) {
    if (run.trace.empty()) {
      std::fprintf(stderr, "cache_replay: no requests in %s\n", run.name.c_str());
      return 1;
    }
    for (const uint64_t limit : limits) print(run.name, limit, replay(run.trace, limit));
  }
  return 0;
}

}  // namespace
}  // namespace martlet::bench

int main(int argc, char** argv) { return martlet::bench::main_with(argc, argv); }
