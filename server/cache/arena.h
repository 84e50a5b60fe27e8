// Arena: one anonymous reservation of address space that holds everything the cache keeps: segment table, index, data.
//
// Pages cost memory when they are first written, and stop costing when they are given back; both read as zero until
// written again. Everything inside is named by its offset, so that the same bytes mean the same at another address.
#pragma once

#include <cstddef>
#include <cstdint>

namespace martlet::cache {

using Location = uint64_t;  // byte offset in the arena; records lie on multiples of 8, and nothing lies at 0

class Arena {
 public:
  Arena() = default;
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Reserves `bytes` of address space, once. False: the system refuses (errno says why).
  bool reserve(uint64_t bytes);

  uint64_t size() const { return size_; }
  char* at(Location location) const { return base_ + location; }

  // The whole pages within [location, location + bytes) stop costing memory. Nobody may be using them.
  void give_back(Location location, uint64_t bytes);

 private:
  char* base_ = nullptr;
  uint64_t size_ = 0;
};

}  // namespace martlet::cache
