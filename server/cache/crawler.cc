#include "server/cache/crawler.h"

#include <algorithm>

#include "server/cache/drain.h"

namespace martlet::cache {

bool Crawler::due() const {
  if (under_way_.load(std::memory_order_relaxed)) return true;
  if (storage_.segments.flush_sequence() > last_flush_.load(std::memory_order_relaxed)) return true;
  return storage_.segments.has_expiring() && storage_.clock.now() != last_round_.load(std::memory_order_relaxed);
}

void Crawler::step() {
  if (!under_way_.load(std::memory_order_relaxed)) begin_round();
  if (visit_.id != kNoSegment) {
    go_on();
  } else {
    find_segment();
  }
}

void Crawler::begin_round() {
  under_way_.store(true, std::memory_order_relaxed);
  last_round_.store(storage_.clock.now(), std::memory_order_relaxed);
  last_flush_.store(storage_.segments.flush_sequence(), std::memory_order_relaxed);
  storage_.segments.forget_expiring();  // whoever stores one from here on says so again
  cursor_ = 0;
  count(storage_.events.crawler_starts);
}

void Crawler::find_segment() {
  const uint32_t end = std::min(storage_.segments.known(), cursor_ + kRows);
  while (cursor_ < end) {
    const uint32_t id = cursor_++;
    if (storage_.segments.row(id).next_expiry.load(std::memory_order_relaxed) != kNeverExpires) {
      storage_.segments.note_expiring();
    }
    if (worth_a_visit(id)) return begin_visit(id);
  }
  if (cursor_ >= storage_.segments.known()) under_way_.store(false, std::memory_order_relaxed);
}

bool Crawler::worth_a_visit(uint32_t id) const {
  const Segment& row = storage_.segments.row(id);
  if (row.state.load(std::memory_order_acquire) != SegmentState::sealed || row.leases.load() != 0) return false;
  const uint64_t flush = storage_.segments.flush_sequence();
  if (row.sequence.load(std::memory_order_relaxed) < flush && row.swept_flush.load(std::memory_order_relaxed) < flush) {
    return row.live.load(std::memory_order_relaxed) != 0;
  }
  return row.next_expiry.load(std::memory_order_relaxed) <= storage_.clock.now();
}

// A touch that brings an expiry forward during the visit lowers next_expiry again.
void Crawler::begin_visit(uint32_t id) {
  Segment& row = storage_.segments.row(id);
  visit_ = {};
  visit_.id = id;
  visit_.sequence = row.sequence.load(std::memory_order_relaxed);
  row.next_expiry.store(kNeverExpires, std::memory_order_relaxed);
  row.swept_flush.store(storage_.segments.flush_sequence(), std::memory_order_relaxed);
}

// Between two steps the segment may have been taken back: then the visit is over.
void Crawler::go_on() {
  const Segment& row = storage_.segments.row(visit_.id);
  if (row.state.load(std::memory_order_acquire) != SegmentState::sealed ||
      row.sequence.load(std::memory_order_relaxed) != visit_.sequence) {
    visit_.id = kNoSegment;
    return;
  }
  const Location begin = storage_.segments.layout().segment_at(visit_.id);
  const uint32_t end = row.used.load(std::memory_order_relaxed);
  uint32_t items = 0;
  for (; items < kStepItems && visit_.offset < end; ++items) {
    const Record record = storage_.record(begin + visit_.offset);
    look_at(begin + visit_.offset, record);
    visit_.offset += record.size();
  }
  count(storage_.events.crawler_items_checked, items);
  if (visit_.offset >= end) end_visit();
}

void Crawler::look_at(Location at, const Record& record) {
  if (record.kind() == RecordKind::chunk) return;  // goes with its owner
  storage_.classes.crawler_checked(record.size());
  const RelTime now = storage_.clock.now();
  const RelTime exptime = record.exptime();
  if (!expired(exptime, now) && !storage_.segments.flushed(at)) {
    if (exptime == kNever) return;
    visit_.soonest = std::min(visit_.soonest, exptime);
    visit_.latest = std::max(visit_.latest, exptime);
    return;
  }
  BucketGuard guard(storage_.index, storage_.hash_of(record));
  const Slot slot = Storage::find_location(guard, at);
  if (!slot) return;
  const Gone why = storage_.gone(at);
  if (why == Gone::no) return;  // touched just now
  if (why == Gone::expired) {
    count(storage_.events.crawler_reclaimed);
    storage_.classes.crawler_reclaimed(storage_.item_size(record));
  }
  storage_.drop_gone(guard, slot, why);
}

// The next visit is due when something more expires, but not for every second of a segment whose items expire one by
// one.
void Crawler::end_visit() {
  const uint32_t id = visit_.id;
  visit_.id = kNoSegment;
  if (visit_.soonest == kNeverExpires) return;
  const RelTime now = storage_.clock.now();
  const RelTime pause = std::clamp<RelTime>((visit_.latest - now) / 16, 1, kLongestPause);
  storage_.segments.lower_next_expiry(id, std::max(visit_.soonest, now + pause));
}

}  // namespace martlet::cache
