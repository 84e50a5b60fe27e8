// Storage: the log and the index together, and the rules by which they stay in step: which records count as gone, how
// a record's bytes are charged to its segments when it is linked and released when it is unlinked.
//
// Everything that says "guard" is called with the bucket of the record's key locked by it.
#pragma once

#include <atomic>
#include <cstdint>

#include "server/base/rel_time.h"
#include "server/cache/arena.h"
#include "server/cache/class_counters.h"
#include "server/cache/hash_index.h"
#include "server/cache/item_view.h"
#include "server/cache/record.h"
#include "server/cache/segment_store.h"

namespace martlet::cache {

// Things that happened, ever. No get of a present item counts here.
struct StorageEvents {
  std::atomic<uint64_t> stored{0};
  std::atomic<uint64_t> evictions{0};
  std::atomic<uint64_t> evicted_unfetched{0};
  std::atomic<uint64_t> evicted_active{0};
  std::atomic<uint64_t> expired_unfetched{0};
  std::atomic<uint64_t> reclaimed{0};

  std::atomic<uint64_t> crawler_starts{0};
  std::atomic<uint64_t> crawler_items_checked{0};
  std::atomic<uint64_t> crawler_reclaimed{0};

  std::atomic<uint64_t> segments_evicted{0};
  std::atomic<uint64_t> segments_cleaned{0};
  std::atomic<uint64_t> segments_swept{0};
  std::atomic<uint64_t> items_moved{0};
  std::atomic<uint64_t> bytes_moved{0};
  std::atomic<uint64_t> assists{0};
};

inline void count(std::atomic<uint64_t>& counter, uint64_t by = 1) { counter.fetch_add(by, std::memory_order_relaxed); }

enum class Gone : uint8_t { no, expired, flushed };

struct Storage {
  Arena& arena;
  SegmentStore& segments;
  HashIndex& index;
  const RelClock& clock;
  StorageEvents& events;
  ClassCounters& classes;
  bool cas_enabled;  // off: ids read as 0

  Record record(Location location) const { return Record(arena.at(location)); }

  // Bytes of memory that are the item's, its chunks included. No chunk is looked at: all but the last are of one size.
  uint32_t item_size(const Record& item) const {
    if (item.kind() != RecordKind::descriptor || item.chunk_count() == 0) return item.size();
    const uint32_t chunk = segments.layout().max_record();
    const uint32_t whole = item.chunk_count() - 1;
    const uint32_t rest = item.large_size() - whole * (chunk - kChunkHeaderSize);
    return item.size() + whole * chunk + ((kChunkHeaderSize + rest + 7U) & ~7U);
  }

  uint8_t size_class(const Record& item) const {
    return static_cast<uint8_t>(classes.ladder().size_class(item_size(item)));
  }

  // All that is seen of an item but its value.
  void describe(const Record& item, ItemView& view) const {
    view.cas = cas_enabled ? item.cas() : 0;
    view.flags = item.flags();
    view.exptime = item.exptime();
    view.last_access = item.last_access();
    view.fetched = item.fetched();
    view.stale = item.has_mark(kStale);
    view.won = item.has_mark(kWon);
    view.binary_key = item.has_mark(kBinaryKey);
    view.value_size = item.value_size();
    view.item_size = item_size(item);
    view.size_class = static_cast<uint8_t>(classes.ladder().size_class(view.item_size));
  }

  Gone gone(Location location) const {
    if (segments.flushed(location)) return Gone::flushed;
    return expired(record(location).exptime(), clock.now()) ? Gone::expired : Gone::no;
  }

  Slot find_key(const BucketGuard& guard, std::string_view key) const {
    return guard.find([&](const Slot& slot) { return record(slot.location()).key() == key; });
  }
  static Slot find_location(const BucketGuard& guard, Location location) {
    return guard.find([&](const Slot& slot) { return slot.location() == location; });
  }
  // The large item that the chunk at `location` belongs to.
  Slot find_owner(const BucketGuard& guard, Location location) const {
    const uint32_t number = record(location).chunk_number();
    return guard.find([&](const Slot& slot) {
      if (!slot.large()) return false;
      const Record owner = record(slot.location());
      return number < owner.chunk_count() && owner.chunk(number) == location;
    });
  }

  // The hash whose bucket a record of any kind is found by.
  uint64_t hash_of(const Record& of) const {
    return of.kind() == RecordKind::chunk ? of.owner_hash() : index.hash(of.key());
  }

  // Charges the record's bytes, and those of its chunks, before it is linked.
  void charge(Location location) const {
    for_each_part(location, [&](Location part, uint32_t size) {
      segments.row_of(part).live.fetch_add(size, std::memory_order_relaxed);
    });
    note_expiry(location);
    classes.linked(location, item_size(record(location)));
  }

  // The contrary, after it was unlinked: the last thing done with it.
  void release(Location location) const {
    classes.unlinked(location, item_size(record(location)));
    for_each_part(location, [&](Location part, uint32_t size) {
      segments.row_of(part).live.fetch_sub(size, std::memory_order_release);
    });
  }

  // Tells the record's segments when it expires.
  void note_expiry(Location location) const {
    const RelTime exptime = record(location).exptime();
    for_each_part(location, [&](Location part, uint32_t) { segments.note_expiry(part, exptime); });
  }

  // Unlinks and releases.
  void unlink(BucketGuard& guard, const Slot& slot) const {
    guard.erase(slot);
    release(slot.location());
  }

  // Unlinks what is gone, and counts it.
  void drop_gone(BucketGuard& guard, const Slot& slot, Gone why) const {
    if (why == Gone::expired) {
      const Record item = record(slot.location());
      count(events.reclaimed);
      classes.reclaimed(item_size(item), item.fetched());
      if (!item.fetched()) count(events.expired_unfetched);
    }
    unlink(guard, slot);
  }

 private:
  template <typename Visit>
  void for_each_part(Location location, Visit&& visit) const {
    const Record whole = record(location);
    if (whole.kind() == RecordKind::descriptor) {
      for (uint32_t i = 0; i < whole.chunk_count(); ++i) visit(whole.chunk(i), record(whole.chunk(i)).size());
    }
    visit(location, whole.size());
  }

 public:
  static SlotKind slot_kind(const Record& record) {
    return record.kind() == RecordKind::descriptor ? SlotKind::large : SlotKind::item;
  }
};

}  // namespace martlet::cache
