// StatsFold: the sum of all threads' counters, minus what they were at the last `stats reset`.
#pragma once

#include <vector>

#include "server/stats/thread_stats.h"
#include "threads/mutex.h"

namespace martlet::stats {

class StatsFold {
 public:
  // The threads' counters; they outlive the fold.
  explicit StatsFold(std::vector<const ThreadStats*> threads) : threads_(std::move(threads)) {}

  // Since the last reset. Any thread.
  CounterTotals totals() const EXCLUDES(mu_);
  AllClassTotals class_totals() const EXCLUDES(mu_);

  // Makes the present sums the baseline. Any thread.
  void reset() EXCLUDES(mu_);

 private:
  CounterTotals sum() const;
  AllClassTotals class_sum() const;

  const std::vector<const ThreadStats*> threads_;
  mutable threads::Mutex mu_;
  CounterTotals baseline_ GUARDED_BY(mu_);
  AllClassTotals class_baseline_ GUARDED_BY(mu_){};
};

}  // namespace martlet::stats
