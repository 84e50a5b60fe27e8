// Cache: the face of the storage room. Everything else in server/cache is private to it.
//
//   command/ ──► Cache ──► hash_index (where) ──► segment_store (bytes) ──► arena of -m bytes, index included
//
// Keys are 1 to 250 bytes of anything; values 0 to CacheSettings::item_size_max bytes. Every verb is atomic for its
// key, and verbs on one key have one order that all threads agree on. Of the CAS ids that the cache gives to a key each
// is above the last; one that a client has chosen stands aside.
//
// Threads. All verbs are safe from any thread that passes its own CacheContext: workers, the maintainer, tests. One
// context belongs to one thread at a time. No lock is taken by every get; two gets meet only in the bucket of their
// key, and nothing is ever waited for but such a bucket. No verb blocks: a shortage of memory is an outcome.
//
// Memory. Data and index live in one arena bounded by memory_limit; nothing is allocated per item.
//
// Small values (up to kPinThreshold) leave as copies, large ones pinned where they lie: until the PinnedBytes is gone
// their memory is not reused, whatever happens to the item meanwhile. What may be pinned at once is bounded; beyond it
// a get of a large value is out_of_memory.
//
// Large values arrive in pieces through an Upload, which holds no space of the log that others wait for longer than one
// call, except under a quota of all memory (beyond it: out_of_memory), and which publishes like store() does.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "server/base/rel_time.h"
#include "server/base/result.h"
#include "server/cache/cache_requests.h"
#include "server/cache/item_view.h"

namespace martlet::cache {

inline constexpr uint32_t kClassHeader = 48;        // bytes that memcached's smallest size class adds to -n
inline constexpr size_t kPinThreshold = 16 * 1024;  // values above it are pinned and uploaded in pieces

struct CacheSettings {
  uint64_t memory_limit = 64ULL << 20;  // bytes (-m), data and index
  uint32_t item_size_max = 1U << 20;    // bytes of value (-I)
  bool evict = true;                    // -M turns it off: a full cache refuses
  bool cas_enabled = true;              // -C turns it off: CAS ids read as 0 and never match
  bool track_sizes = false;             // -o track_sizes: size_histogram() is kept
  double class_factor = 1.25;           // size classes: each is this much larger than the one before (-f)
  uint32_t smallest_class = 96;         // bytes of the largest item of class 1 (-n and kClassHeader)
  unsigned hash_power = 0;              // log2 of the initial buckets (-o hashpower), 0: chosen by the cache
};

// Gauges and counters of the engine, summed when asked. Approximate while others write, exact at rest.
struct CacheFigures {
  uint64_t memory_limit = 0;
  uint64_t bytes = 0;        // of live items, headers included
  uint64_t items = 0;        // live (expired ones count until they are found out)
  uint64_t total_items = 0;  // ever stored
  uint64_t evictions = 0;
  uint64_t evicted_unfetched = 0;
  uint64_t evicted_active = 0;
  uint64_t expired_unfetched = 0;
  uint64_t reclaimed = 0;  // expired items whose memory was taken back
  uint64_t crawler_starts = 0;
  uint64_t crawler_items_checked = 0;
  uint64_t crawler_reclaimed = 0;  // of `reclaimed`, those the crawler found
  uint64_t hash_buckets_power = 0;
  uint64_t hash_bytes = 0;
  bool hash_expanding = false;
  uint64_t pinned_bytes = 0;
};

// The engine as it is, for `stats segments`. Approximate while others work.
struct SegmentFigures {
  static constexpr size_t kMostTtlClasses = 8;
  struct TtlClass {
    uint32_t shortest = 0;        // seconds, 0 for items without expiry
    uint32_t share_permille = 0;  // of the bytes written lately
    uint64_t segments = 0;        // in the small queue, the open one included
  };
  uint64_t segment_size = 0;  // bytes
  uint64_t segments = 0;      // that may exist, the index's share taken off
  uint64_t free = 0;          // empty, or not born yet
  uint64_t open = 0;
  uint64_t sealed = 0;
  uint64_t draining = 0;
  uint64_t quarantined = 0;  // empty but for replies that still send from them
  uint64_t small_queue = 0;  // segments
  uint64_t main_queue = 0;   // segments
  uint64_t used_bytes = 0;   // of open and sealed segments
  uint64_t live_bytes = 0;
  uint64_t segments_evicted = 0;
  uint64_t segments_cleaned = 0;
  uint64_t segments_swept = 0;  // everything in them expired or flushed
  uint64_t items_moved = 0;     // items and chunks copied by cleaning, or because they survived an eviction
  uint64_t bytes_moved = 0;
  uint64_t bytes_written = 0;  // by stores
  uint64_t assists = 0;        // steps of background work done by storing threads
  uint32_t ttl_classes = 0;    // in use, first of the following
  std::array<TtlClass, kMostTtlClasses> ttl_class{};
  uint64_t index_segments = 0;  // segments' worth of memory paid to the index
  uint64_t index_buckets = 0;
  uint64_t index_items = 0;
  uint64_t index_overflow_buckets = 0;
  uint64_t ghosts_made = 0;
  uint64_t ghosts_readmitted = 0;
  uint64_t pinned_segments = 0;  // replies send from them
  uint64_t upload_segments = 0;  // unfinished uploads write into them
};

// What one thread brings along: scratch for small values, its counters, its lease of CAS ids. Made by
// Cache::make_context(), destroyed before the Cache.
class CacheContext {
 public:
  virtual ~CacheContext() = default;
};

// A value that is arriving in pieces. Destroyed without publish(): the value is forgotten. One thread at a time.
class Upload {
 public:
  virtual ~Upload() = default;

  // Where the next bytes go: writable, contiguous, not empty until the announced size is complete. Empty before that
  // means no memory could be had: abandon the upload and drop the rest of the value.
  virtual std::span<char> space(CacheContext& context) = 0;

  // `size` bytes (<= the span's) have been written there.
  virtual void advance(size_t size) = 0;

  virtual uint32_t remaining() const = 0;  // bytes still to come
};

class Cache {
 public:
  // Told of every live item that is evicted: key and how it was. Called on the thread that evicts. It may read the
  // cache but stores nothing.
  using EvictionHook = std::function<void(std::string_view key, const ItemView& item)>;

  // Reserves the arena. Errors: it cannot be had (71), the limits contradict each other (64).
  static Result<std::unique_ptr<Cache>> create(const CacheSettings& settings, const RelClock& clock,
                                               EvictionHook on_eviction = {});
  virtual ~Cache() = default;

  virtual std::unique_ptr<CacheContext> make_context() = 0;

  virtual GetResult get(CacheContext& context, std::string_view key, const GetOptions& options) = 0;

  // The whole value at hand.
  virtual StoreResult store(CacheContext& context, const StoreRequest& request, std::string_view value) = 0;

  // May a value of this size be stored under this key at all? done, too_large. When it is refused for mode set, the
  // caller removes the old item, so that nobody reads a value the writer meant to replace.
  virtual Outcome admit(std::string_view key, uint32_t value_size) const = 0;

  // A value above kPinThreshold in pieces; null when no memory could be had. publish() only when remaining() is 0.
  virtual std::unique_ptr<Upload> begin_upload(CacheContext& context, std::string_view key, uint32_t value_size) = 0;
  virtual StoreResult publish(CacheContext& context, const StoreRequest& request, std::unique_ptr<Upload> upload) = 0;

  virtual RemoveResult remove(CacheContext& context, const RemoveRequest& request) = 0;
  Outcome remove(CacheContext& context, std::string_view key) {
    RemoveRequest request;
    request.key = key;
    return remove(context, request).outcome;
  }
  // A get that sets the expiry and leaves the value where it is.
  GetResult touch(CacheContext& context, std::string_view key, RelTime exptime) {
    GetOptions options;
    options.touch = true;
    options.exptime = exptime;
    options.value = false;
    return get(context, key, options);
  }
  virtual ArithResult arith(CacheContext& context, const ArithRequest& request) = 0;

  // From `at` on everything stored before `at` is gone; kNever means now: everything stored up to this call, while what
  // is stored after it (in the same second, too) stays. The last call wins.
  virtual void flush_all(CacheContext& context, RelTime at) = 0;

  // Once a second on the main thread, before the new second is published: delayed flushes take effect.
  virtual void tick(RelTime next) = 0;

  // One step of background work: room made in advance, the index fitted to its load, expired items found. Bounded by 64
  // items or 64 KiB. Returns how long there is nothing to do; what comes up meanwhile is told to on_work's callback.
  // Any thread; without a thread that calls it, stores do what they need themselves.
  virtual std::chrono::milliseconds maintain() = 0;

  // Called whenever maintain() has something to do before its time, from any thread that uses the cache. Set before
  // there are such threads, taken away (empty) after they have ended.
  virtual void on_work(std::function<void()> wake) = 0;

  // New limit in bytes. False when it cannot be had (below what the engine needs, above the reservation).
  virtual bool set_memory_limit(uint64_t bytes) = 0;

  virtual CacheFigures figures() const = 0;
  virtual SegmentFigures segment_figures() const = 0;

  // Shows every live item, a few buckets of the index a call, in an order that growth and shrinking do not disturb: an
  // item that is there from the first call to the last is shown exactly once, however many calls it takes and whatever
  // happens between them. `visit` is called without locks held, on views that hold until it returns and have no value.
  // The cursor begins as {} and says done when the end is reached. At most about `items` are shown in one call.
  virtual void walk(CacheContext& context, WalkCursor& cursor, size_t items, const WalkVisit& visit) = 0;

  // Items are classed by size for the listings that go by class; nothing is kept by class. 1 is the smallest class, and
  // every item belongs to one.
  virtual unsigned size_class(uint32_t item_size) const = 0;

  // Figures by size class; row 0 is class 1.
  virtual std::vector<ClassFigures> class_figures() const = 0;

  // Items by size, in steps of 32 bytes: (upper end in bytes, items), empty steps left out. Nothing when
  // CacheSettings::track_sizes is off.
  virtual std::vector<std::pair<uint32_t, uint64_t>> size_histogram() const = 0;
};

}  // namespace martlet::cache
