// A walk over the index that growth and shrinking do not disturb.
//
// Linear hashing leads a key to the bucket that the low bits of its hash name, and how many of them changes with the
// number of buckets. With the bits of the hash reversed every bucket is an unbroken range of positions, and a split or
// a merge only cuts a range in two or joins two: whatever becomes of the index, a cursor that says up to which position
// everything was shown stays right. (The cursor of Redis' SCAN counts reversed bits as well, over bucket numbers; here
// it is a position, so that nothing is shown twice.)
//
// A bucket's items are copied out under its lock, those below the cursor left out, and shown after it is unlocked.
#pragma once

#include <array>
#include <cstdint>

#include "server/cache/cache_requests.h"
#include "server/cache/record.h"
#include "server/cache/storage.h"

namespace martlet::cache {

// Where in a walk a hash is met.
constexpr uint64_t walk_position(uint64_t hash) {
  uint64_t out = 0;
  for (int i = 0; i < 64; i += 8) {
    uint64_t byte = (hash >> i) & 0xFF;
    byte = (byte & 0xF0) >> 4 | (byte & 0x0F) << 4;
    byte = (byte & 0xCC) >> 2 | (byte & 0x33) << 2;
    byte = (byte & 0xAA) >> 1 | (byte & 0x55) << 1;
    out |= byte << (56 - i);
  }
  return out;
}

class Walk {
 public:
  explicit Walk(const Storage& storage) : storage_(storage) {}

  // Collects the live items of the bucket the cursor stands in, and moves the cursor past them. How many there are.
  size_t collect(WalkCursor& cursor);
  // Shows them, without a lock. CAS ids as they are, or as 0.
  void show(const WalkVisit& visit);

 private:
  static constexpr size_t kMost = 32;  // of a longer chain the rest is collected by the next call

  struct Found {
    uint64_t position = 0;
    ItemView view;
    uint32_t key_size = 0;
    char key[kMaxKey];
  };
  void keep(const Slot& slot, uint64_t position, Found& into);

  const Storage& storage_;
  std::array<Found, kMost> found_{};
  size_t count_ = 0;
};

}  // namespace martlet::cache
