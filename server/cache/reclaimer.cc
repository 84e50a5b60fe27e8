#include "server/cache/reclaimer.h"

#include <sched.h>

#include <algorithm>

namespace martlet::cache {
namespace {

constexpr int kMostRounds = 1 << 16;       // steps for a segment, before the store is refused
constexpr int kMostMoves = 32;             // segments cleaned for one that is needed
constexpr uint32_t kGenerous = 14;         // sixteenths of a segment that may be moved to gain the rest
constexpr uint32_t kUsual = 9;             // the same when much has been moved
constexpr uint64_t kMovedForWritten = 24;  // sixteenths of what is written that may be moved by generous cleaning
constexpr int64_t kCreditSegments = 16;    // moves that can be saved up, or owed
constexpr int kMostSplits = 4;             // buckets split after one store, to catch up with a delayed thread's
constexpr int kMostMerges = 8;             // buckets merged in one step
constexpr uint32_t kMostAhead = 256;       // one in so many segments is kept free in advance at most
constexpr uint32_t kFewSegments = 64;      // below, every open segment counts
constexpr uint32_t kPayPercent = 125;      // of what is written, a store that pays goes through
constexpr int kMostPaid = 4;               // steps for one store

}  // namespace

Reclaimer::Reclaimer(Storage& storage, bool evict, uint32_t segments, Cache::EvictionHook on_eviction)
    : storage_(storage),
      evict_(evict),
      few_segments_(segments < kFewSegments),
      ttl_(segments),
      chooser_(storage.segments, evict),
      drain_(storage, std::move(on_eviction), few_segments_),
      crawler_(storage) {}

Lease Reclaimer::reserve(const RecordPlan& plan) {
  const RelTime now = storage_.clock.now();
  const bool chunk = plan.kind == RecordKind::chunk;
  const uint32_t ttl = plan.exptime == kNever ? 0 : plan.exptime > now ? plan.exptime - now : 1;
  const unsigned ttl_class = TtlClasses::class_of(ttl);
  const uint32_t size = plan.size();
  for (;;) {
    const unsigned log = chunk ? kChunkLog : ttl_.log_of(ttl_class);
    uint32_t full = kNoSegment;
    if (Lease lease = storage_.segments.try_reserve(log, size, full)) {
      const auto offset = static_cast<uint32_t>(lease.location()) & (storage_.segments.layout().segment_size - 1);
      const uint32_t pages = (offset + size) / TtlClasses::kPage - offset / TtlClasses::kPage;
      if (pages != 0) {
        if (!chunk) ttl_.note(ttl_class, pages);
        pay_for(pages);
      }
      return lease;
    }
    const uint32_t id = acquire();
    if (id == kNoSegment) return {};
    storage_.segments.open(log, full, id);
    opened(log);
  }
}

// A log whose class lost it while the segment was being opened keeps its open segment until the next change.
void Reclaimer::opened(unsigned) {
  opened_.fetch_add(1, std::memory_order_relaxed);
  hopeless_.store(false, std::memory_order_relaxed);
  if (ttl_.due()) {
    threads::MutexLock lock(mutex_);
    const uint32_t unused = ttl_.due() ? ttl_.remap() : 0;
    for (unsigned log = 0; log < kMostItemLogs; ++log) {
      if ((unused & (1U << log)) != 0) storage_.segments.close(log);
    }
  }
  if (storage_.segments.available() < kMoverReserve + high()) wake();
}

void Reclaimer::pay_for(uint32_t pages) {
  const uint32_t wanted = pages * TtlClasses::kPage / 100 * kPayPercent;
  uint32_t gone_through = 0;
  for (int i = 0; i < kMostPaid && gone_through < wanted; ++i) {
    if (storage_.segments.available() >= kMoverReserve + low()) return;
    if (hopeless_.load(std::memory_order_relaxed) || !mutex_.try_lock()) return;
    bool may_clean = true;
    uint32_t done = 0;
    const Step result = step(may_clean, done);
    mutex_.unlock();
    count(storage_.events.assists);
    if (result == Step::nothing) return;
    gone_through += done;
  }
}

uint32_t Reclaimer::acquire() {
  SegmentStore& segments = storage_.segments;
  bool may_clean = true;
  int moves = 0;
  for (int round = 0; round < kMostRounds; ++round) {
    if (const uint32_t id = segments.take_free(kMoverReserve); id != kNoSegment) return id;
    Step result = Step::nothing;
    {
      threads::MutexLock lock(mutex_);
      if (const uint32_t id = segments.take_free(kMoverReserve); id != kNoSegment) return id;
      const bool begins = !drain_.active();
      uint32_t done = 0;
      result = step(may_clean, done);
      count(storage_.events.assists);
      if (begins && drain_.cleaning() && ++moves == kMostMoves) may_clean = false;
    }
    if (result == Step::progress) continue;
    if (!busy_.load(std::memory_order_relaxed)) return kNoSegment;
    sched_yield();
  }
  return kNoSegment;
}

// Live bytes below which a segment is cleaned.
uint32_t Reclaimer::clean_below() {
  const uint32_t size = storage_.segments.layout().segment_size;
  if (!evict_) return size;
  const uint64_t written = storage_.segments.bytes_written();
  const uint64_t moved = storage_.events.bytes_moved.load(std::memory_order_relaxed);
  credit_ += static_cast<int64_t>((written - written_) / 16 * kMovedForWritten) - static_cast<int64_t>(moved - moved_);
  written_ = written;
  moved_ = moved;
  const int64_t most = int64_t{size} * kCreditSegments;
  credit_ = std::clamp(credit_, -most, most);
  return size / 16 * kUsual + static_cast<uint32_t>((credit_ + most) * (size / 16 * (kGenerous - kUsual)) / (2 * most));
}

// Goes on with the segment being taken back, or chooses one. `done`: bytes gone through.
Reclaimer::Step Reclaimer::step(bool& may_clean, uint32_t& done) {
  if (!drain_.active()) {
    const Victim victim = chooser_.choose(storage_.clock.now(), may_clean ? clean_below() : 0);
    if (victim.kind == Victim::Kind::none) {
      busy_.store(victim.busy, std::memory_order_relaxed);
      return Step::nothing;
    }
    if (victim.id == kNoSegment) return Step::progress;
    drain_.begin(victim);
  }
  done = drain_.step();
  if (!drain_.active() && drain_.stuck()) may_clean = false;
  return Step::progress;
}

Reclaimer::Work Reclaimer::work(bool may_crawl) {
  if (storage_.index.behind()) grow_index();
  if (shrink_index() || make_room()) return Work::urgent;
  if (!may_crawl) return Work::none;
  threads::MutexLock lock(mutex_);
  if (!crawler_.due()) return Work::none;
  crawler_.step();
  return Work::idle;
}

bool Reclaimer::pending() const {
  return crawler_.due() || storage_.index.oversized() || storage_.segments.existing() > storage_.segments.budget();
}

// One step towards the reserve of free segments. False when it is full, or nothing can be taken back.
bool Reclaimer::make_room() {
  SegmentStore& segments = storage_.segments;
  segments.retire_excess();
  if (segments.available() >= kMoverReserve + high() || hopeless_.load(std::memory_order_relaxed)) {
    const uint32_t most = std::max(1U, segments.budget() / kMostAhead);
    ahead_.store(std::clamp(opened_.exchange(0, std::memory_order_relaxed), 1U, most), std::memory_order_relaxed);
    return false;
  }
  threads::MutexLock lock(mutex_);
  bool may_clean = true;
  uint32_t done = 0;
  if (step(may_clean, done) == Step::progress) return true;
  hopeless_.store(true, std::memory_order_relaxed);
  return false;
}

// One segment's memory, given up by the log for the index.
bool Reclaimer::pay(bool wait) {
  const uint32_t id = wait ? acquire() : storage_.segments.take_free(kMoverReserve);
  if (id == kNoSegment) return false;
  storage_.segments.pay_index(id);
  return true;
}

uint32_t Reclaimer::overflow_bucket() {
  for (;;) {
    if (const uint32_t number = storage_.index.take_overflow(); number != 0) return number;
    if (!pay(true)) return 0;
    if (!storage_.index.pay_overflow(storage_.segments.layout().segment_size)) {
      storage_.segments.refund_index();
      return 0;
    }
  }
}

void Reclaimer::grow_index() {
  for (int steps = 0; steps < kMostSplits && storage_.index.behind();) {
    const HashIndex::Growth growth = storage_.index.grow();
    if (growth == HashIndex::Growth::enough) return;
    if (growth == HashIndex::Growth::split) {
      ++steps;
      continue;
    }
    if (!pay(false)) return;
    if (!storage_.index.pay_buckets(storage_.segments.layout().segment_size)) {
      storage_.segments.refund_index();
      return;
    }
  }
}

bool Reclaimer::shrink_index() {
  int merges = 0;
  while (merges < kMostMerges && storage_.index.merge()) ++merges;
  if (merges == 0) return false;
  if (storage_.index.refund_buckets(storage_.segments.layout().segment_size)) storage_.segments.refund_index();
  return true;
}

bool Reclaimer::fit_budget() {
  SegmentStore& segments = storage_.segments;
  if (segments.existing() <= segments.budget()) return true;
  const uint32_t id = acquire();  // none is had before those beyond the budget are gone
  if (id == kNoSegment) return false;
  segments.put_free(id);
  return true;
}

}  // namespace martlet::cache
