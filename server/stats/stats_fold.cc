// Counters are read relaxed while their owners add to them: a sum is exact once the owners rest, and never behind what
// was read before. reset() and totals() sum under the lock, so a sum is never below the baseline it is compared with.
#include "server/stats/stats_fold.h"

namespace martlet::stats {
namespace {

struct ClassColumn {
  Counter ClassCommands::*counter;
  uint64_t ClassTotals::*total;
};
constexpr ClassColumn kClassColumns[] = {
    {&ClassCommands::get_hits, &ClassTotals::get_hits},       {&ClassCommands::cmd_set, &ClassTotals::cmd_set},
    {&ClassCommands::delete_hits, &ClassTotals::delete_hits}, {&ClassCommands::incr_hits, &ClassTotals::incr_hits},
    {&ClassCommands::decr_hits, &ClassTotals::decr_hits},     {&ClassCommands::cas_hits, &ClassTotals::cas_hits},
    {&ClassCommands::cas_badval, &ClassTotals::cas_badval},   {&ClassCommands::touch_hits, &ClassTotals::touch_hits},
};

}  // namespace

CounterTotals StatsFold::totals() const {
  const threads::MutexLock lock(mu_);
  CounterTotals out = sum();
#define COUNTER(name) out.name -= baseline_.name;
#include "server/stats/counters.def"
#undef COUNTER
  return out;
}

AllClassTotals StatsFold::class_totals() const {
  const threads::MutexLock lock(mu_);
  AllClassTotals out = class_sum();
  for (size_t i = 0; i < kMaxClasses; ++i) {
    for (const ClassColumn& column : kClassColumns) out[i].*column.total -= class_baseline_[i].*column.total;
  }
  return out;
}

void StatsFold::reset() {
  const threads::MutexLock lock(mu_);
  baseline_ = sum();
  class_baseline_ = class_sum();
}

AllClassTotals StatsFold::class_sum() const {
  AllClassTotals out{};
  for (const ThreadStats* thread : threads_) {
    for (size_t i = 0; i < kMaxClasses; ++i) {
      for (const ClassColumn& column : kClassColumns) {
        out[i].*column.total += (thread->by_class[i].*column.counter).get();
      }
    }
  }
  return out;
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
