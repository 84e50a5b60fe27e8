#include "server/cache/segment_store.h"

#include <algorithm>
#include <new>

namespace martlet::cache {

SegmentStore::SegmentStore(Arena& arena, const Layout& layout)
    : arena_(arena), layout_(layout), table_(reinterpret_cast<Segment*>(arena.at(layout.table_at))) {}

Lease SegmentStore::try_reserve(Log log, uint32_t size, uint32_t& full) {
  auto& open = open_[static_cast<size_t>(log)];
  const uint32_t id = open.load();
  full = id;
  if (id == kNoSegment) return {};
  Segment& segment = row(id);
  // The lease comes first and the look at `open` second, both sequentially consistent, as are the change of `open` and
  // the reclaimer's look at the leases: either we see that it is no longer open, or they see the lease.
  segment.leases.fetch_add(1);
  if (open.load() == id) {
    uint32_t used = segment.used.load(std::memory_order_relaxed);
    while (used + size <= layout_.segment_size) {
      if (segment.used.compare_exchange_weak(used, used + size, std::memory_order_relaxed)) {
        return {&segment, layout_.segment_at(id) + used};
      }
    }
  }
  segment.leases.fetch_sub(1, std::memory_order_release);
  return {};
}

void SegmentStore::open(Log log, uint32_t full, uint32_t id) {
  threads::MutexLock lock(mutex_);
  auto& open = open_[static_cast<size_t>(log)];
  if (open.load() != full) {
    row(id).state.store(SegmentState::free, std::memory_order_release);
    push(free_, id);
    return;
  }
  begin(id);
  open.store(id);
  if (full != kNoSegment) row(full).state.store(SegmentState::sealed, std::memory_order_release);
}

void SegmentStore::begin(uint32_t id) {
  Segment& segment = row(id);
  segment.used.store(0, std::memory_order_relaxed);
  segment.live.store(0, std::memory_order_relaxed);
  segment.latest_expiry.store(0, std::memory_order_relaxed);
  segment.swept_flush.store(0, std::memory_order_relaxed);
  segment.age.store(next_sequence_, std::memory_order_relaxed);
  segment.sequence.store(next_sequence_++, std::memory_order_relaxed);
  segment.state.store(SegmentState::open, std::memory_order_release);
}

void SegmentStore::open_private(uint32_t id, uint64_t age) {
  threads::MutexLock lock(mutex_);
  begin(id);
  row(id).age.store(age, std::memory_order_relaxed);
}

void SegmentStore::reseal(uint32_t id) { row(id).state.store(SegmentState::sealed, std::memory_order_release); }

void SegmentStore::push(List& list, uint32_t id) {
  row(id).next_free = list.head;
  list.head = id;
  ++list.size;
}

uint32_t SegmentStore::pop(List& list) {
  const uint32_t id = list.head;
  if (id == kNoSegment) return id;
  list.head = row(id).next_free;
  --list.size;
  return id;
}

uint32_t SegmentStore::take_free(uint32_t leave) {
  threads::MutexLock lock(mutex_);
  while (existing() > budget() && free_.size > kMoverReserve) retire(pop(free_));
  const uint32_t unborn = budget() > existing() ? budget() - existing() : 0;
  if (free_.size + unborn <= leave) return kNoSegment;
  if (free_.size > 0) return pop(free_);
  existing_.fetch_add(1, std::memory_order_relaxed);
  if (unbacked_.size > 0) return pop(unbacked_);
  const uint32_t id = known_.load(std::memory_order_relaxed);
  new (&table_[id]) Segment;
  known_.store(id + 1, std::memory_order_release);
  return id;
}

void SegmentStore::put_free(uint32_t id) {
  threads::MutexLock lock(mutex_);
  row(id).state.store(SegmentState::free, std::memory_order_release);
  push(free_, id);
}

void SegmentStore::retire(uint32_t id) {
  row(id).state.store(SegmentState::unbacked, std::memory_order_release);
  arena_.give_back(layout_.segment_at(id), layout_.segment_size);
  push(unbacked_, id);
  existing_.fetch_sub(1, std::memory_order_relaxed);
}

void SegmentStore::drained(uint32_t id) {
  if (row(id).pins.load(std::memory_order_acquire) != 0) {
    row(id).state.store(SegmentState::quarantine, std::memory_order_release);
  } else {
    put_free(id);
  }
}

void SegmentStore::set_units(uint32_t units) {
  threads::MutexLock lock(mutex_);
  units_ = std::min(units, layout_.max_segments);
  set_budget();
}

void SegmentStore::pay_index(uint32_t id) {
  threads::MutexLock lock(mutex_);
  index_units_.fetch_add(1, std::memory_order_relaxed);
  set_budget();
  if (id != kNoSegment) retire(id);
}

void SegmentStore::refund_index() {
  threads::MutexLock lock(mutex_);
  index_units_.fetch_sub(1, std::memory_order_relaxed);
  set_budget();
}

void SegmentStore::set_budget() {
  budget_.store(units_ > index_units() ? units_ - index_units() : 0, std::memory_order_relaxed);
}

uint64_t SegmentStore::live_bytes() const {
  uint64_t sum = 0;
  const uint32_t known = known_.load(std::memory_order_acquire);
  for (uint32_t id = 0; id < known; ++id) {
    const SegmentState state = row(id).state.load(std::memory_order_relaxed);
    if (state == SegmentState::free || state == SegmentState::unbacked) continue;
    sum += row(id).live.load(std::memory_order_relaxed);
  }
  return sum;
}

void SegmentStore::raise_expiry(Location location, RelTime exptime) {
  auto& latest = row_of(location).latest_expiry;
  const RelTime wanted = exptime == kNever ? kNeverExpires : exptime;
  RelTime present = latest.load(std::memory_order_relaxed);
  while (present < wanted && !latest.compare_exchange_weak(present, wanted, std::memory_order_relaxed)) {
  }
}

void SegmentStore::flush() {
  threads::MutexLock lock(mutex_);
  flush_sequence_.store(next_sequence_, std::memory_order_release);
  for (auto& open : open_) {
    const uint32_t id = open.load();
    if (id == kNoSegment) continue;
    open.store(kNoSegment);
    row(id).state.store(SegmentState::sealed, std::memory_order_release);
  }
}

void SegmentStore::pin(Location location) {
  if (row_of(location).pins.fetch_add(1, std::memory_order_relaxed) == 0) {
    pinned_segments_.fetch_add(1, std::memory_order_relaxed);
  }
}

void SegmentStore::unpin(Location location) {
  if (row_of(location).pins.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    pinned_segments_.fetch_sub(1, std::memory_order_relaxed);
  }
}

bool SegmentStore::pin_upload(Location location, uint32_t quota) {
  Segment& segment = row_of(location);
  if (segment.uploads.fetch_add(1, std::memory_order_relaxed) != 0) return true;
  if (upload_segments_.fetch_add(1, std::memory_order_relaxed) < quota) return true;
  unpin_upload(location);
  return false;
}

void SegmentStore::unpin_upload(Location location) {
  if (row_of(location).uploads.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    upload_segments_.fetch_sub(1, std::memory_order_relaxed);
  }
}

bool SegmentStore::reusable(const Segment& row) const {
  return row.leases.load() == 0 && row.uploads.load(std::memory_order_acquire) == 0;
}

Victim SegmentStore::pick(const PickRules& rules) {
  Victim clean;
  Victim oldest;
  Victim sweep;
  bool busy = false;
  uint32_t least_live = rules.clean_live;
  uint64_t least_age = UINT64_MAX;
  const uint64_t flush_now = flush_sequence();
  const uint32_t known = known_.load(std::memory_order_acquire);
  for (uint32_t id = 0; id < known; ++id) {
    Segment& segment = row(id);
    const SegmentState state = segment.state.load(std::memory_order_acquire);
    if (state == SegmentState::quarantine && segment.pins.load(std::memory_order_acquire) == 0) {
      put_free(id);
      return {Victim::Kind::dead, id, false};
    }
    if (state == SegmentState::draining) busy = true;
    if (state != SegmentState::sealed) continue;
    if (!reusable(segment)) {
      busy = busy || segment.leases.load(std::memory_order_relaxed) != 0;
      continue;
    }
    const uint32_t live = segment.live.load(std::memory_order_acquire);
    if (segment.pins.load(std::memory_order_acquire) != 0) continue;
    if (live == 0) {
      put_free(id);
      return {Victim::Kind::dead, id, false};
    }
    const bool flushed = segment.sequence.load(std::memory_order_relaxed) < flush_now &&
                         segment.swept_flush.load(std::memory_order_relaxed) < flush_now;
    const RelTime latest = segment.latest_expiry.load(std::memory_order_relaxed);
    if (flushed || (latest != kNeverExpires && expired(latest, rules.now))) sweep = {Victim::Kind::sweep, id, false};
    if (rules.clean && live < least_live &&
        segment.used.load(std::memory_order_relaxed) >= live + rules.clean_garbage) {
      least_live = live;
      clean = {Victim::Kind::clean, id, false};
    }
    const uint64_t age = segment.age.load(std::memory_order_relaxed);
    if (rules.evict && age < least_age) {
      least_age = age;
      oldest = {Victim::Kind::evict, id, false};
    }
  }
  for (const Victim* choice : {&sweep, &clean, &oldest}) {
    if (choice->kind == Victim::Kind::none) continue;
    row(choice->id).state.store(SegmentState::draining, std::memory_order_release);
    return *choice;
  }
  return {Victim::Kind::none, kNoSegment, busy};
}

}  // namespace martlet::cache
