// SegmentStore: the log. Fixed segments that are filled by appending and taken back as a whole.
//
//   unbacked ──► free ──► open ──► sealed ──► draining ──► free          one row of the segment table each
//       ▲          │                             └──► quarantine ──► free    (a reply still sends from it)
//       └──────────┘ retired: the memory limit fell or the index grew
//
// Appending: a Lease raises the segment's lease count, takes room by compare_exchange, and lets go when the record is
// written and published or given up; nothing is reclaimed under a lease. One segment is open for each class of times to
// live in use (see ttl_classes.h) and one for chunks of large values, so that slow uploads meet in few segments. The
// Mover opens segments of its own.
//
// Queues: sealed segments stand in one of two, in the order of eviction: `small` for what stores wrote, `main` for what
// survived the small one. A segment leaves its queue when it is empty.
//
// A segment's memory is used again only when no record in it is linked (live 0, or drained), nobody holds a lease, no
// upload has a chunk in it and no reply sends from it. Counts are read in that order: each step that could raise the
// next one happens before the former falls.
//
// Sequence: every segment that opens gets the next number; flush_all raises the flush sequence to the next one to be
// given out, and whatever lies in an older segment counts as gone.
//
// Threads: everything is safe from any thread, except as marked; what takes segments back (from drain() on) is done by
// one at a time.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "server/base/rel_time.h"
#include "server/cache/arena.h"
#include "server/cache/cache.h"
#include "server/cache/layout.h"
#include "threads/mutex.h"

namespace martlet::cache {

inline constexpr uint32_t kNoSegment = UINT32_MAX;
inline constexpr uint32_t kMoverReserve = 1;          // free segments that only the Mover takes
inline constexpr RelTime kNeverExpires = UINT32_MAX;  // as the latest or next expiry of a segment
inline constexpr unsigned kMostItemLogs = 8;
inline constexpr unsigned kChunkLog = kMostItemLogs;
inline constexpr unsigned kLogs = kMostItemLogs + 1;

enum class SegmentState : uint32_t { unbacked, free, open, sealed, draining, quarantine };
enum class Queue : uint8_t { small, main };
inline constexpr size_t kQueues = 2;

// One row of the segment table.
struct alignas(kSegmentRowSize) Segment {
  std::atomic<SegmentState> state{SegmentState::unbacked};
  std::atomic<uint32_t> used{0};                    // bytes appended
  std::atomic<uint32_t> live{0};                    // bytes of linked records
  std::atomic<uint32_t> leases{0};                  // appends under way
  std::atomic<uint32_t> pins{0};                    // replies that send from here
  std::atomic<uint32_t> uploads{0};                 // chunks of unfinished uploads
  std::atomic<RelTime> latest_expiry{0};            // by then everything linked here is expired
  std::atomic<RelTime> next_expiry{kNeverExpires};  // before then a search for expired items finds nothing new
  uint32_t next = kNoSegment;                       // in its queue, or the free or unbacked list
  uint32_t prev = kNoSegment;                       // in its queue
  std::atomic<Queue> queue{Queue::small};
  std::atomic<uint8_t> log{0};  // it was opened for
  std::atomic<uint64_t> sequence{0};
  std::atomic<uint64_t> swept_flush{0};  // flush sequence it was last swept for
};
static_assert(sizeof(Segment) == kSegmentRowSize);

class SegmentStore;

// Room for one record, and the promise that its segment stays until this is gone.
class Lease {
 public:
  Lease() = default;
  Lease(Segment* segment, Location location) : segment_(segment), location_(location) {}
  Lease(Lease&& other) noexcept : segment_(other.segment_), location_(other.location_) { other.segment_ = nullptr; }
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (segment_ != nullptr) segment_->leases.fetch_sub(1, std::memory_order_release);
  }

  explicit operator bool() const { return segment_ != nullptr; }
  Location location() const { return location_; }

 private:
  Segment* segment_ = nullptr;
  Location location_ = 0;
};

class SegmentStore {
 public:
  SegmentStore(Arena& arena, const Layout& layout);

  // --- appending
  // Room in the log's open segment; empty when it is full or there is none: `full` is then the segment to replace.
  Lease try_reserve(unsigned log, uint32_t size, uint32_t& full);
  // Makes `id` (from take_free) the log's open segment if `full` is still the one; otherwise `id` becomes free again.
  void open(unsigned log, uint32_t full, uint32_t id);
  // Seals the log's open segment, if any.
  void close(unsigned log);

  // --- segments as a whole
  // A segment without records, leaving `leave` behind; kNoSegment when there is none within the budget.
  uint32_t take_free(uint32_t leave);
  void put_free(uint32_t id);
  // Gives back the memory of free segments beyond the budget.
  void retire_excess();
  // How many take_free(0) could give.
  uint32_t available() const;

  // May this segment be taken back? Not while it is appended to, uploaded into or sent from.
  bool takeable(uint32_t id) const;
  bool busy(uint32_t id) const { return row(id).leases.load(std::memory_order_relaxed) != 0; }
  // The first takeable segment of a queue; kNoSegment when there is none.
  uint32_t oldest(Queue queue) const;
  uint32_t queued(Queue queue) const { return queued_[static_cast<size_t>(queue)].load(std::memory_order_relaxed); }
  // Sealed -> draining; it keeps its place in its queue until drained() or reseal().
  void drain(uint32_t id) { row(id).state.store(SegmentState::draining, std::memory_order_release); }
  void reseal(uint32_t id) { row(id).state.store(SegmentState::sealed, std::memory_order_release); }
  // Nothing is linked in it any more: free, or quarantined while pinned.
  void drained(uint32_t id);
  // For the mover: a segment (from take_free) of its own, at the end of the main queue, or in the small one just before
  // `before`. Ended by reseal().
  void open_private(uint32_t id, Queue queue, uint32_t before);

  // Segments that may exist: `units` less those the index has taken. Lowering it makes nothing vanish; take_free()
  // retires what is too many.
  void set_units(uint32_t units);
  // One segment (from take_free; kNoSegment: one that is unborn) is given up for the index, or comes back.
  void pay_index(uint32_t id);
  void refund_index();
  uint32_t index_units() const { return index_units_.load(std::memory_order_relaxed); }
  uint32_t budget() const { return budget_.load(std::memory_order_relaxed); }
  uint32_t existing() const { return existing_.load(std::memory_order_relaxed); }
  uint32_t known() const { return known_.load(std::memory_order_acquire); }  // rows ever used: 0 to known() - 1

  // --- rows
  Segment& row(uint32_t id) const { return table_[id]; }
  Segment& row_of(Location location) const { return table_[layout_.segment_of(location)]; }
  const Layout& layout() const { return layout_; }
  uint64_t live_bytes() const;
  uint64_t bytes_written() const { return bytes_written_.load(std::memory_order_relaxed); }  // of sealed segments
  void count(SegmentFigures& out) const;                                                     // states, queues, bytes

  // An item with this expiry lies at `location`.
  void note_expiry(Location location, RelTime exptime);

  // Are there items that expire? True until forgotten, then again when one is stored or found.
  bool has_expiring() const { return expiring_.load(std::memory_order_relaxed); }
  void note_expiring() {
    if (!has_expiring()) expiring_.store(true, std::memory_order_relaxed);
  }
  void forget_expiring() { expiring_.store(false, std::memory_order_relaxed); }
  void lower_next_expiry(uint32_t id, RelTime to);

  // --- flush
  void flush();
  uint64_t flush_sequence() const { return flush_sequence_.load(std::memory_order_acquire); }
  bool flushed(Location location) const {
    return row_of(location).sequence.load(std::memory_order_relaxed) < flush_sequence();
  }

  // --- pins: segments held by replies, and by unfinished uploads
  void pin(Location location);
  void unpin(Location location);
  uint32_t pinned_segments() const { return pinned_segments_.load(std::memory_order_relaxed); }
  // Under a lease on the segment. False (nothing done) when it would be one more than `quota`.
  bool pin_upload(Location location, uint32_t quota);
  void unpin_upload(Location location);
  uint32_t upload_segments() const { return upload_segments_.load(std::memory_order_relaxed); }

 private:
  struct List {
    uint32_t head = kNoSegment;
    uint32_t tail = kNoSegment;  // queues only
    uint32_t size = 0;           // the others only
  };
  void push(List& list, uint32_t id) REQUIRES(mutex_);
  uint32_t pop(List& list) REQUIRES(mutex_);
  void enqueue(uint32_t id, Queue queue, uint32_t before) REQUIRES(mutex_);
  void dequeue(uint32_t id) REQUIRES(mutex_);
  void seal(uint32_t id) REQUIRES(mutex_);
  void retire(uint32_t id);
  void set_budget() REQUIRES(mutex_);
  void begin(uint32_t id) REQUIRES(mutex_);

  Arena& arena_;
  const Layout layout_;
  Segment* const table_;

  std::array<std::atomic<uint32_t>, kLogs> open_;
  std::atomic<uint32_t> index_units_{0};
  std::atomic<uint32_t> budget_{0};
  std::atomic<uint32_t> existing_{0};    // backed segments
  std::atomic<uint32_t> known_{0};       // rows ever used
  std::atomic<uint32_t> free_count_{0};  // free_.size
  std::array<std::atomic<uint32_t>, kQueues> queued_{};
  std::atomic<uint64_t> flush_sequence_{0};
  std::atomic<uint32_t> pinned_segments_{0};
  std::atomic<uint32_t> upload_segments_{0};
  std::atomic<uint64_t> bytes_written_{0};
  std::atomic<bool> expiring_{false};

  mutable threads::Mutex mutex_;  // lists and the change of an open segment; held for a few instructions
  List free_ GUARDED_BY(mutex_);
  List unbacked_ GUARDED_BY(mutex_);
  std::array<List, kQueues> queues_ GUARDED_BY(mutex_);
  uint32_t units_ GUARDED_BY(mutex_) = 0;
  uint64_t next_sequence_ GUARDED_BY(mutex_) = 1;
};

}  // namespace martlet::cache
