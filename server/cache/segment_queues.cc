// The queues of sealed segments, and the store's figures.
#include "server/cache/segment_store.h"

namespace martlet::cache {

void SegmentStore::open_private(uint32_t id, Queue queue, uint32_t before) {
  threads::MutexLock lock(mutex_);
  begin(id);
  row(id).log.store(kLogs, std::memory_order_relaxed);  // of none
  enqueue(id, queue, before);
}

// Before `before`, or at the end.
void SegmentStore::enqueue(uint32_t id, Queue queue, uint32_t before) {
  List& list = queues_[static_cast<size_t>(queue)];
  Segment& segment = row(id);
  segment.queue.store(queue, std::memory_order_relaxed);
  segment.next = before;
  segment.prev = before == kNoSegment ? list.tail : row(before).prev;
  (segment.prev == kNoSegment ? list.head : row(segment.prev).next) = id;
  (before == kNoSegment ? list.tail : row(before).prev) = id;
  queued_[static_cast<size_t>(queue)].fetch_add(1, std::memory_order_relaxed);
}

void SegmentStore::dequeue(uint32_t id) {
  Segment& segment = row(id);
  const auto queue = static_cast<size_t>(segment.queue.load(std::memory_order_relaxed));
  List& list = queues_[queue];
  (segment.prev == kNoSegment ? list.head : row(segment.prev).next) = segment.next;
  (segment.next == kNoSegment ? list.tail : row(segment.next).prev) = segment.prev;
  queued_[queue].fetch_sub(1, std::memory_order_relaxed);
}

uint32_t SegmentStore::oldest(Queue queue) const {
  threads::MutexLock lock(mutex_);
  uint32_t id = queues_[static_cast<size_t>(queue)].head;
  while (id != kNoSegment && !takeable(id)) id = row(id).next;
  return id;
}

bool SegmentStore::takeable(uint32_t id) const {
  const Segment& segment = row(id);
  return segment.state.load(std::memory_order_acquire) == SegmentState::sealed && segment.leases.load() == 0 &&
         segment.uploads.load(std::memory_order_acquire) == 0 && segment.pins.load(std::memory_order_acquire) == 0;
}

void SegmentStore::drained(uint32_t id) {
  {
    threads::MutexLock lock(mutex_);
    dequeue(id);
  }
  if (row(id).pins.load(std::memory_order_acquire) != 0) {
    row(id).state.store(SegmentState::quarantine, std::memory_order_release);
  } else {
    put_free(id);
  }
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

void SegmentStore::count(SegmentFigures& out) const {
  out.segment_size = layout_.segment_size;
  out.segments = budget();
  out.free = available();
  out.small_queue = queued(Queue::small);
  out.main_queue = queued(Queue::main);
  out.bytes_written = bytes_written();
  out.index_segments = index_units();
  out.pinned_segments = pinned_segments();
  out.upload_segments = upload_segments();
  const uint32_t rows = known();
  for (uint32_t id = 0; id < rows; ++id) {
    const Segment& segment = row(id);
    const SegmentState state = segment.state.load(std::memory_order_relaxed);
    if (state == SegmentState::quarantine) ++out.quarantined;
    if (state != SegmentState::open && state != SegmentState::sealed && state != SegmentState::draining) continue;
    ++(state == SegmentState::open ? out.open : state == SegmentState::sealed ? out.sealed : out.draining);
    out.used_bytes += segment.used.load(std::memory_order_relaxed);
    out.live_bytes += segment.live.load(std::memory_order_relaxed);
    const uint8_t log = segment.log.load(std::memory_order_relaxed);
    if (segment.queue.load(std::memory_order_relaxed) == Queue::small && log < kMostItemLogs) {
      ++out.ttl_class[log].segments;
    }
  }
}

}  // namespace martlet::cache
