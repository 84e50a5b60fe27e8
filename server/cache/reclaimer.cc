#include "server/cache/reclaimer.h"

#include <sched.h>

#include <cstring>

namespace martlet::cache {
namespace {

constexpr int kMostRounds = 4096;       // of looking for a segment, before the store is refused
constexpr int kMostMoves = 32;          // segments cleaned for one that is needed
constexpr int kMostSplits = 4;          // buckets split after one store, to catch up with a delayed thread's
constexpr RelTime kActiveSeconds = 60;  // an item hit within them counts as active when it is evicted

void count(std::atomic<uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

Lease Reclaimer::reserve(Log log, uint32_t size) {
  for (;;) {
    uint32_t full = kNoSegment;
    if (Lease lease = storage_.segments.try_reserve(log, size, full)) return lease;
    const uint32_t id = acquire();
    if (id == kNoSegment) return {};
    storage_.segments.open(log, full, id);
  }
}

uint32_t Reclaimer::acquire() {
  SegmentStore& segments = storage_.segments;
  const uint32_t size = segments.layout().segment_size;
  PickRules rules;
  rules.evict = evict_;
  // Without eviction whatever can be gained is worth a move, but not one that only shuffles the ends of segments.
  rules.clean_live = evict_ ? size / 2 : size;
  rules.clean_garbage = evict_ ? 1 : size / 16;
  int moves = 0;
  for (int round = 0; round < kMostRounds; ++round) {
    if (const uint32_t id = segments.take_free(kMoverReserve); id != kNoSegment) return id;
    Victim victim;
    {
      threads::MutexLock lock(mutex_);
      if (const uint32_t id = segments.take_free(kMoverReserve); id != kNoSegment) return id;
      rules.now = storage_.clock.now();
      victim = segments.pick(rules);
      if (victim.kind == Victim::Kind::sweep || victim.kind == Victim::Kind::clean) {
        if (!take_back(victim)) rules.clean = false;
        if (victim.kind == Victim::Kind::clean && ++moves == kMostMoves) rules.clean = false;
        continue;
      }
    }
    if (victim.kind == Victim::Kind::evict) evict(victim.id);
    if (victim.kind == Victim::Kind::none) {
      if (!victim.busy) return kNoSegment;
      sched_yield();
    }
  }
  return kNoSegment;
}

// False when cleaning had to stop half way.
bool Reclaimer::take_back(const Victim& victim) {
  if (victim.kind == Victim::Kind::sweep) {
    if (sweep(victim.id)) {
      storage_.segments.drained(victim.id);
    } else {
      storage_.segments.reseal(victim.id);
    }
    return true;
  }
  if (mover_.empty(victim.id)) {
    storage_.segments.drained(victim.id);
    return true;
  }
  storage_.segments.reseal(victim.id);
  return false;
}

// True when nothing is linked any more. Otherwise the segment says no longer that a sweep would pay.
bool Reclaimer::sweep(uint32_t id) {
  Segment& row = storage_.segments.row(id);
  row.swept_flush.store(storage_.segments.flush_sequence(), std::memory_order_relaxed);
  bool empty = true;
  walk_segment(storage_, id, [&](Location at, const Record& record) {
    if (!sweep_record(at, record)) empty = false;
    return true;
  });
  if (!empty) row.latest_expiry.store(kNeverExpires, std::memory_order_relaxed);
  return empty;
}

bool Reclaimer::sweep_record(Location at, const Record& record) {
  const bool chunk = record.kind() == RecordKind::chunk;
  BucketGuard guard(storage_.index, chunk ? record.owner_hash() : storage_.index.hash(record.key()));
  const Slot slot = chunk ? storage_.find_owner(guard, at) : Storage::find_location(guard, at);
  if (!slot) return true;
  const Gone why = storage_.gone(slot.location());
  if (why == Gone::no) return false;
  storage_.drop_gone(guard, slot, why);
  return true;
}

void Reclaimer::evict(uint32_t id) {
  walk_segment(storage_, id, [&](Location at, const Record& record) {
    evict_record(at, record);
    return true;
  });
  storage_.segments.drained(id);
}

void Reclaimer::evict_record(Location at, const Record& record) {
  const bool chunk = record.kind() == RecordKind::chunk;
  ItemView view;
  char key[kMaxKey];
  size_t key_size = 0;
  {
    BucketGuard guard(storage_.index, chunk ? record.owner_hash() : storage_.index.hash(record.key()));
    const Slot slot = chunk ? storage_.find_owner(guard, at) : Storage::find_location(guard, at);
    if (!slot) return;
    if (const Gone why = storage_.gone(slot.location()); why != Gone::no) {
      storage_.drop_gone(guard, slot, why);
      return;
    }
    const Record item = storage_.record(slot.location());
    storage_.describe(item, view);
    key_size = item.key_length();
    std::memcpy(key, item.key().data(), key_size);
    storage_.unlink(guard, slot);
  }
  const bool active = view.fetched && view.last_access + kActiveSeconds >= storage_.clock.now();
  storage_.classes.evicted(view, active, storage_.clock.now());
  count(storage_.events.evictions);
  if (!view.fetched) {
    count(storage_.events.evicted_unfetched);
  } else if (active) {
    count(storage_.events.evicted_active);
  }
  if (!on_eviction_) return;
  // An item's value lies in the segment that is ours; a large one's pieces may be used again already.
  if (record.kind() == RecordKind::item) view.value = PinnedBytes::transient(record.value());
  on_eviction_(std::string_view(key, key_size), view);
}

// One segment's memory, given up by the log for the index.
bool Reclaimer::pay() {
  const uint32_t id = acquire();
  if (id == kNoSegment) return false;
  storage_.segments.pay_index(id);
  return true;
}

uint32_t Reclaimer::overflow_bucket() {
  for (;;) {
    if (const uint32_t number = storage_.index.take_overflow(); number != 0) return number;
    if (!pay()) return 0;
    if (!storage_.index.pay_overflow(storage_.segments.layout().segment_size)) {
      storage_.segments.refund_index();
      return 0;
    }
  }
}

void Reclaimer::grow_index() {
  for (int steps = 0; steps < kMostSplits && storage_.index.behind();) {
    const HashIndex::Growth growth = storage_.index.grow();
    if (growth == HashIndex::Growth::enough) return;
    if (growth == HashIndex::Growth::split) {
      ++steps;
      continue;
    }
    if (!pay()) return;
    if (!storage_.index.pay_buckets(storage_.segments.layout().segment_size)) {
      storage_.segments.refund_index();
      return;
    }
  }
}

bool Reclaimer::fit_budget() {
  SegmentStore& segments = storage_.segments;
  if (segments.existing() <= segments.budget()) return true;
  const uint32_t id = acquire();  // none is had before those beyond the budget are gone
  if (id == kNoSegment) return false;
  segments.put_free(id);
  return true;
}

}  // namespace martlet::cache
