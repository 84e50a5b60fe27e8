// Reclaimer: finds room. It keeps a few segments free (see Chooser for what is taken back, Drain for how), in steps of
// some microseconds that the background thread does; storing threads help when that falls behind:
//
//   free segments    above `high`     nobody does anything
//                    below `high`     the background thread is woken and works
//                    below `low`      stores pay for what they write: a step or two for each page
//                    none             a store does step after step until there is one, or nothing can be taken back
//
// `high` follows the rate of writing: it lies above `low` by as many segments as were opened while the background
// thread last worked, within kMostAhead of all.
//
// Cleaning goes by how much has been moved lately for what was written: as long as that is less, segments are cleaned
// while an eighth of them is dead; else only when a move gains about what it costs.
//
// The steps happen under one mutex, held for one step at a time. One free segment is left to the Mover, so that
// cleaning can always begin.
//
// Threads: safe from any thread that holds no bucket lock.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "server/cache/cache.h"
#include "server/cache/crawler.h"
#include "server/cache/drain.h"
#include "server/cache/storage.h"
#include "server/cache/ttl_classes.h"
#include "server/cache/victim.h"
#include "threads/mutex.h"

namespace martlet::cache {

class Reclaimer {
 public:
  // `segments`: how many there are at the start.
  Reclaimer(Storage& storage, bool evict, uint32_t segments, Cache::EvictionHook on_eviction);

  // Room for a record (of at most max_record bytes); empty when no memory can be had.
  Lease reserve(const RecordPlan& plan);

  // An overflow bucket for the index; 0 when no memory can be had.
  uint32_t overflow_bucket();

  // Lets the index grow by a few buckets if its load asks for it and memory can be had.
  void grow_index();

  // Brings the segments down to their budget, evicting what it takes. False: some are in use, or eviction is off; they
  // go when they are free.
  bool fit_budget();

  // One step of background work.
  enum class Work : uint8_t {
    none,    // nothing to do until something is written or a second passes
    urgent,  // more may be needed at once
    idle,    // expired items were looked for; there is more of that
  };
  Work work(bool may_crawl);
  // Is there something for work() that no store announces?
  bool pending() const;

  // Called when there is something to do for work(). Set while no thread uses the cache.
  void on_work(std::function<void()> wake) { wake_ = std::move(wake); }
  void wake() const {
    if (wake_) wake_();
  }

  void describe(SegmentFigures& out) const { ttl_.describe(out); }

 private:
  enum class Step : uint8_t { progress, nothing };

  uint32_t acquire();
  uint32_t clean_below() REQUIRES(mutex_);
  Step step(bool& may_clean, uint32_t& done) REQUIRES(mutex_);
  bool make_room();
  void opened(unsigned log);
  void pay_for(uint32_t pages);
  bool shrink_index();
  bool pay(bool wait);
  uint32_t low() const { return few_segments_ ? 1 : 2; }
  uint32_t high() const { return low() + ahead_.load(std::memory_order_relaxed); }

  Storage& storage_;
  const bool evict_;
  const bool few_segments_;
  TtlClasses ttl_;
  std::function<void()> wake_;

  threads::Mutex mutex_;
  Chooser chooser_ GUARDED_BY(mutex_);
  Drain drain_ GUARDED_BY(mutex_);
  Crawler crawler_;                        // step() under mutex_
  int64_t credit_ GUARDED_BY(mutex_) = 0;  // bytes that may be moved by generous cleaning
  uint64_t written_ GUARDED_BY(mutex_) = 0;
  uint64_t moved_ GUARDED_BY(mutex_) = 0;

  std::atomic<uint32_t> opened_{0};  // segments since the background thread last rested
  std::atomic<uint32_t> ahead_{1};
  std::atomic<bool> busy_{false};      // nothing could be taken back but some segments were being appended to
  std::atomic<bool> hopeless_{false};  // nothing could be taken back; a store may change that
};

}  // namespace martlet::cache
