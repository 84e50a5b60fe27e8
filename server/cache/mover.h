// Mover: copies what still lives in a segment to a segment of its own, so that the old one can be used again although
// this was not evicted (log cleaning; M. Rosenblum and J. Ousterhout, The Design and Implementation of a Log-Structured
// File System, SOSP 1991).
//
// An item is copied and its slot swapped while its bucket is locked, and so are its mutable words. A chunk is copied
// first, being immutable, and its location in the descriptor changed under the owner's bucket lock.
//
// There is a target for each queue: what survives eviction goes to the main queue's, what is cleaned stays in its
// queue, the target of the small one taking the place of the segment it was opened for.
//
// Threads: one at a time (the Reclaimer's mutex). Always leaves one free segment for its own next one.
#pragma once

#include <array>
#include <cstdint>

#include "server/cache/storage.h"

namespace martlet::cache {

class Mover {
 public:
  explicit Mover(Storage& storage) : storage_(storage) {}

  // Is there room for a record of `size` bytes in the queue's target?
  bool has_room(Queue queue, uint32_t size) const;
  // Sees to it, for what comes from segment `from`. False: no memory. No bucket locked.
  bool make_room(Queue queue, uint32_t size, uint32_t from);

  // Moves an item that was found under the guard to a target that has room, and gives it the frequency.
  void move_item(BucketGuard& guard, const Slot& slot, Queue queue, unsigned frequency);
  // Moves a chunk to a target that has room, if it belongs to an item still. No bucket locked.
  void move_chunk(Location from, Queue queue);

 private:
  Location room(Queue queue) const;
  void take_room(Queue queue, uint32_t size);
  uint32_t& target(Queue queue) { return target_[static_cast<size_t>(queue)]; }
  uint32_t target(Queue queue) const { return target_[static_cast<size_t>(queue)]; }

  Storage& storage_;
  std::array<uint32_t, kQueues> target_{kNoSegment, kNoSegment};
};

}  // namespace martlet::cache
