// SizeLadder: the size classes items are listed by, as memcached's slab classes are made (its slabs.c: a smallest size,
// each next one larger by a factor and rounded up to 8 bytes, the last one half a mebibyte). Items above the last class
// belong to it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace martlet::cache {

class SizeLadder {
 public:
  static constexpr size_t kMostClasses = 63;
  static constexpr uint32_t kLargest = 512U << 10;  // bytes of the last class

  // `smallest`: bytes of class 1; `factor` above 1.
  SizeLadder(uint32_t smallest, double factor);

  unsigned classes() const { return count_; }
  uint32_t largest_item(unsigned size_class) const { return sizes_[size_class - 1]; }
  // 1 to classes().
  unsigned size_class(uint32_t item_size) const {
    return item_size <= kMostTabled ? table_[(item_size + kTableStep - 1) / kTableStep] : search(item_size);
  }

 private:
  // Every class ends at a multiple of the step, so each step lies in one class.
  static constexpr uint32_t kTableStep = 8;
  static constexpr uint32_t kMostTabled = 4096;

  unsigned search(uint32_t item_size) const;

  std::array<uint32_t, kMostClasses> sizes_{};
  unsigned count_ = 0;
  std::array<uint8_t, kMostTabled / kTableStep + 1> table_{};
};

}  // namespace martlet::cache
