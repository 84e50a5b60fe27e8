// TtlClasses: which log an item is written to, so that the items of a segment expire at about the same time and its
// memory comes back as a whole (J. Yang et al., Segcache, NSDI 2021).
//
// Times to live are told apart by powers of two; class 0 is for items that never expire. A class has a log of its own
// while it gets more than kShare of what is written; each further log leaves a segment half filled, so small caches
// have few. The others write where the next longer class in use does, or the longest.
//
// Threads: safe from any thread; remap() is called by one at a time.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

#include "server/base/rel_time.h"
#include "server/cache/segment_store.h"

namespace martlet::cache {

class TtlClasses {
 public:
  static constexpr uint32_t kPage = 4096;         // bytes written that count as one
  static constexpr uint32_t kSharePermille = 20;  // of the bytes written, for a log of one's own

  // `segments` of the cache decide how many logs there are.
  explicit TtlClasses(uint32_t segments);

  static unsigned class_of(uint32_t ttl) { return static_cast<unsigned>(std::bit_width(ttl)); }  // 0 never expires
  unsigned log_of(unsigned ttl_class) const { return log_of_[ttl_class].load(std::memory_order_relaxed); }

  // Pages written by items of that class.
  void note(unsigned ttl_class, uint32_t pages);
  // Is it time to look at the shares again?
  bool due() const { return pages_.load(std::memory_order_relaxed) >= kPeriod; }
  // Gives logs to the classes that deserve one. Returns the logs that were taken away, a bit each.
  uint32_t remap();

  void describe(SegmentFigures& out) const;

 private:
  static constexpr unsigned kClasses = 33;
  static constexpr uint32_t kPeriod = 512;  // pages

  bool owns(unsigned ttl_class) const { return own_[ttl_class].load(std::memory_order_relaxed) != kNone; }
  static constexpr uint8_t kNone = 0xFF;

  const unsigned logs_;
  std::array<std::atomic<uint8_t>, kClasses> log_of_{};
  std::array<std::atomic<uint8_t>, kClasses> own_{};     // the class's own log, kNone
  std::array<std::atomic<uint32_t>, kClasses> share_{};  // pages lately, halved at each remap
  std::atomic<uint32_t> pages_{0};                       // since the last remap
};

}  // namespace martlet::cache
