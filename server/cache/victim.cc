#include "server/cache/victim.h"

#include <algorithm>
#include <utility>

namespace martlet::cache {
namespace {

constexpr uint32_t kSmallQueueShare = 10;  // percent of the segments

}  // namespace

Victim Chooser::choose(RelTime now, uint32_t clean_below) {
  Candidates best;
  best.least_live = clean_below;
  const uint32_t rows = segments_.known();
  const uint32_t window = std::min(rows, kWindow);
  for (uint32_t i = 0; i < window; ++i) {
    if (cursor_ >= rows) cursor_ = 0;
    look_at(cursor_++, now, best);
  }
  if (best.freed != 0) return take(Victim::Kind::dead, kNoSegment);
  if (best.sweep != kNoSegment) return take(Victim::Kind::sweep, best.sweep);
  if (best.clean != kNoSegment) return take(Victim::Kind::clean, best.clean);
  fruitless_ += window;
  if (fruitless_ < (evict_ ? std::min(rows, kSearched) : rows)) return {Victim::Kind::again, kNoSegment, true};
  if (const uint32_t id = evict_ ? to_evict() : kNoSegment; id != kNoSegment) return take(Victim::Kind::evict, id);
  if (fruitless_ < rows) return {Victim::Kind::again, kNoSegment, true};
  fruitless_ = 0;
  return {Victim::Kind::none, kNoSegment, std::exchange(busy_, false)};
}

Victim Chooser::take(Victim::Kind kind, uint32_t id) {
  fruitless_ = 0;
  busy_ = false;
  if (id != kNoSegment) segments_.drain(id);
  return {kind, id, false};
}

void Chooser::look_at(uint32_t id, RelTime now, Candidates& best) {
  Segment& row = segments_.row(id);
  const SegmentState state = row.state.load(std::memory_order_acquire);
  if (state == SegmentState::quarantine && row.pins.load(std::memory_order_acquire) == 0) {
    segments_.put_free(id);
    ++best.freed;
    return;
  }
  if (!segments_.takeable(id)) {
    busy_ = busy_ || segments_.busy(id);
    return;
  }
  const uint32_t live = row.live.load(std::memory_order_acquire);
  if (live == 0 && row.pins.load(std::memory_order_acquire) == 0) {
    segments_.drained(id);
    ++best.freed;
    return;
  }
  if (all_gone(row, now)) best.sweep = id;
  const uint32_t used = row.used.load(std::memory_order_relaxed);
  // Without eviction whatever can be gained is worth a move, but not one that only shuffles the ends of segments.
  const uint32_t garbage = evict_ ? 1 : segments_.layout().segment_size / 16;
  if (live < best.least_live && used >= live + garbage) {
    best.least_live = live;
    best.clean = id;
  }
}

bool Chooser::all_gone(const Segment& row, RelTime now) const {
  const uint64_t flush = segments_.flush_sequence();
  if (row.sequence.load(std::memory_order_relaxed) < flush && row.swept_flush.load(std::memory_order_relaxed) < flush) {
    return true;
  }
  const RelTime latest = row.latest_expiry.load(std::memory_order_relaxed);
  return latest != kNeverExpires && expired(latest, now);
}

uint32_t Chooser::to_evict() const {
  const bool small_first =
      uint64_t{segments_.queued(Queue::small)} * 100 > uint64_t{segments_.budget()} * kSmallQueueShare;
  const uint32_t id = segments_.oldest(small_first ? Queue::small : Queue::main);
  return id != kNoSegment ? id : segments_.oldest(small_first ? Queue::main : Queue::small);
}

}  // namespace martlet::cache
