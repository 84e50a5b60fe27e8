#include "server/cache/drain.h"

#include <algorithm>
#include <cstring>

namespace martlet::cache {
namespace {

constexpr RelTime kActiveSeconds = 60;  // an item hit within them counts as active when it is evicted

}  // namespace

void Drain::begin(const Victim& victim) {
  victim_ = victim;
  offset_ = 0;
  leftover_ = false;
  stuck_ = false;
  Segment& row = storage_.segments.row(victim.id);
  queue_ = row.queue.load(std::memory_order_relaxed);
  if (victim.kind == Victim::Kind::evict) {
    // The first segment may hold nothing but large values, to which all others are to be compared.
    const uint64_t items = storage_.index.items();
    if (!survival_.knows_average() && items != 0) {
      survival_.note(static_cast<uint32_t>(std::min<uint64_t>(storage_.segments.live_bytes() / items, UINT32_MAX)));
    }
    survival_.begin_segment(queue_);
  }
  if (victim.kind == Victim::Kind::sweep) {
    row.swept_flush.store(storage_.segments.flush_sequence(), std::memory_order_relaxed);
  }
}

uint32_t Drain::step() {
  const Location begin = storage_.segments.layout().segment_at(victim_.id);
  const uint32_t end = storage_.segments.row(victim_.id).used.load(std::memory_order_relaxed);
  const uint32_t from = offset_;
  for (uint32_t items = 0; items < kStepItems && offset_ < end && offset_ - from < kStepBytes; ++items) {
    const Record record = storage_.record(begin + offset_);
    const uint32_t size = record.size();
    if (!handle(begin + offset_, record)) {
      stuck_ = leftover_ = true;
      offset_ = end;
      break;
    }
    offset_ += size;
  }
  const uint32_t done = offset_ - from;
  if (offset_ >= end) finish();
  return done;
}

void Drain::finish() {
  SegmentStore& segments = storage_.segments;
  StorageEvents& events = storage_.events;
  if (leftover_) {
    // A sweep does not pay a second time for the same reason.
    if (!stuck_) segments.row(victim_.id).latest_expiry.store(kNeverExpires, std::memory_order_relaxed);
    segments.reseal(victim_.id);
  } else {
    segments.drained(victim_.id);
    count(victim_.kind == Victim::Kind::sweep   ? events.segments_swept
          : victim_.kind == Victim::Kind::clean ? events.segments_cleaned
                                                : events.segments_evicted);
  }
  if (victim_.kind == Victim::Kind::evict) survival_.end_segment();
  victim_.kind = Victim::Kind::none;
}

// False when it cannot be done for want of room.
bool Drain::handle(Location at, const Record& record) {
  if (victim_.kind != Victim::Kind::sweep) return move_or_evict(at, record);
  if (!sweep_record(at, record)) leftover_ = true;
  return true;
}

Slot Drain::find(BucketGuard& guard, Location at, const Record& record) const {
  return record.kind() == RecordKind::chunk ? storage_.find_owner(guard, at) : Storage::find_location(guard, at);
}

// False when it stays.
bool Drain::sweep_record(Location at, const Record& record) {
  BucketGuard guard(storage_.index, storage_.hash_of(record));
  const Slot slot = find(guard, at, record);
  if (!slot) return true;
  const Gone why = storage_.gone(slot.location());
  if (why == Gone::no) return false;
  storage_.drop_gone(guard, slot, why);
  return true;
}

// Cleaned items stay in their queue; where segments are few, there is one target for everything.
Queue Drain::goal() const { return victim_.kind == Victim::Kind::clean && !few_segments_ ? queue_ : Queue::main; }

bool Drain::move_or_evict(Location at, const Record& record) {
  Fate fate = decide(at, record, goal());
  if (fate == Fate::no_room) {
    const bool room = mover_.make_room(goal(), record.size(), victim_.id);
    if (!room && victim_.kind == Victim::Kind::clean) return false;
    may_move_ = room;
    fate = decide(at, record, goal());
    may_move_ = true;
  }
  if (fate == Fate::move) mover_.move_chunk(at, goal());
  if (fate == Fate::evict) tell(record);
  return true;
}

// Does what can be done under the guard: evicts, and moves an item. `move` is left to do for a chunk.
Drain::Fate Drain::decide(Location at, const Record& record, Queue queue) {
  BucketGuard guard(storage_.index, storage_.hash_of(record));
  const Slot slot = find(guard, at, record);
  if (!slot) return Fate::nothing;
  if (const Gone why = storage_.gone(slot.location()); why != Gone::no) {
    storage_.drop_gone(guard, slot, why);
    return Fate::nothing;
  }
  const Fate fate = judge(slot, record);
  if (fate == Fate::evict) evict(guard, slot);
  if (fate != Fate::move) return fate;
  if (record.kind() == RecordKind::chunk) return Fate::move;
  unsigned frequency = slot.frequency();
  if (victim_.kind == Victim::Kind::evict) frequency = queue_ == Queue::small ? 0 : frequency - 1;
  mover_.move_item(guard, slot, queue, frequency);
  return Fate::nothing;
}

Drain::Fate Drain::judge(const Slot& slot, const Record& record) {
  const uint32_t bytes = record.size();
  if (victim_.kind == Victim::Kind::clean) return mover_.has_room(goal(), bytes) ? Fate::move : Fate::no_room;
  const uint32_t size = slot.large() ? storage_.record(slot.location()).value_size() : bytes;
  const bool chunk = record.kind() == RecordKind::chunk;
  if (!chunk) survival_.note(size);
  // A chunk follows its item, whose hits were taken off when it survived.
  const bool follows =
      chunk && queue_ == Queue::small && storage_.segments.row_of(slot.location()).queue.load() == Queue::main;
  if (!follows && !survival_.would_keep(slot.frequency(), size, bytes)) return Fate::evict;
  if (!mover_.has_room(goal(), bytes)) return may_move_ ? Fate::no_room : Fate::evict;
  survival_.keep(bytes);
  return Fate::move;
}

void Drain::evict(BucketGuard& guard, const Slot& slot) {
  const Record item = storage_.record(slot.location());
  storage_.describe(item, view_);
  key_size_ = item.key_length();
  std::memcpy(key_, item.key().data(), key_size_);
  if (queue_ == Queue::small) {
    guard.erase_to_ghost(slot);
  } else {
    guard.erase(slot);
  }
  storage_.release(slot.location());
}

void Drain::tell(const Record& record) {
  StorageEvents& events = storage_.events;
  const bool active = view_.fetched && view_.last_access + kActiveSeconds >= storage_.clock.now();
  storage_.classes.evicted(view_, active, storage_.clock.now());
  count(events.evictions);
  if (!view_.fetched) count(events.evicted_unfetched);
  if (active) count(events.evicted_active);
  if (!on_eviction_) return;
  // An item's value lies in the segment that is ours; a large one's pieces may be used again already.
  view_.value = record.kind() == RecordKind::item ? PinnedBytes::transient(record.value()) : PinnedBytes();
  on_eviction_(std::string_view(key_, key_size_), view_);
}

}  // namespace martlet::cache
