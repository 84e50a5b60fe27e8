#include "server/cache/layout.h"

#include <algorithm>
#include <bit>

namespace martlet::cache {
namespace {

constexpr uint64_t kPage = 4096;
constexpr uint32_t kWantedSegments = 512;
constexpr uint32_t kFewestSegments = 32;
constexpr uint64_t kSmallestUsual = 64 << 10;
constexpr uint64_t kSmallest = 16 << 10;
constexpr uint64_t kLargest = 1 << 20;

uint64_t up_to_page(uint64_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

}  // namespace

Layout Layout::plan(uint64_t limit, uint64_t capacity) {
  Layout out;
  uint64_t size = std::clamp(std::bit_floor(std::max<uint64_t>(limit / kWantedSegments, 1)), kSmallestUsual, kLargest);
  while (size > kSmallest && limit / size < kFewestSegments) size /= 2;
  out.segment_size = static_cast<uint32_t>(size);
  out.segment_shift = static_cast<uint32_t>(std::countr_zero(size));
  out.capacity = capacity;
  out.max_segments = static_cast<uint32_t>(capacity / size);
  out.max_buckets = capacity / 4 / kBucketSize;
  out.max_overflow = std::min<uint64_t>(capacity / 8 / kBucketSize, UINT32_MAX - 1);
  out.table_at = kPage;
  out.buckets_at = up_to_page(out.table_at + uint64_t{out.max_segments} * kSegmentRowSize);
  out.overflow_at = up_to_page(out.buckets_at + out.max_buckets * kBucketSize);
  out.segments_at = up_to_page(out.overflow_at + out.max_overflow * kBucketSize);
  out.total = out.segments_at + uint64_t{out.max_segments} * size;
  return out;
}

uint32_t Layout::units(uint64_t limit) const {
  return static_cast<uint32_t>(std::min<uint64_t>(limit / (segment_size + kSegmentRowSize), max_segments));
}

}  // namespace martlet::cache
