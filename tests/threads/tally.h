// Tally: a count that one thread raises and another waits for.
#pragma once

#include <chrono>
#include <cstdint>

#include "threads/mutex.h"

namespace martlet::threads {

class Tally {
 public:
  void add() EXCLUDES(mu_) {
    {
      MutexLock lock(mu_);
      ++count_;
    }
    cond_.notify_all();
  }

  uint64_t count() EXCLUDES(mu_) {
    MutexLock lock(mu_);
    return count_;
  }

  // False when the count did not come to `wanted` in time; the limit is far above what a loaded machine needs.
  bool reaches(uint64_t wanted) EXCLUDES(mu_) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    MutexLock lock(mu_);
    while (count_ < wanted) {
      if (std::chrono::steady_clock::now() >= end) return false;
      cond_.wait_for(mu_, std::chrono::milliseconds(100));
    }
    return true;
  }

 private:
  Mutex mu_;
  CondVar cond_;
  uint64_t count_ GUARDED_BY(mu_) = 0;
};

}  // namespace martlet::threads
