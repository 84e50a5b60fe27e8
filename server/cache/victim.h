// Chooser: which segment is taken back next.
//
//   dead     nothing linked in it                                              nothing is lost
//   sweep    everything in it expired or flushed                               nothing is lost
//   clean    little of it lives                                                nothing is lost
//   evict    the oldest of its queue that nobody sends from or uploads into    items are lost; never with evict off,
//                                                                              when cleaning goes on to any gain
//
// Eviction takes from the small queue while that holds more than a tenth of the segments, else from the main one
// (S3-FIFO: J. Yang et al., FIFO queues are all you need for cache eviction, SOSP 2023).
//
// A call looks at kWindow rows of the table. Something live goes only after kSearched rows, or all, have shown nothing
// better: of a very large cache a sample is searched, which moves on from choice to choice.
//
// Threads: one at a time.
#pragma once

#include <cstdint>

#include "server/cache/segment_store.h"

namespace martlet::cache {

struct Victim {
  enum class Kind : uint8_t {
    none,   // nothing can be taken back
    again,  // nothing among the rows looked at: look further
    dead,   // some were released: look at the free list
    sweep,
    clean,
    evict,
  };
  Kind kind = Kind::none;
  uint32_t id = kNoSegment;
  bool busy = false;  // none, but some segments are being appended to
};

class Chooser {
 public:
  Chooser(SegmentStore& segments, bool evict) : segments_(segments), evict_(evict) {}

  // Cleans only segments with fewer than `clean_below` live bytes. What it chose to sweep, clean or evict is draining.
  Victim choose(RelTime now, uint32_t clean_below);

 private:
  struct Candidates {
    uint32_t sweep = kNoSegment;
    uint32_t clean = kNoSegment;
    uint32_t least_live = 0;
    uint32_t freed = 0;
  };
  void look_at(uint32_t id, RelTime now, Candidates& best);
  bool all_gone(const Segment& row, RelTime now) const;
  uint32_t to_evict() const;
  Victim take(Victim::Kind kind, uint32_t id);

  static constexpr uint32_t kWindow = 512;  // rows of 64 bytes
  static constexpr uint32_t kSearched = 4096;

  SegmentStore& segments_;
  const bool evict_;
  uint32_t cursor_ = 0;
  uint32_t fruitless_ = 0;  // rows looked at since something was found
  bool busy_ = false;       // among those
};

}  // namespace martlet::cache
