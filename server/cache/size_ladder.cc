#include "server/cache/size_ladder.h"

#include <algorithm>

namespace martlet::cache {

SizeLadder::SizeLadder(uint32_t smallest, double factor) {
  const double last_but_one = kLargest / factor;
  for (double size = smallest; count_ + 1 < kMostClasses && size < last_but_one;) {
    const uint32_t rounded = (static_cast<uint32_t>(size) + 7) & ~7U;
    sizes_[count_++] = rounded;
    size = rounded * factor;
  }
  sizes_[count_++] = kLargest;
  for (uint32_t step = 0; step < table_.size(); ++step) table_[step] = static_cast<uint8_t>(search(step * kTableStep));
}

unsigned SizeLadder::search(uint32_t item_size) const {
  const auto* const end = sizes_.begin() + count_ - 1;
  return static_cast<unsigned>(std::lower_bound(sizes_.begin(), end, item_size) - sizes_.begin()) + 1;
}

}  // namespace martlet::cache
