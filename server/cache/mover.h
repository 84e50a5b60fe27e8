// Mover: cleaning. Copies what still lives in a segment to a segment of its own, so that the old one can be used again
// although nothing in it was evicted (log cleaning; M. Rosenblum and J. Ousterhout, The Design and Implementation of a
// Log-Structured File System, SOSP 1991).
//
// An item is copied and its slot swapped while its bucket is locked, and so are its mutable words. A chunk is copied
// first, being immutable, and its location in the descriptor changed under the owner's bucket lock.
//
// Threads: one at a time (the Reclaimer's mutex). Always leaves one free segment for its own next one.
#pragma once

#include <cstdint>

#include "server/cache/storage.h"

namespace martlet::cache {

class Mover {
 public:
  explicit Mover(Storage& storage) : storage_(storage) {}

  // Moves everything live out of a draining segment. False: no room was to be had, some of it is still there.
  bool empty(uint32_t id);

  uint64_t moved_bytes() const { return moved_bytes_.load(std::memory_order_relaxed); }

 private:
  enum class Step : uint8_t { done, no_room };

  Step move_item(Location from, const Record& record);
  Step move_chunk(Location from, const Record& record);
  bool make_room(uint32_t size, uint64_t age);
  Location room() const;
  void take_room(uint32_t size);

  Storage& storage_;
  uint32_t target_ = kNoSegment;
  std::atomic<uint64_t> moved_bytes_{0};
};

// Calls visit(Location, Record) for each record of a segment that nobody appends to, until it returns false.
template <typename Visit>
bool walk_segment(const Storage& storage, uint32_t id, Visit&& visit) {
  const Location begin = storage.segments.layout().segment_at(id);
  const Location end = begin + storage.segments.row(id).used.load(std::memory_order_relaxed);
  for (Location at = begin; at < end;) {
    const Record record = storage.record(at);
    const uint32_t size = record.size();
    if (!visit(at, record)) return false;
    at += size;
  }
  return true;
}

}  // namespace martlet::cache
