// Survival: which items of an evicted segment are worth a copy. One that was hit, unless it is large for its hits: what
// its bytes would hold of others is hit more often together.
//
// Of the small queue all of these go to the main one. Of a segment of the main queue kMostSurviving survive at most, so
// that its eviction gains room; when more were hit, the bar rises until about so many pass.
//
// Threads: one at a time.
#pragma once

#include <algorithm>
#include <cstdint>

#include "server/cache/segment_store.h"

namespace martlet::cache {

class Survival {
 public:
  explicit Survival(uint32_t segment_size) : most_(segment_size / 100 * kMostSurviving) {}

  void begin_segment(Queue queue) {
    limited_ = queue == Queue::main;
    kept_ = 0;
    refused_ = false;
  }
  void end_segment() {
    if (limited_) bar_ = refused_ ? std::min(bar_ * kRaise, kLargest) : std::max(bar_ * kLower, 1.0);
  }

  // What items take on average, until enough of them were met.
  bool knows_average() const { return average_ != 0; }

  // A live item of this size was met.
  void note(uint32_t size) {
    average_ = average_ == 0 ? size : average_ + (static_cast<double>(size) - average_) / kMemory;
  }

  // Does an item of `size` bytes (all of a large value) hit so often survive, with `bytes` of it in this segment?
  bool would_keep(unsigned frequency, uint32_t size, uint32_t bytes) {
    if (frequency == 0) return false;
    const double bar = limited_ ? bar_ : 1.0;
    if (average_ != 0 && static_cast<double>(size) * bar > kLargest * frequency * average_) return false;
    if (!limited_ || kept_ + bytes <= most_) return true;
    refused_ = true;
    return false;
  }
  void keep(uint32_t bytes) { kept_ += bytes; }

 private:
  static constexpr uint32_t kMostSurviving = 75;  // percent
  static constexpr double kLargest = 4;           // times the average size and the hits
  static constexpr double kMemory = 1024;         // items the average is taken over
  static constexpr double kRaise = 1.3;
  static constexpr double kLower = 0.95;

  const uint32_t most_;
  double average_ = 0;  // 0: none was met
  double bar_ = 1;
  bool limited_ = false;
  uint32_t kept_ = 0;
  bool refused_ = false;
};

}  // namespace martlet::cache
