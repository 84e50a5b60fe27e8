// Layout: which part of the arena's address space is what, decided once when the cache is made.
//
//   0            table_at        buckets_at        overflow_at        segments_at                        total
//   | one page   | segment table | index: buckets  | index: overflow  | segment 0 | segment 1 | ...      |
//
// Each range is as large as the largest memory limit the reservation can serve could ask for; what of it is used, and
// so costs memory, is bounded by the limit. The unit of account is a segment: the index pays for its pages with
// segments.
#pragma once

#include <cstdint>

#include "server/cache/arena.h"

namespace martlet::cache {

struct Layout {
  uint32_t segment_size = 0;   // bytes, a power of two
  uint32_t segment_shift = 0;  // log2 of it
  uint32_t max_segments = 0;   // that fit the address range
  uint64_t max_buckets = 0;    // in the index proper
  uint64_t max_overflow = 0;   // overflow buckets
  Location table_at = 0;
  Location buckets_at = 0;
  Location overflow_at = 0;
  Location segments_at = 0;
  uint64_t total = 0;     // bytes of address space
  uint64_t capacity = 0;  // highest memory limit it serves

  // For a cache that begins with `limit` bytes and can grow to `capacity` (>= limit).
  static Layout plan(uint64_t limit, uint64_t capacity);

  // Segments' worth of memory a limit stands for, their rows in the segment table paid.
  uint32_t units(uint64_t limit) const;

  Location segment_at(uint32_t id) const { return segments_at + (static_cast<uint64_t>(id) << segment_shift); }
  uint32_t segment_of(Location location) const {
    return static_cast<uint32_t>((location - segments_at) >> segment_shift);
  }

  // Longest record in the log. Longer values are a descriptor and chunks.
  uint32_t max_record() const { return segment_size / 8; }
};

inline constexpr uint32_t kBucketSize = 64;      // bytes
inline constexpr uint32_t kSegmentRowSize = 64;  // bytes of the segment table

}  // namespace martlet::cache
