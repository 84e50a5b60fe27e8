// Reclaimer: finds room. Whoever needs a segment when none is free takes one back itself, in this order:
//
//   dead     nothing linked in it                                              nothing is lost
//   sweep    everything in it expired or flushed: unlinked item by item        nothing is lost
//   clean    less than half of it lives: what lives is moved (see Mover)       nothing is lost
//   evict    the oldest that nobody sends from or uploads into                 items are lost; never with evict off,
//                                                                              when cleaning goes on to any gain
//
// The choice and all but evicting happen under one mutex, which is held for one segment's worth of work at most;
// evicting and the eviction hook run without it.
//
// One free segment is left to the Mover, so that cleaning can always begin.
//
// Threads: safe from any thread that holds no bucket lock.
#pragma once

#include <cstdint>

#include "server/cache/cache.h"
#include "server/cache/mover.h"
#include "server/cache/storage.h"
#include "threads/mutex.h"

namespace martlet::cache {

class Reclaimer {
 public:
  Reclaimer(Storage& storage, bool evict, Cache::EvictionHook on_eviction)
      : storage_(storage), evict_(evict), on_eviction_(std::move(on_eviction)), mover_(storage) {}

  // Room for a record of `size` (<= max_record) bytes; empty when no memory can be had.
  Lease reserve(Log log, uint32_t size);

  // An overflow bucket for the index; 0 when no memory can be had.
  uint32_t overflow_bucket();

  // Lets the index grow by a few buckets if its load asks for it and memory can be had.
  void grow_index();

  // Brings the segments down to their budget, evicting what it takes. False: some are in use, or eviction is off; they
  // go when they are free.
  bool fit_budget();

  uint64_t moved_bytes() const { return mover_.moved_bytes(); }

 private:
  uint32_t acquire();
  bool take_back(const Victim& victim) REQUIRES(mutex_);
  bool sweep(uint32_t id);
  bool sweep_record(Location at, const Record& record);
  void evict(uint32_t id);
  void evict_record(Location at, const Record& record);
  bool pay();

  Storage& storage_;
  const bool evict_;
  const Cache::EvictionHook on_eviction_;

  threads::Mutex mutex_;
  Mover mover_;  // empty() under mutex_
};

}  // namespace martlet::cache
