// RingBytes: memory that begins again where it ends. Positions only grow; whoever uses it keeps them, and keeps them
// less than capacity() apart.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>

namespace martlet::log {

class RingBytes {
 public:
  // `capacity` > 0. Not usable (`!*this`) when no memory could be had.
  explicit RingBytes(size_t capacity) : bytes_(new (std::nothrow) char[capacity]), capacity_(capacity) {}

  explicit operator bool() const { return bytes_ != nullptr; }
  size_t capacity() const { return capacity_; }

  void put(uint64_t at, const void* from, size_t size) {
    if (size == 0) return;  // `from` may be null then
    const size_t first = std::min(size, contiguous(at));
    std::memcpy(bytes_.get() + at % capacity_, from, first);
    std::memcpy(bytes_.get(), static_cast<const char*>(from) + first, size - first);
  }
  void get(uint64_t at, void* to, size_t size) const {
    const size_t first = std::min(size, contiguous(at));
    std::memcpy(to, bytes_.get() + at % capacity_, first);
    std::memcpy(static_cast<char*>(to) + first, bytes_.get(), size - first);
  }
  // The bytes from `at` on as far as they lie in one piece, `size` at most.
  std::string_view piece(uint64_t at, size_t size) const {
    return {bytes_.get() + at % capacity_, std::min(size, contiguous(at))};
  }

 private:
  size_t contiguous(uint64_t at) const { return capacity_ - at % capacity_; }

  std::unique_ptr<char[]> bytes_;
  size_t capacity_;
};

}  // namespace martlet::log
