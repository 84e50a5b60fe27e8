// The lock of a bucket, and what is done to its chain under it.
#include <sched.h>

#include <bit>

#include "server/cache/hash_index.h"

namespace martlet::cache {
namespace {

constexpr unsigned kReadmitted = 1;  // the frequency a key with a ghost begins with

uint64_t make_slot(Location location, SlotKind kind, uint64_t hash, unsigned frequency) {
  return (location >> 3) | tag_of(hash) | (static_cast<uint64_t>(kind) << 58) |
         (static_cast<uint64_t>(frequency) << 60);
}

uint64_t load(uint64_t& word) { return atomic_word(word).load(std::memory_order_relaxed); }
void store(uint64_t& word, uint64_t value) { atomic_word(word).store(value, std::memory_order_relaxed); }

bool is_ghost(uint64_t value) { return Slot(nullptr, value).kind() == SlotKind::ghost; }

// The number of the last slot in use, or of the last that holds an item; -1 when there is none.
int last_used(Bucket* bucket) {
  int at = Bucket::kSlots - 1;
  while (at >= 0 && load(bucket->slots[at]) == 0) --at;
  return at;
}
int last_item(Bucket* bucket) {
  int at = last_used(bucket);
  while (at >= 0 && is_ghost(load(bucket->slots[at]))) --at;
  return at;
}

}  // namespace

// Whoever waits looks again each time whether the bucket is still the right one: one that is merged away stays locked.
BucketGuard::BucketGuard(HashIndex& index, uint64_t hash) : index_(index), hash_(hash), head_(nullptr) {
  for (int spins = 0;; ++spins) {
    const uint64_t number = HashIndex::number_for(hash, index_.buckets_.load(std::memory_order_acquire));
    head_ = index_.bucket(number);
    if (HashIndex::try_lock(head_)) {
      if (HashIndex::number_for(hash, index_.buckets_.load(std::memory_order_acquire)) == number) return;
      HashIndex::unlock(head_);
    } else if (spins >= kSpins) {
      sched_yield();
    }
  }
}

BucketGuard::~BucketGuard() {
  HashIndex::unlock(head_);
  index_.put_chain(unlinked_);
}

// A bucket whose buddy is there already has been split with the present number of bits, the others have not.
unsigned BucketGuard::depth() const {
  const uint64_t buckets = index_.buckets_.load(std::memory_order_acquire);
  const uint64_t upper = std::bit_ceil(buckets);
  const auto bits = static_cast<unsigned>(std::countr_zero(upper));
  if (bits == 0) return 0;
  const uint64_t lower_half = hash_ & (upper / 2 - 1);
  return lower_half + upper / 2 < buckets ? bits : bits - 1;
}

void BucketGuard::replace(const Slot& slot, Location location, SlotKind kind, unsigned frequency) {
  store(*slot.word_, make_slot(location, kind, hash_, frequency));
}

void BucketGuard::note_hit(const Slot& slot) const {
  const uint64_t value = load(*slot.word_);
  if (Slot(nullptr, value).frequency() < kMostHits) store(*slot.word_, value + (1ULL << 60));
}

// A ghost of this key first, then an empty slot, then the oldest ghost, then a further bucket.
bool BucketGuard::insert(Location location, SlotKind kind, uint32_t& spare) {
  const uint64_t tag = tag_of(hash_);
  const uint64_t made = index_.ghosts_made();
  uint64_t* empty = nullptr;
  uint64_t* oldest = nullptr;
  uint64_t greatest_age = 0;
  for (Bucket* at = head_;;) {
    for (uint64_t& word : at->slots) {
      const uint64_t value = load(word);
      if (value == 0) {
        empty = &word;
        break;
      }
      if (!is_ghost(value)) continue;
      const uint64_t age = made - (value & kLocationMask);
      if ((value & kTagMask) == tag && age <= index_.items()) {
        index_.ghosts_readmitted_.fetch_add(1, std::memory_order_relaxed);
        return place(word, location, kind, kReadmitted);
      }
      if (oldest == nullptr || age > greatest_age) {
        oldest = &word;
        greatest_age = age;
      }
    }
    const uint32_t next = next_of(at);
    if (next != 0) {
      at = index_.overflow(next);
      continue;
    }
    if (empty != nullptr) return place(*empty, location, kind, 0);
    if (oldest != nullptr) return place(*oldest, location, kind, 0);
    if (spare == 0) return false;
    Bucket* const added = index_.overflow(spare);
    set_link(at, spare);
    spare = 0;
    return place(added->slots[0], location, kind, 0);
  }
}

bool BucketGuard::place(uint64_t& word, Location location, SlotKind kind, unsigned frequency) {
  store(word, make_slot(location, kind, hash_, frequency));
  index_.items_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

// Closes a hole with the bucket's last slot.
void BucketGuard::pack(Bucket* bucket, int hole) {
  const int last = last_used(bucket);
  store(bucket->slots[hole], load(bucket->slots[last]));
  store(bucket->slots[last], 0);
}

// An item of the chain's last bucket fills the hole; an overflow bucket without items leaves the chain.
void BucketGuard::erase(const Slot& slot) {
  Bucket* before = nullptr;
  Bucket* last = head_;
  uint32_t last_number = 0;
  for (uint32_t next = 0; (next = next_of(last)) != 0;) {
    before = last;
    last = index_.overflow(next);
    last_number = next;
  }
  index_.items_.fetch_sub(1, std::memory_order_relaxed);
  const int filler = last_item(last);
  store(*slot.word_, load(last->slots[filler]));
  pack(last, filler);
  if (before == nullptr || last_item(last) >= 0) return;
  for (uint64_t& word : last->slots) store(word, 0);
  set_link(before, 0);
  set_link(last, unlinked_);
  unlinked_ = last_number;
}

void BucketGuard::erase_to_ghost(const Slot& slot) {
  erase(slot);
  Bucket* last = head_;
  for (uint32_t next = 0; (next = next_of(last)) != 0;) last = index_.overflow(next);
  const int used = last_used(last);
  if (used == Bucket::kSlots - 1) return;
  const uint64_t number = index_.ghosts_made_.fetch_add(1, std::memory_order_relaxed) & kLocationMask;
  store(last->slots[used + 1], number | tag_of(hash_) | (static_cast<uint64_t>(SlotKind::ghost) << 58));
}

}  // namespace martlet::cache
