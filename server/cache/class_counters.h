// ClassCounters: what happened to items of which size. Classes are memcached's slab classes, so that listings by class
// look as expected; here nothing but these counters knows of them.
//
// Nothing is counted by a get of a present item. The gauges change with every store and so are kept in several stripes,
// chosen by where the record lies: threads that store at the same time rarely write the same line.
//
// Threads: everything is safe from any thread.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "server/base/rel_time.h"
#include "server/cache/arena.h"
#include "server/cache/cache_requests.h"
#include "server/cache/item_view.h"
#include "server/cache/size_ladder.h"

namespace martlet::cache {

class ClassCounters {
 public:
  explicit ClassCounters(const SizeLadder& ladder) : ladder_(ladder) {}

  // Before anything is counted: items of up to `largest` bytes (and above, as if they were no larger) are to be counted
  // by size as well. Takes memory for the sizes that occur only. False: the address space cannot be had.
  bool track_sizes(uint64_t largest);

  // An item at `location` was linked or unlinked.
  void linked(Location location, uint32_t item_size) { change(location, item_size, 1); }
  void unlinked(Location location, uint32_t item_size) { change(location, item_size, -1); }

  void evicted(const ItemView& item, bool active, RelTime now);
  void reclaimed(uint32_t item_size, bool fetched);  // expired
  void refused(uint32_t item_size);                  // no memory for it
  void moved(uint32_t item_size);
  void crawler_checked(uint32_t item_size);
  void crawler_reclaimed(uint32_t item_size);

  const SizeLadder& ladder() const { return ladder_; }
  std::vector<ClassFigures> figures() const;
  std::vector<std::pair<uint32_t, uint64_t>> histogram() const;

 private:
  static constexpr size_t kStripes = 8;
  static constexpr uint32_t kStep = 32;  // bytes of the histogram

  struct Gauges {
    std::atomic<int64_t> items{0};
    std::atomic<int64_t> bytes{0};
  };
  struct Counters {
    std::atomic<uint64_t> evicted{0};
    std::atomic<uint64_t> evicted_nonzero{0};
    std::atomic<RelTime> evicted_age{0};
    std::atomic<uint64_t> evicted_unfetched{0};
    std::atomic<uint64_t> evicted_active{0};
    std::atomic<uint64_t> expired_unfetched{0};
    std::atomic<uint64_t> reclaimed{0};
    std::atomic<uint64_t> crawler_reclaimed{0};
    std::atomic<uint64_t> crawler_checked{0};
    std::atomic<uint64_t> out_of_memory{0};
    std::atomic<uint64_t> moved{0};
  };
  void change(Location location, uint32_t item_size, int sign);
  Counters& row(uint32_t item_size) { return counters_[ladder_.size_class(item_size) - 1]; }

  // Multiples of kStep belong to the step that ends there.
  uint32_t* step(uint32_t item_size) const { return step_at(std::min((item_size - 1) / kStep, steps_ - 1)); }
  uint32_t* step_at(uint32_t number) const {
    return reinterpret_cast<uint32_t*>(by_size_.at(uint64_t{number} * sizeof(uint32_t)));
  }

  const SizeLadder ladder_;
  std::array<std::array<Gauges, SizeLadder::kMostClasses>, kStripes> gauges_{};
  std::array<Counters, SizeLadder::kMostClasses> counters_{};
  uint32_t steps_ = 0;
  Arena by_size_;  // a count of 32 bits for each step
};

}  // namespace martlet::cache
