// ThreadStats: one thread's counters. Only its owner writes, so adding is a load and a store without a lock prefix; any
// thread may read at any time.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace martlet::stats {

class Counter {
 public:
  // Owner only.
  void add(uint64_t n = 1) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  // Any thread.
  uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// Commands that met an item, by its size class: one of these for each class.
struct ClassCommands {
  Counter get_hits;
  Counter cmd_set;
  Counter delete_hits;
  Counter incr_hits;
  Counter decr_hits;
  Counter cas_hits;
  Counter cas_badval;
  Counter touch_hits;
};

inline constexpr size_t kMaxClasses = 64;  // numbers of size classes are below; 0: none

// Aligned so that two threads' counters share no cache line.
struct alignas(64) ThreadStats {
#define COUNTER(name) Counter name;
#include "server/stats/counters.def"
#undef COUNTER
  std::array<ClassCommands, kMaxClasses> by_class{};
};

// The same rows as plain numbers: a sum, a baseline, a difference.
struct CounterTotals {
#define COUNTER(name) uint64_t name = 0;
#include "server/stats/counters.def"
#undef COUNTER
};

struct ClassTotals {
  uint64_t get_hits = 0;
  uint64_t cmd_set = 0;
  uint64_t delete_hits = 0;
  uint64_t incr_hits = 0;
  uint64_t decr_hits = 0;
  uint64_t cas_hits = 0;
  uint64_t cas_badval = 0;
  uint64_t touch_hits = 0;
};
using AllClassTotals = std::array<ClassTotals, kMaxClasses>;

}  // namespace martlet::stats
