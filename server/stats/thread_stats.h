// ThreadStats: one thread's counters. Only its owner writes, so adding is a load and a store without a lock prefix; any
// thread may read at any time.
#pragma once

#include <atomic>
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

// Aligned so that two threads' counters share no cache line.
struct alignas(64) ThreadStats {
#define COUNTER(name) Counter name;
#include "server/stats/counters.def"
#undef COUNTER
};

// The same rows as plain numbers: a sum, a baseline, a difference.
struct CounterTotals {
#define COUNTER(name) uint64_t name = 0;
#include "server/stats/counters.def"
#undef COUNTER
};

}  // namespace martlet::stats
