// HashIndex: where each key's record lies. Linear hashing (W. Litwin, VLDB 1980) over buckets of one cache line.
//
//   bucket:  | control: lock 1, link 32 | slot | slot | slot | slot | slot | slot | slot |      64 bytes
//   slot:    | frequency 2 | kind 2 | tag 18 | location / 8: 40 |                          0: empty
//
// A bucket that overflows links further buckets of the same form from a pool; their lock bits are unused. Slots are
// packed from the front: the first empty one ends a search. Every slot changes under the lock of its first bucket,
// and readers take it too.
//
// Frequency: how often the item was hit, up to kMostHits; what it means is the eviction's affair.
//
// Ghosts: a slot nothing else needs remembers the tag of a key that was evicted, with the number of the eviction in
// place of the location. A key that is stored while its ghost is young begins with a frequency of one. Ghosts cost no
// memory: items overwrite them before a chain grows, and a split, a merge or the end of an overflow bucket drops them.
//
// Growth: when the load passes kLoad items a bucket, one bucket is split in two, by rehashing its keys: no pause, no
// second table. A thread that locked a bucket looks again whether the number of buckets still leads there. When the
// load falls below kMergeLoad the last bucket is merged back. The lock of a bucket that was merged away stays taken
// until its page is given back or a split uses it again, so that no late comer holds a lock that is wiped.
//
// Memory: the index never takes any by itself. Its address ranges are used as far as they have been paid for; when a
// split or an overflow would need more, it says so and the caller pays (see Reclaimer::pay).
//
// Threads: safe from any thread. At most one bucket lock is held by a thread; a split or merge takes two, the lower
// first, the other one's bucket being one that nobody else waits for with a lock held.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "server/cache/arena.h"
#include "server/cache/layout.h"
#include "threads/mutex.h"

namespace martlet::cache {

enum class SlotKind : uint64_t { item = 1, large = 2, ghost = 3 };

inline constexpr unsigned kMostHits = 3;
inline constexpr int kSpins = 100;  // before a lock's waiter yields

struct Bucket {
  static constexpr int kSlots = 7;
  uint64_t control;
  uint64_t slots[kSlots];
};
static_assert(sizeof(Bucket) == kBucketSize);

class HashIndex;

// A found slot. Valid under the guard that found it, until that changes the bucket.
class Slot {
 public:
  Slot() = default;
  Slot(uint64_t* word, uint64_t value) : word_(word), value_(value) {}

  explicit operator bool() const { return word_ != nullptr; }
  Location location() const { return (value_ & ((1ULL << 40) - 1)) << 3; }
  SlotKind kind() const { return static_cast<SlotKind>((value_ >> 58) & 3); }
  bool large() const { return kind() == SlotKind::large; }
  unsigned frequency() const { return static_cast<unsigned>((value_ >> 60) & 3); }

 private:
  friend class BucketGuard;
  uint64_t* word_ = nullptr;
  uint64_t value_ = 0;
};

// The lock of the bucket a hash leads to, for as long as it lives.
class BucketGuard {
 public:
  BucketGuard(HashIndex& index, uint64_t hash);
  ~BucketGuard();
  BucketGuard(const BucketGuard&) = delete;
  BucketGuard& operator=(const BucketGuard&) = delete;

  // The first slot with this hash's tag for which match(Slot) holds.
  template <typename Match>
  Slot find(Match&& match) const;

  // Every item of the bucket, those of other hashes included.
  template <typename Visit>
  void each(Visit&& visit) const;
  // How many low bits of their hashes lead to this bucket: the same for all of them while it is locked.
  unsigned depth() const;

  void replace(const Slot& slot, Location location, SlotKind kind, unsigned frequency);
  void erase(const Slot& slot);
  // Erases and remembers, if there is room for it.
  void erase_to_ghost(const Slot& slot);

  // One more hit.
  void note_hit(const Slot& slot) const;

  // False when the chain is full and `spare` is 0; a spare that was used is 0 afterwards.
  bool insert(Location location, SlotKind kind, uint32_t& spare);

 private:
  void pack(Bucket* bucket, int hole);
  bool place(uint64_t& word, Location location, SlotKind kind, unsigned frequency);

  HashIndex& index_;
  const uint64_t hash_;
  Bucket* head_;
  uint32_t unlinked_ = 0;  // overflow buckets to give back after unlocking, linked
};

class HashIndex {
 public:
  enum class Growth : uint8_t { enough, split, unpaid };
  static constexpr uint64_t kLoad = 6;       // items a bucket beyond which it grows
  static constexpr uint64_t kMergeLoad = 3;  // and below which it shrinks, not below its first size

  // `buckets`: a power of two, within the layout and paid for.
  HashIndex(Arena& arena, const Layout& layout, uint64_t buckets, uint64_t seed);

  uint64_t hash(std::string_view key) const;

  // One step of growth if the load calls for it. `unpaid`: pay for buckets first.
  Growth grow();
  bool behind() const { return items() > buckets() * kLoad; }

  // One step of shrinking. False when the load does not call for it.
  bool merge();
  bool oversized() const { return buckets() > first_buckets_ && items() < buckets() * kMergeLoad; }
  // Gives back the memory of `bytes` of buckets if that many and as many again are paid for and not in use.
  bool refund_buckets(uint64_t bytes);

  // An overflow bucket, 0 when unpaid.
  uint32_t take_overflow();
  void put_overflow(uint32_t number);

  // `bytes` more may be used (by buckets or by overflow buckets). False: the address range ends.
  bool pay_buckets(uint64_t bytes);
  bool pay_overflow(uint64_t bytes);

  uint64_t items() const { return items_.load(std::memory_order_relaxed); }
  uint64_t buckets() const { return buckets_.load(std::memory_order_relaxed); }
  uint64_t paid_bytes() const;
  uint64_t overflow_in_use() const;
  uint64_t ghosts_made() const { return ghosts_made_.load(std::memory_order_relaxed); }
  uint64_t ghosts_readmitted() const { return ghosts_readmitted_.load(std::memory_order_relaxed); }

 private:
  friend class BucketGuard;

  Bucket* bucket(uint64_t number) const {
    return reinterpret_cast<Bucket*>(arena_.at(layout_.buckets_at + number * kBucketSize));
  }
  Bucket* overflow(uint32_t number) const {  // numbers begin at 1
    return reinterpret_cast<Bucket*>(arena_.at(layout_.overflow_at + (number - 1ULL) * kBucketSize));
  }
  static uint64_t number_for(uint64_t hash, uint64_t buckets);
  static bool try_lock(Bucket* bucket);
  static void lock(Bucket* bucket);
  static void unlock(Bucket* bucket);
  void put_chain(uint32_t first);  // 0: none
  void split(uint64_t from, uint64_t to) REQUIRES(grow_mutex_);
  // Deals the slots of a chain that begins with `held` and goes on at `next`, `into` saying where each belongs.
  template <typename Into>
  uint32_t deal(Bucket* head, uint32_t spares, Into&& into);

  Arena& arena_;
  const Layout layout_;
  const uint64_t seed_;
  const uint64_t first_buckets_;
  std::atomic<uint64_t> buckets_;
  std::atomic<uint64_t> items_{0};
  std::atomic<uint64_t> ghosts_made_{0};  // the number of the next one
  std::atomic<uint64_t> ghosts_readmitted_{0};

  mutable threads::Mutex grow_mutex_;
  uint64_t paid_buckets_ GUARDED_BY(grow_mutex_);
  uint64_t touched_buckets_ GUARDED_BY(grow_mutex_);  // beyond buckets_ and below this: merged away and locked

  mutable threads::Mutex pool_mutex_;
  uint32_t pool_head_ GUARDED_BY(pool_mutex_) = 0;
  uint64_t pool_free_ GUARDED_BY(pool_mutex_) = 0;  // linked at the head
  uint64_t pool_used_ GUARDED_BY(pool_mutex_) = 0;
  uint64_t pool_paid_ GUARDED_BY(pool_mutex_) = 0;
};

// The words of a bucket, as the atomics they are.
inline std::atomic_ref<uint64_t> atomic_word(uint64_t& word) { return std::atomic_ref(word); }

inline constexpr uint64_t kLockBit = 1;
inline uint32_t link_of(uint64_t control) { return static_cast<uint32_t>(control >> 32); }
inline uint32_t next_of(Bucket* bucket) {
  return link_of(atomic_word(bucket->control).load(std::memory_order_relaxed));
}
void set_link(Bucket* bucket, uint32_t next);
inline uint64_t tag_of(uint64_t hash) { return (hash >> 46) << 40; }  // the top 18 bits, at their place in a slot
inline constexpr uint64_t kLocationMask = (1ULL << 40) - 1;
inline constexpr uint64_t kTagMask = ((1ULL << 18) - 1) << 40;

template <typename Match>
Slot BucketGuard::find(Match&& match) const {
  const uint64_t tag = tag_of(hash_);
  for (Bucket* at = head_;;) {
    for (uint64_t& word : at->slots) {
      const uint64_t value = atomic_word(word).load(std::memory_order_relaxed);
      if (value == 0) return {};
      if ((value & kTagMask) != tag) continue;
      const Slot slot(&word, value);
      if (slot.kind() != SlotKind::ghost && match(slot)) return slot;
    }
    const uint32_t next = link_of(atomic_word(at->control).load(std::memory_order_relaxed));
    if (next == 0) return {};
    at = index_.overflow(next);
  }
}

template <typename Visit>
void BucketGuard::each(Visit&& visit) const {
  for (Bucket* at = head_;;) {
    for (uint64_t& word : at->slots) {
      const Slot slot(&word, atomic_word(word).load(std::memory_order_relaxed));
      if (slot.kind() == SlotKind::item || slot.kind() == SlotKind::large) visit(slot);
    }
    const uint32_t next = next_of(at);
    if (next == 0) return;
    at = index_.overflow(next);
  }
}

}  // namespace martlet::cache
