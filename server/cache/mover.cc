#include "server/cache/mover.h"

#include <cstring>

namespace martlet::cache {

// A target older than the last flush would take its items along: it does not count.
bool Mover::has_room(Queue queue, uint32_t size) const {
  if (target(queue) == kNoSegment) return false;
  const SegmentStore& segments = storage_.segments;
  const Segment& row = segments.row(target(queue));
  return row.used.load(std::memory_order_relaxed) + size <= segments.layout().segment_size &&
         row.sequence.load(std::memory_order_relaxed) >= segments.flush_sequence();
}

bool Mover::make_room(Queue queue, uint32_t size, uint32_t from) {
  if (has_room(queue, size)) return true;
  SegmentStore& segments = storage_.segments;
  uint32_t& id = target(queue);
  if (id != kNoSegment) segments.reseal(id);
  id = segments.take_free(0);
  if (id == kNoSegment) return false;
  segments.open_private(id, queue, queue == Queue::small ? from : kNoSegment);
  return true;
}

Location Mover::room(Queue queue) const {
  const uint32_t id = target(queue);
  return storage_.segments.layout().segment_at(id) + storage_.segments.row(id).used.load(std::memory_order_relaxed);
}

void Mover::take_room(Queue queue, uint32_t size) {
  storage_.segments.row(target(queue)).used.fetch_add(size, std::memory_order_relaxed);
  count(storage_.events.items_moved);
  count(storage_.events.bytes_moved, size);
}

void Mover::move_item(BucketGuard& guard, const Slot& slot, Queue queue, unsigned frequency) {
  const Location from = slot.location();
  const Record record = storage_.record(from);
  const Location to = room(queue);
  std::memcpy(storage_.arena.at(to), record.at(), record.size());
  storage_.charge(to);
  storage_.classes.moved(storage_.item_size(record));
  guard.replace(slot, to, Storage::slot_kind(record), frequency);
  storage_.release(from);
  take_room(queue, record.size());
}

void Mover::move_chunk(Location from, Queue queue) {
  const Record record = storage_.record(from);
  const uint32_t size = record.size();
  const Location to = room(queue);
  std::memcpy(storage_.arena.at(to), record.at(), size);
  take_room(queue, size);  // whatever becomes of the owner meanwhile, the copy is a record of the target
  BucketGuard guard(storage_.index, record.owner_hash());
  const Slot slot = storage_.find_owner(guard, from);
  if (!slot) return;
  Record owner = storage_.record(slot.location());
  storage_.segments.row_of(to).live.fetch_add(size, std::memory_order_relaxed);
  storage_.segments.note_expiry(to, owner.exptime());
  owner.set_chunk(record.chunk_number(), to);
  storage_.segments.row_of(from).live.fetch_sub(size, std::memory_order_release);
}

}  // namespace martlet::cache
