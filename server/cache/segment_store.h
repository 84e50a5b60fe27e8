// SegmentStore: the log. Fixed segments that are filled by appending and taken back as a whole.
//
//   unbacked ──► free ──► open ──► sealed ──► draining ──► free          one row of the segment table each
//       ▲          │                             └──► quarantine ──► free    (a reply still sends from it)
//       └──────────┘ retired: the memory limit fell or the index grew
//
// Appending: a Lease raises the segment's lease count, takes room by compare_exchange, and lets go when the record is
// written and published or given up; nothing is reclaimed under a lease. Two segments are open at a time: one for items
// and descriptors, one for chunks of large values, so that slow uploads meet in few segments.
//
// A segment's memory is used again only when no record in it is linked (live 0, or drained), nobody holds a lease, no
// upload has a chunk in it and no reply sends from it. Counts are read in that order: each step that could raise the
// next one happens before the former falls.
//
// Sequence: every segment that opens gets the next number; flush_all raises the flush sequence to the next one to be
// given out, and whatever lies in an older segment counts as gone.
//
// Threads: everything is safe from any thread, except as marked.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "server/base/rel_time.h"
#include "server/cache/arena.h"
#include "server/cache/layout.h"
#include "threads/mutex.h"

namespace martlet::cache {

inline constexpr uint32_t kNoSegment = UINT32_MAX;
inline constexpr uint32_t kMoverReserve = 1;          // free segments that only the Mover takes
inline constexpr RelTime kNeverExpires = UINT32_MAX;  // as the latest expiry of a segment

enum class SegmentState : uint32_t { unbacked, free, open, sealed, draining, quarantine };
enum class Log : uint32_t { items, chunks };

// One row of the segment table.
struct alignas(kSegmentRowSize) Segment {
  std::atomic<SegmentState> state{SegmentState::unbacked};
  std::atomic<uint32_t> used{0};     // bytes appended
  std::atomic<uint32_t> live{0};     // bytes of linked records
  std::atomic<uint32_t> leases{0};   // appends under way
  std::atomic<uint32_t> pins{0};     // replies that send from here
  std::atomic<uint32_t> uploads{0};  // chunks of unfinished uploads
  std::atomic<uint32_t> latest_expiry{0};
  uint32_t next_free = kNoSegment;  // free and unbacked lists
  std::atomic<uint64_t> sequence{0};
  std::atomic<uint64_t> age{0};          // order of eviction, lowest first
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

// What a reclaimer should do next.
struct Victim {
  enum class Kind : uint8_t {
    none,   // nothing can be taken back
    dead,   // released already: look at the free list
    sweep,  // everything in it seems expired or flushed
    clean,  // few live bytes: move them
    evict,  // the oldest
  };
  Kind kind = Kind::none;
  uint32_t id = kNoSegment;
  bool busy = false;  // none, but others are taking segments back right now
};

struct PickRules {
  RelTime now = 0;
  bool evict = true;
  bool clean = true;           // may records be moved?
  uint32_t clean_live = 0;     // only segments with fewer live bytes
  uint32_t clean_garbage = 0;  // and with at least so many dead ones
};

class SegmentStore {
 public:
  SegmentStore(Arena& arena, const Layout& layout);

  // --- appending
  // Room in the open segment; empty when it is full or there is none: `full` is then the segment to replace.
  Lease try_reserve(Log log, uint32_t size, uint32_t& full);
  // Makes `id` (from take_free) the open segment if `full` is still the one; otherwise `id` becomes free again.
  void open(Log log, uint32_t full, uint32_t id);

  // --- segments as a whole
  // A segment without records, leaving `leave` behind; kNoSegment when there is none within the budget.
  uint32_t take_free(uint32_t leave);
  void put_free(uint32_t id);
  // Chooses by the order dead, sweep, clean, evict; what it chose is draining. One caller at a time.
  Victim pick(const PickRules& rules);
  // Ends draining: free, or quarantined while pinned.
  void drained(uint32_t id);
  void reseal(uint32_t id);
  // For the mover: a segment of its own, as old as `age`; sealed by reseal().
  void open_private(uint32_t id, uint64_t age);

  // Segments that may exist: `units` less those the index has taken. Lowering it makes nothing vanish; take_free()
  // retires what is too many.
  void set_units(uint32_t units);
  // One segment (from take_free; kNoSegment: one that is unborn) is given up for the index, or comes back.
  void pay_index(uint32_t id);
  void refund_index();
  uint32_t index_units() const { return index_units_.load(std::memory_order_relaxed); }
  uint32_t budget() const { return budget_.load(std::memory_order_relaxed); }
  uint32_t existing() const { return existing_.load(std::memory_order_relaxed); }

  // --- rows
  Segment& row(uint32_t id) const { return table_[id]; }
  Segment& row_of(Location location) const { return table_[layout_.segment_of(location)]; }
  const Layout& layout() const { return layout_; }
  uint64_t live_bytes() const;

  void raise_expiry(Location location, RelTime exptime);

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

 private:
  struct List {
    uint32_t head = kNoSegment;
    uint32_t size = 0;
  };
  void push(List& list, uint32_t id) REQUIRES(mutex_);
  uint32_t pop(List& list) REQUIRES(mutex_);
  void retire(uint32_t id) REQUIRES(mutex_);
  void set_budget() REQUIRES(mutex_);
  void begin(uint32_t id) REQUIRES(mutex_);
  bool reusable(const Segment& row) const;

  Arena& arena_;
  const Layout layout_;
  Segment* const table_;

  std::array<std::atomic<uint32_t>, 2> open_{kNoSegment, kNoSegment};
  std::atomic<uint32_t> index_units_{0};
  std::atomic<uint32_t> budget_{0};
  std::atomic<uint32_t> existing_{0};  // backed segments
  std::atomic<uint32_t> known_{0};     // rows ever used
  std::atomic<uint64_t> flush_sequence_{0};
  std::atomic<uint32_t> pinned_segments_{0};
  std::atomic<uint32_t> upload_segments_{0};

  threads::Mutex mutex_;  // lists and the change of the open segment; held for a few instructions
  List free_ GUARDED_BY(mutex_);
  List unbacked_ GUARDED_BY(mutex_);
  uint32_t units_ GUARDED_BY(mutex_) = 0;
  uint64_t next_sequence_ GUARDED_BY(mutex_) = 1;
};

}  // namespace martlet::cache
