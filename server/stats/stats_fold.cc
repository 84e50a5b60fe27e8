// Counters are read relaxed while their owners add to them: a sum is exact once the owners rest, and never behind what
// was read before. reset() and totals() sum under the lock, so a sum is never below the baseline it is compared with.
#include "server/stats/stats_fold.h"

namespace martlet::stats {

CounterTotals StatsFold::totals() const {
  const threads::MutexLock lock(mu_);
  CounterTotals out = sum();
#define COUNTER(name) out.name -= baseline_.name;
#include "server/stats/counters.def"
#undef COUNTER
  return out;
}

void StatsFold::reset() {
  const threads::MutexLock lock(mu_);
  baseline_ = sum();
}

CounterTotals StatsFold::sum() const {
  CounterTotals out;
  for (const ThreadStats* thread : threads_) {
#define COUNTER(name) out.name += thread->name.get();
#include "server/stats/counters.def"
#undef COUNTER
  }
  return out;
}

}  // namespace martlet::stats
