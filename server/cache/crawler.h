// Crawler: finds items that are expired or flushed and still linked, and turns them into dead bytes, which the
// Reclaimer then finds. It goes round the segments at most once a second, and looks only into those in which something
// can have expired since it last did; the whole round is done in steps of kStepItems records.
//
// Threads: one at a time (the Reclaimer's mutex), but for due() and figures.
#pragma once

#include <atomic>
#include <cstdint>

#include "server/cache/storage.h"

namespace martlet::cache {

class Crawler {
 public:
  explicit Crawler(Storage& storage) : storage_(storage) {}

  // Is a round under way or to be begun? Any thread.
  bool due() const;
  // One step of it.
  void step();

 private:
  // The segment being gone through.
  struct Visit {
    uint32_t id = kNoSegment;
    uint32_t offset = 0;
    uint64_t sequence = 0;
    RelTime soonest = kNeverExpires;  // expiry of what stays
    RelTime latest = 0;
  };

  void begin_round();
  void find_segment();
  bool worth_a_visit(uint32_t id) const;
  void begin_visit(uint32_t id);
  void go_on();
  void end_visit();
  void look_at(Location at, const Record& record);

  static constexpr uint32_t kRows = 512;         // of the segment table in one step
  static constexpr uint32_t kLongestPause = 30;  // seconds between two visits while items of the segment expire

  Storage& storage_;
  Visit visit_;
  uint32_t cursor_ = 0;
  std::atomic<bool> under_way_{false};
  std::atomic<RelTime> last_round_{0};
  std::atomic<uint64_t> last_flush_{0};
};

}  // namespace martlet::cache
