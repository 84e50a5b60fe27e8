#include "server/cache/mover.h"

#include <cstring>

namespace martlet::cache {

bool Mover::empty(uint32_t id) {
  const uint64_t age = storage_.segments.row(id).age.load(std::memory_order_relaxed);
  return walk_segment(storage_, id, [&](Location at, const Record& record) {
    for (;;) {
      const Step step = record.kind() == RecordKind::chunk ? move_chunk(at, record) : move_item(at, record);
      if (step == Step::done) return true;
      if (!make_room(record.size(), age)) return false;
    }
  });
}

// A target older than the last flush would take its items along: it is left as it is.
bool Mover::make_room(uint32_t size, uint64_t age) {
  SegmentStore& segments = storage_.segments;
  if (target_ != kNoSegment) {
    const Segment& row = segments.row(target_);
    const bool fits = row.used.load(std::memory_order_relaxed) + size <= segments.layout().segment_size;
    if (fits && row.sequence.load(std::memory_order_relaxed) >= segments.flush_sequence()) return true;
    segments.reseal(target_);
  }
  target_ = segments.take_free(0);
  if (target_ == kNoSegment) return false;
  segments.open_private(target_, age);
  return true;
}

Location Mover::room() const {
  return storage_.segments.layout().segment_at(target_) +
         storage_.segments.row(target_).used.load(std::memory_order_relaxed);
}

void Mover::take_room(uint32_t size) {
  auto& used = storage_.segments.row(target_).used;
  used.store(used.load(std::memory_order_relaxed) + size, std::memory_order_relaxed);
  moved_bytes_.fetch_add(size, std::memory_order_relaxed);
}

Mover::Step Mover::move_item(Location from, const Record& record) {
  BucketGuard guard(storage_.index, storage_.index.hash(record.key()));
  const Slot slot = Storage::find_location(guard, from);
  if (!slot) return Step::done;
  if (const Gone why = storage_.gone(from); why != Gone::no) {
    storage_.drop_gone(guard, slot, why);
    return Step::done;
  }
  const uint32_t size = record.size();
  const SegmentStore& segments = storage_.segments;
  if (target_ == kNoSegment) return Step::no_room;
  if (segments.row(target_).used.load(std::memory_order_relaxed) + size > segments.layout().segment_size ||
      segments.flushed(room())) {
    return Step::no_room;
  }
  const Location to = room();
  std::memcpy(storage_.arena.at(to), record.at(), size);
  storage_.charge(to);
  storage_.classes.moved(storage_.item_size(record));
  guard.replace(slot, to, Storage::slot_kind(record));
  storage_.release(from);
  take_room(size);
  return Step::done;
}

Mover::Step Mover::move_chunk(Location from, const Record& record) {
  const uint64_t hash = record.owner_hash();
  {
    BucketGuard guard(storage_.index, hash);
    const Slot owner = storage_.find_owner(guard, from);
    if (!owner) return Step::done;
    if (const Gone why = storage_.gone(owner.location()); why != Gone::no) {
      storage_.drop_gone(guard, owner, why);
      return Step::done;
    }
  }
  const uint32_t size = record.size();
  const SegmentStore& segments = storage_.segments;
  if (target_ == kNoSegment ||
      segments.row(target_).used.load(std::memory_order_relaxed) + size > segments.layout().segment_size) {
    return Step::no_room;
  }
  const Location to = room();
  std::memcpy(storage_.arena.at(to), record.at(), size);
  take_room(size);  // whatever becomes of the owner meanwhile, the copy is a record of the target
  BucketGuard guard(storage_.index, hash);
  const Slot slot = storage_.find_owner(guard, from);
  if (!slot) return Step::done;
  Record owner = storage_.record(slot.location());
  storage_.segments.row_of(to).live.fetch_add(size, std::memory_order_relaxed);
  storage_.segments.raise_expiry(to, owner.exptime());
  owner.set_chunk(record.chunk_number(), to);
  storage_.segments.row_of(from).live.fetch_sub(size, std::memory_order_release);
  return Step::done;
}

}  // namespace martlet::cache
