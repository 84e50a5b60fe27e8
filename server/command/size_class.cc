#include "server/command/size_class.h"

#include <algorithm>
#include <array>

namespace martlet::command {
namespace {

constexpr uint32_t kHeader = 48;
constexpr uint32_t kCas = 8;
constexpr uint32_t kFlags = 4;
constexpr uint32_t kLineEnd = 2;

constexpr uint32_t kSmallest = 96;
constexpr uint32_t kLargest = 524'288;
constexpr uint32_t kClasses = 39;

// The factor is 5/4, and memcached's ladder ends where a further step would pass the largest chunk.
constexpr std::array<uint32_t, kClasses> kChunks = [] {
  std::array<uint32_t, kClasses> chunks{};
  uint64_t size = kSmallest;
  for (uint32_t& chunk : chunks) {
    chunk = static_cast<uint32_t>(size);
    size = (size * 5 / 4 + 7) / 8 * 8;
  }
  chunks.back() = kLargest;
  return chunks;
}();
static_assert(kChunks[kClasses - 2] <= kLargest * 4ULL / 5);

}  // namespace

uint32_t slab_item_size(size_t key_size, uint32_t flags, uint32_t value_size) {
  const uint64_t size = kHeader + kCas + key_size + 1 + (flags != 0 ? kFlags : 0) + uint64_t{value_size} + kLineEnd;
  return static_cast<uint32_t>(std::min<uint64_t>(size, UINT32_MAX));
}

uint32_t size_class(uint32_t item_size) {
  const auto at = std::lower_bound(kChunks.begin(), kChunks.end() - 1, item_size);
  return static_cast<uint32_t>(at - kChunks.begin()) + 1;
}

}  // namespace martlet::command
