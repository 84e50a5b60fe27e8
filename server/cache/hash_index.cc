#include "server/cache/hash_index.h"

#include <sched.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "server/cache/hash.h"
#include "server/cache/record.h"

namespace martlet::cache {
namespace {

constexpr int kSpins = 100;

uint64_t make_slot(Location location, SlotKind kind, uint64_t hash) {
  return (location >> 3) | tag_of(hash) | (static_cast<uint64_t>(kind) << 58);
}

void set_link(Bucket* bucket, uint32_t next) {
  auto control = atomic_word(bucket->control);
  const uint64_t old = control.load(std::memory_order_relaxed);
  control.store((old & UINT32_MAX) | (static_cast<uint64_t>(next) << 32), std::memory_order_relaxed);
}

uint32_t next_of(Bucket* bucket) { return link_of(atomic_word(bucket->control).load(std::memory_order_relaxed)); }

// Fills a chain from the front while it is rebuilt, taking further buckets from `spares`.
struct ChainFiller {
  Bucket* at;
  int next = 0;
};

}  // namespace

HashIndex::HashIndex(Arena& arena, const Layout& layout, uint64_t buckets, uint64_t seed)
    : arena_(arena), layout_(layout), seed_(seed), buckets_(buckets), paid_buckets_(buckets) {}

uint64_t HashIndex::hash(std::string_view key) const { return hash_key(key, seed_); }

uint64_t HashIndex::number_for(uint64_t hash, uint64_t buckets) {
  const uint64_t upper = std::bit_ceil(buckets);
  const uint64_t number = hash & (upper - 1);
  return number < buckets ? number : number & (upper / 2 - 1);
}

void HashIndex::lock(Bucket* bucket) {
  auto control = atomic_word(bucket->control);
  for (int spins = 0;; ++spins) {
    uint64_t old = control.load(std::memory_order_relaxed) & ~kLockBit;
    if (control.compare_exchange_weak(old, old | kLockBit, std::memory_order_acquire, std::memory_order_relaxed)) {
      return;
    }
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

// The new bucket is reached by nobody before buckets_ says so, which it does while the old one is still locked.
void HashIndex::split(uint64_t from, uint64_t to) {
  uint32_t spares = 0;  // overflow buckets of the old chain that are empty, linked
  Bucket* const old_head = bucket(from);
  Bucket* const new_head = bucket(to);
  lock(old_head);
  lock(new_head);

  // The chain is cut off first and its slots dealt out again; both new chains together need no more overflow buckets
  // than the old one had. Slots are taken out bucket by bucket, so that a bucket is empty before it becomes a spare.
  uint64_t held[Bucket::kSlots];
  std::copy(std::begin(old_head->slots), std::end(old_head->slots), held);
  std::fill(std::begin(old_head->slots), std::end(old_head->slots), 0);
  uint32_t next = next_of(old_head);
  set_link(old_head, 0);
  ChainFiller keep{old_head};
  ChainFiller move{new_head};
  for (;;) {
    for (const uint64_t word : held) {
      if (word == 0) continue;
      const Record record(arena_.at(Slot(nullptr, word).location()));
      ChainFiller& into = number_for(hash(record.key()), to + 1) == to ? move : keep;
      if (into.next == Bucket::kSlots) {
        const uint32_t spare = std::exchange(spares, next_of(overflow(spares)));
        set_link(overflow(spare), 0);
        set_link(into.at, spare);
        into = {overflow(spare)};
      }
      atomic_word(into.at->slots[into.next++]).store(word, std::memory_order_relaxed);
    }
    if (next == 0) break;
    Bucket* const emptied = overflow(next);
    std::copy(std::begin(emptied->slots), std::end(emptied->slots), held);
    std::fill(std::begin(emptied->slots), std::end(emptied->slots), 0);
    const uint32_t after = next_of(emptied);
    set_link(emptied, spares);
    spares = std::exchange(next, after);
  }
  buckets_.store(to + 1, std::memory_order_release);
  unlock(new_head);
  unlock(old_head);
  put_chain(spares);
}

uint32_t HashIndex::take_overflow() {
  threads::MutexLock lock(pool_mutex_);
  if (pool_head_ != 0) {
    const uint32_t number = pool_head_;
    Bucket* const taken = overflow(number);
    pool_head_ = next_of(taken);
    set_link(taken, 0);
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

BucketGuard::BucketGuard(HashIndex& index, uint64_t hash) : index_(index), hash_(hash), head_(nullptr) {
  for (;;) {
    const uint64_t buckets = index_.buckets_.load(std::memory_order_acquire);
    const uint64_t number = HashIndex::number_for(hash, buckets);
    head_ = index_.bucket(number);
    index_.lock(head_);
    if (HashIndex::number_for(hash, index_.buckets_.load(std::memory_order_acquire)) == number) return;
    HashIndex::unlock(head_);
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

void BucketGuard::replace(const Slot& slot, Location location, SlotKind kind) {
  atomic_word(*slot.word_).store(make_slot(location, kind, hash_), std::memory_order_relaxed);
}

bool BucketGuard::insert(Location location, SlotKind kind, uint32_t& spare) {
  Bucket* at = head_;
  for (;;) {
    for (uint64_t& word : at->slots) {
      if (atomic_word(word).load(std::memory_order_relaxed) != 0) continue;
      atomic_word(word).store(make_slot(location, kind, hash_), std::memory_order_relaxed);
      index_.items_.fetch_add(1, std::memory_order_relaxed);
      return true;
    }
    uint32_t next = next_of(at);
    if (next == 0) {
      if (spare == 0) return false;
      next = spare;
      spare = 0;
      set_link(at, next);
    }
    at = index_.overflow(next);
  }
}

void BucketGuard::erase(const Slot& slot) {
  // The last slot of the chain fills the hole; an overflow bucket that becomes empty leaves the chain.
  Bucket* before = nullptr;
  Bucket* last = head_;
  uint32_t last_number = 0;
  for (uint32_t next = 0; (next = next_of(last)) != 0;) {
    before = last;
    last = index_.overflow(next);
    last_number = next;
  }
  int end = Bucket::kSlots;
  while (atomic_word(last->slots[end - 1]).load(std::memory_order_relaxed) == 0) --end;
  const uint64_t moved = atomic_word(last->slots[end - 1]).load(std::memory_order_relaxed);
  atomic_word(*slot.word_).store(moved, std::memory_order_relaxed);
  atomic_word(last->slots[end - 1]).store(0, std::memory_order_relaxed);
  index_.items_.fetch_sub(1, std::memory_order_relaxed);
  if (end == 1 && before != nullptr) {
    set_link(before, 0);
    set_link(last, unlinked_);
    unlinked_ = last_number;
  }
}

}  // namespace martlet::cache
