#include "server/cache/segment_store.h"

#include <algorithm>
#include <new>

namespace martlet::cache {

SegmentStore::SegmentStore(Arena& arena, const Layout& layout)
    : arena_(arena), layout_(layout), table_(reinterpret_cast<Segment*>(arena.at(layout.table_at))) {
  for (auto& open : open_) open.store(kNoSegment, std::memory_order_relaxed);
}

Lease SegmentStore::try_reserve(unsigned log, uint32_t size, uint32_t& full) {
  auto& open = open_[log];
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

void SegmentStore::open(unsigned log, uint32_t full, uint32_t id) {
  threads::MutexLock lock(mutex_);
  auto& open = open_[log];
  if (open.load() != full) {
    row(id).state.store(SegmentState::free, std::memory_order_release);
    push(free_, id);
    free_count_.store(free_.size, std::memory_order_relaxed);
    return;
  }
  begin(id);
  row(id).queue.store(Queue::small, std::memory_order_relaxed);
  row(id).log.store(static_cast<uint8_t>(log), std::memory_order_relaxed);
  open.store(id);
  if (full != kNoSegment) seal(full);
}

void SegmentStore::close(unsigned log) {
  threads::MutexLock lock(mutex_);
  const uint32_t id = open_[log].load();
  if (id == kNoSegment) return;
  open_[log].store(kNoSegment);
  seal(id);
}

void SegmentStore::begin(uint32_t id) {
  Segment& segment = row(id);
  segment.used.store(0, std::memory_order_relaxed);
  segment.live.store(0, std::memory_order_relaxed);
  segment.latest_expiry.store(0, std::memory_order_relaxed);
  segment.next_expiry.store(kNeverExpires, std::memory_order_relaxed);
  segment.swept_flush.store(0, std::memory_order_relaxed);
  segment.sequence.store(next_sequence_++, std::memory_order_relaxed);
  segment.state.store(SegmentState::open, std::memory_order_release);
}

// Appends under way may still add to it: a lease keeps it from being taken back.
void SegmentStore::seal(uint32_t id) {
  bytes_written_.fetch_add(row(id).used.load(std::memory_order_relaxed), std::memory_order_relaxed);
  enqueue(id, Queue::small, kNoSegment);
  row(id).state.store(SegmentState::sealed, std::memory_order_release);
}

void SegmentStore::push(List& list, uint32_t id) {
  row(id).next = list.head;
  list.head = id;
  ++list.size;
}

uint32_t SegmentStore::pop(List& list) {
  const uint32_t id = list.head;
  if (id == kNoSegment) return id;
  list.head = row(id).next;
  --list.size;
  return id;
}

uint32_t SegmentStore::take_free(uint32_t leave) {
  retire_excess();
  threads::MutexLock lock(mutex_);
  free_count_.store(free_.size, std::memory_order_relaxed);
  const uint32_t unborn = budget() > existing() ? budget() - existing() : 0;
  if (free_.size + unborn <= leave) return kNoSegment;
  if (free_.size > 0) {
    free_count_.store(free_.size - 1, std::memory_order_relaxed);
    return pop(free_);
  }
  existing_.fetch_add(1, std::memory_order_relaxed);
  if (unbacked_.size > 0) return pop(unbacked_);
  const uint32_t id = known_.load(std::memory_order_relaxed);
  new (&table_[id]) Segment;
  known_.store(id + 1, std::memory_order_release);
  return id;
}

// Memory is given back without the mutex: that takes longer than anything done under it.
void SegmentStore::retire_excess() {
  while (existing() > budget()) {
    uint32_t id = kNoSegment;
    {
      threads::MutexLock lock(mutex_);
      if (existing() <= budget() || free_.size <= kMoverReserve) return;
      id = pop(free_);
      free_count_.store(free_.size, std::memory_order_relaxed);
      existing_.fetch_sub(1, std::memory_order_relaxed);
    }
    retire(id);
  }
}

uint32_t SegmentStore::available() const {
  const uint32_t free = free_count_.load(std::memory_order_relaxed);
  const uint32_t allowed = budget();
  const uint32_t present = existing();
  if (present <= allowed) return free + (allowed - present);
  return free > present - allowed ? free - (present - allowed) : 0;
}

void SegmentStore::put_free(uint32_t id) {
  threads::MutexLock lock(mutex_);
  row(id).state.store(SegmentState::free, std::memory_order_release);
  push(free_, id);
  free_count_.store(free_.size, std::memory_order_relaxed);
}

// Of a segment in no list.
void SegmentStore::retire(uint32_t id) {
  arena_.give_back(layout_.segment_at(id), layout_.segment_size);
  threads::MutexLock lock(mutex_);
  row(id).state.store(SegmentState::unbacked, std::memory_order_release);
  push(unbacked_, id);
}

void SegmentStore::set_units(uint32_t units) {
  threads::MutexLock lock(mutex_);
  units_ = std::min(units, layout_.max_segments);
  set_budget();
}

void SegmentStore::pay_index(uint32_t id) {
  {
    threads::MutexLock lock(mutex_);
    index_units_.fetch_add(1, std::memory_order_relaxed);
    set_budget();
    if (id != kNoSegment) existing_.fetch_sub(1, std::memory_order_relaxed);
  }
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

void SegmentStore::note_expiry(Location location, RelTime exptime) {
  Segment& segment = row_of(location);
  const RelTime wanted = exptime == kNever ? kNeverExpires : exptime;
  RelTime latest = segment.latest_expiry.load(std::memory_order_relaxed);
  while (latest < wanted && !segment.latest_expiry.compare_exchange_weak(latest, wanted, std::memory_order_relaxed)) {
  }
  if (wanted == kNeverExpires) return;
  note_expiring();
  lower_next_expiry(layout_.segment_of(location), wanted);
}

void SegmentStore::lower_next_expiry(uint32_t id, RelTime to) {
  auto& next = row(id).next_expiry;
  RelTime present = next.load(std::memory_order_relaxed);
  while (present > to && !next.compare_exchange_weak(present, to, std::memory_order_relaxed)) {
  }
}

void SegmentStore::flush() {
  threads::MutexLock lock(mutex_);
  flush_sequence_.store(next_sequence_, std::memory_order_release);
  for (auto& open : open_) {
    const uint32_t id = open.load();
    if (id == kNoSegment) continue;
    open.store(kNoSegment);
    seal(id);
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

}  // namespace martlet::cache
