// IdleTimeout: the idle-timeout thread. It touches no connection: it sleeps until the soonest time at which one could
// be overdue, as the workers publish it, then tells the workers concerned to sweep; they look again at state and age.
//
// Every connection that begins to wait does so for at least `shortest` ms, so sleeping at most that long finds any
// deadline published meanwhile in time; no one has to wake this thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "threads/background_thread.h"
#include "threads/worker_pool.h"

namespace martlet::threads {

inline constexpr uint64_t kNoDeadline = UINT64_MAX;

class IdleTimeout {
 public:
  // `deadlines`: one a worker, in monotonic ms, kNoDeadline when nothing waits; written by the worker, read here.
  // `now_ms`: the clock they are in. `shortest`: of all limits in force, > 0. All outlive this object.
  IdleTimeout(WorkerPool& workers, std::vector<const std::atomic<uint64_t>*> deadlines,
              std::function<uint64_t()> now_ms, std::chrono::milliseconds shortest);

  [[nodiscard]] bool start() { return thread_.start(); }
  void stop() { thread_.stop(); }

  // One turn: posts sweep to every worker whose deadline has passed (once, until it published another), and returns how
  // long to sleep. What the thread runs; tests call it with a manual clock.
  std::chrono::milliseconds step();

 private:
  // Posts sweep; false when no memory could be had.
  bool tell(size_t worker, uint64_t now);

  WorkerPool& workers_;
  const std::vector<const std::atomic<uint64_t>*> deadlines_;
  const std::function<uint64_t()> now_ms_;
  const std::chrono::milliseconds shortest_;
  std::vector<uint64_t> told_;  // a worker's deadline that it was told of and that still stands, else kNoDeadline
  BackgroundThread thread_;     // last: ends before the rest goes
};

}  // namespace martlet::threads
