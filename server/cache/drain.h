// Drain: takes back one segment, in steps of at most kStepItems records or kStepBytes. Between steps the segment is
// draining: what is still linked in it is found and read as ever.
//
//   sweep    unlinks what is expired or flushed; when something else is linked still, the segment is sealed again
//   clean    moves what lives
//   evict    moves what survives, evicts the rest; what leaves the small queue leaves a ghost
//
// Threads: one at a time (the Reclaimer's mutex).
#pragma once

#include <cstdint>

#include "server/cache/cache.h"
#include "server/cache/mover.h"
#include "server/cache/storage.h"
#include "server/cache/survival.h"
#include "server/cache/victim.h"

namespace martlet::cache {

inline constexpr uint32_t kStepItems = 64;
inline constexpr uint32_t kStepBytes = 64 << 10;

class Drain {
 public:
  Drain(Storage& storage, Cache::EvictionHook on_eviction, bool few_segments)
      : storage_(storage),
        on_eviction_(std::move(on_eviction)),
        few_segments_(few_segments),
        mover_(storage),
        survival_(storage.segments.layout().segment_size) {}

  bool active() const { return victim_.kind != Victim::Kind::none; }
  bool cleaning() const { return victim_.kind == Victim::Kind::clean; }
  // A victim to sweep, clean or evict, when none is active.
  void begin(const Victim& victim);
  // Returns the bytes gone through.
  uint32_t step();
  // Did the last one end because nothing could be moved?
  bool stuck() const { return stuck_; }

 private:
  // What is to be done with a record that is linked.
  enum class Fate : uint8_t { nothing, evict, move, no_room };

  bool handle(Location at, const Record& record);
  bool sweep_record(Location at, const Record& record);
  bool move_or_evict(Location at, const Record& record);
  Fate decide(Location at, const Record& record, Queue queue);
  Slot find(BucketGuard& guard, Location at, const Record& record) const;
  Fate judge(const Slot& slot, const Record& record);
  void evict(BucketGuard& guard, const Slot& slot);
  void tell(const Record& record);
  void finish();
  Queue goal() const;

  Storage& storage_;
  const Cache::EvictionHook on_eviction_;
  const bool few_segments_;
  Mover mover_;
  Survival survival_;

  Victim victim_;
  uint32_t offset_ = 0;    // of the next record
  bool leftover_ = false;  // something stays linked
  bool stuck_ = false;
  bool may_move_ = true;        // false: there was no room for a survivor
  Queue queue_ = Queue::small;  // the victim's

  // The item that was evicted last, for the hook.
  ItemView view_;
  char key_[kMaxKey] = {};
  size_t key_size_ = 0;
};

}  // namespace martlet::cache
