#include "server/cache/hash_index.h"

#include <sched.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "server/cache/hash.h"
#include "server/cache/record.h"

namespace martlet::cache {
namespace {

bool is_item(uint64_t word) { return word != 0 && Slot(nullptr, word).kind() != SlotKind::ghost; }

// Takes the slots out of a bucket.
void take_slots(Bucket* bucket, uint64_t (&held)[Bucket::kSlots]) {
  for (int i = 0; i < Bucket::kSlots; ++i) {
    held[i] = atomic_word(bucket->slots[i]).load(std::memory_order_relaxed);
    atomic_word(bucket->slots[i]).store(0, std::memory_order_relaxed);
  }
}

// Fills a chain from the front while it is rebuilt.
struct ChainFiller {
  Bucket* at;
  int next = 0;
};

}  // namespace

void set_link(Bucket* bucket, uint32_t next) {
  auto control = atomic_word(bucket->control);
  const uint64_t old = control.load(std::memory_order_relaxed);
  control.store((old & UINT32_MAX) | (static_cast<uint64_t>(next) << 32), std::memory_order_relaxed);
}

HashIndex::HashIndex(Arena& arena, const Layout& layout, uint64_t buckets, uint64_t seed)
    : arena_(arena),
      layout_(layout),
      seed_(seed),
      first_buckets_(buckets),
      buckets_(buckets),
      paid_buckets_(buckets),
      touched_buckets_(buckets) {}

uint64_t HashIndex::hash(std::string_view key) const { return hash_key(key, seed_); }

uint64_t HashIndex::number_for(uint64_t hash, uint64_t buckets) {
  const uint64_t upper = std::bit_ceil(buckets);
  const uint64_t number = hash & (upper - 1);
  return number < buckets ? number : number & (upper / 2 - 1);
}

bool HashIndex::try_lock(Bucket* bucket) {
  auto control = atomic_word(bucket->control);
  uint64_t old = control.load(std::memory_order_relaxed) & ~kLockBit;
  return control.compare_exchange_weak(old, old | kLockBit, std::memory_order_acquire, std::memory_order_relaxed);
}

void HashIndex::lock(Bucket* bucket) {
  for (int spins = 0; !try_lock(bucket); ++spins) {
    if (spins >= kSpins) sched_yield();
  }
}

void HashIndex::unlock(Bucket* bucket) {
  auto control = atomic_word(bucket->control);
  control.store(control.load(std::memory_order_relaxed) & ~kLockBit, std::memory_order_release);
}

HashIndex::Growth HashIndex::grow() {
  if (!behind()) return Growth::enough;
  if (!grow_mutex_.try_lock()) return Growth::enough;  // somebody else is at it
  const uint64_t number = buckets();
  Growth result = Growth::unpaid;
  if (number >= layout_.max_buckets) {
    result = Growth::enough;
  } else if (number < paid_buckets_) {
    split(number - std::bit_floor(number), number);
    result = Growth::split;
  }
  grow_mutex_.unlock();
  return result;
}

// Takes all slots out of a chain, gives each item to into(word, spares), and returns the overflow buckets left over:
// `spares` and the chain's own, linked. Slots are taken out bucket by bucket, so that a bucket is empty before it
// becomes a spare.
template <typename Into>
uint32_t HashIndex::deal(Bucket* head, uint32_t spares, Into&& into) {
  uint64_t held[Bucket::kSlots];
  take_slots(head, held);
  uint32_t next = next_of(head);
  set_link(head, 0);
  for (;;) {
    for (const uint64_t word : held) {
      if (is_item(word)) into(word, spares);
    }
    if (next == 0) return spares;
    Bucket* const emptied = overflow(next);
    take_slots(emptied, held);
    const uint32_t after = next_of(emptied);
    set_link(emptied, spares);
    spares = std::exchange(next, after);
  }
}

// The new bucket is reached by nobody before buckets_ says so, which it does while the old one is still locked. Both
// chains together need no more overflow buckets than the old one had.
void HashIndex::split(uint64_t from, uint64_t to) {
  Bucket* const old_head = bucket(from);
  Bucket* const new_head = bucket(to);
  lock(old_head);
  if (to >= touched_buckets_) {
    lock(new_head);
    touched_buckets_ = to + 1;
  }
  ChainFiller keep{old_head};
  ChainFiller move{new_head};
  const uint32_t spares = deal(old_head, 0, [&](uint64_t word, uint32_t& unused) {
    const Record record(arena_.at(Slot(nullptr, word).location()));
    ChainFiller& filler = number_for(hash(record.key()), to + 1) == to ? move : keep;
    if (filler.next == Bucket::kSlots) {
      const uint32_t spare = std::exchange(unused, next_of(overflow(unused)));
      set_link(overflow(spare), 0);
      set_link(filler.at, spare);
      filler = {overflow(spare)};
    }
    atomic_word(filler.at->slots[filler.next++]).store(word, std::memory_order_relaxed);
  });
  buckets_.store(to + 1, std::memory_order_release);
  unlock(new_head);
  unlock(old_head);
  put_chain(spares);
}

// The last bucket goes back into the one it was split from, and stays locked.
bool HashIndex::merge() {
  if (!oversized()) return false;
  const uint32_t spare = take_overflow();  // one is enough: what else is needed, the dissolved chain brings along
  if (spare == 0) return false;
  threads::MutexLock grow_lock(grow_mutex_);
  const uint64_t from = buckets() - 1;
  Bucket* const into = bucket(from - std::bit_floor(from));
  Bucket* const old = bucket(from);
  lock(into);
  lock(old);
  // The chain is laid out anew with the other's slots after its own: two passes over the same filler.
  ChainFiller filler{into};
  const auto append = [&](uint64_t word, uint32_t& unused) {
    if (filler.next == Bucket::kSlots) {
      const uint32_t added = std::exchange(unused, next_of(overflow(unused)));
      set_link(overflow(added), 0);
      set_link(filler.at, added);
      filler = {overflow(added)};
    }
    atomic_word(filler.at->slots[filler.next++]).store(word, std::memory_order_relaxed);
  };
  uint32_t spares = deal(into, spare, append);
  spares = deal(old, spares, append);
  buckets_.store(from, std::memory_order_release);
  unlock(into);
  put_chain(spares);
  return true;
}

bool HashIndex::refund_buckets(uint64_t bytes) {
  const uint64_t count = bytes / kBucketSize;
  threads::MutexLock lock(grow_mutex_);
  if (paid_buckets_ < buckets() + 2 * count || paid_buckets_ < first_buckets_ + count) return false;
  paid_buckets_ -= count;
  arena_.give_back(layout_.buckets_at + paid_buckets_ * kBucketSize, bytes);
  touched_buckets_ = std::min(touched_buckets_, paid_buckets_);
  return true;
}

uint32_t HashIndex::take_overflow() {
  threads::MutexLock lock(pool_mutex_);
  if (pool_head_ != 0) {
    const uint32_t number = pool_head_;
    Bucket* const taken = overflow(number);
    pool_head_ = next_of(taken);
    set_link(taken, 0);
    --pool_free_;
    return number;
  }
  if (pool_used_ == pool_paid_) return 0;
  return static_cast<uint32_t>(++pool_used_);
}

void HashIndex::put_chain(uint32_t first) {
  while (first != 0) put_overflow(std::exchange(first, next_of(overflow(first))));
}

void HashIndex::put_overflow(uint32_t number) {
  threads::MutexLock lock(pool_mutex_);
  set_link(overflow(number), pool_head_);
  pool_head_ = number;
  ++pool_free_;
}

bool HashIndex::pay_buckets(uint64_t bytes) {
  threads::MutexLock lock(grow_mutex_);
  if (paid_buckets_ + bytes / kBucketSize > layout_.max_buckets) return false;
  paid_buckets_ += bytes / kBucketSize;
  return true;
}

bool HashIndex::pay_overflow(uint64_t bytes) {
  threads::MutexLock lock(pool_mutex_);
  if (pool_paid_ + bytes / kBucketSize > layout_.max_overflow) return false;
  pool_paid_ += bytes / kBucketSize;
  return true;
}

uint64_t HashIndex::paid_bytes() const {
  uint64_t count = 0;
  {
    threads::MutexLock lock(grow_mutex_);
    count += paid_buckets_;
  }
  threads::MutexLock lock(pool_mutex_);
  return (count + pool_paid_) * kBucketSize;
}

uint64_t HashIndex::overflow_in_use() const {
  threads::MutexLock lock(pool_mutex_);
  return pool_used_ - pool_free_;
}

}  // namespace martlet::cache
