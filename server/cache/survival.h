// Survival: which items of an evicted segment are worth a copy. One that was hit, unless it is large for its hits: what
// its bytes would hold of others is hit more often together. At most kMostSurviving of a segment survive, so that every
// eviction gains room; when more were hit, the bar rises until about so many pass.
//
// Threads: one at a time.
#pragma once

#include <algorithm>
#include <cstdint>

namespace martlet::cache {

class Survival {
 public:
  explicit Survival(uint32_t segment_size) : most_(segment_size / 100 * kMostSurviving) {}

  // A live item of this size was met.
  void note(uint32_t size) { average_ += (static_cast<double>(size) - average_) / kMemory; }

  // Does an item of `size` bytes (all of a large value) hit so often survive, with `bytes` of it in this segment?
  bool would_keep(unsigned frequency, uint32_t size, uint32_t bytes) {
    if (frequency == 0) return false;
    if (static_cast<double>(size) * bar_ > kLargest * frequency * average_) return false;
    refused_ = refused_ || kept_ + bytes > most_;
    return kept_ + bytes <= most_;
  }
  void keep(uint32_t bytes) { kept_ += bytes; }

  void segment_done() {
    bar_ = refused_ ? bar_ * kRaise : std::max(1.0, bar_ * kLower);
    kept_ = 0;
    refused_ = false;
  }

 private:
  static constexpr uint32_t kMostSurviving = 75;  // percent
  static constexpr double kLargest = 4;           // times the average size and the hits
  static constexpr double kMemory = 1024;         // items the average is taken over
  static constexpr double kRaise = 1.3;
  static constexpr double kLower = 0.95;

  const uint32_t most_;
  double average_ = 256;
  double bar_ = 1;
  uint32_t kept_ = 0;
  bool refused_ = false;
};

}  // namespace martlet::cache
