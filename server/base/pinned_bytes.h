// PinnedBytes: bytes of a value on their way out, and the way to let go of them.
//
// Two kinds. Transient: one contiguous view that is valid only until the next call into whatever made it (a small value
// copied out of the cache); the reply writer copies it at once. Pinned: pieces that stay where they are until this
// object is destroyed (a large value, sent straight from the cache's memory).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace martlet {

// Who keeps pinned bytes in place. Both calls are safe from any thread that holds the PinnedBytes.
class PinOwner {
 public:
  // The contiguous bytes that begin at `offset` (< size) of the value behind `handle`; never empty.
  virtual std::string_view piece_at(void* handle, size_t offset) const = 0;
  virtual void unpin(void* handle) = 0;

 protected:
  ~PinOwner() = default;
};

class PinnedBytes {
 public:
  PinnedBytes() = default;

  static PinnedBytes transient(std::string_view bytes) {
    PinnedBytes out;
    out.data_ = bytes.data();
    out.size_ = bytes.size();
    return out;
  }
  static PinnedBytes pinned(PinOwner& owner, void* handle, size_t size) {
    PinnedBytes out;
    out.owner_ = &owner;
    out.handle_ = handle;
    out.size_ = size;
    return out;
  }

  PinnedBytes(PinnedBytes&& other) noexcept { swap(other); }
  PinnedBytes& operator=(PinnedBytes&& other) noexcept {
    PinnedBytes taken(std::move(other));
    swap(taken);
    return *this;
  }
  PinnedBytes(const PinnedBytes&) = delete;
  PinnedBytes& operator=(const PinnedBytes&) = delete;
  ~PinnedBytes() {
    if (owner_ != nullptr) owner_->unpin(handle_);
  }

  size_t size() const { return size_; }
  bool is_pinned() const { return owner_ != nullptr; }

  // The contiguous bytes that begin at `offset` (< size()).
  std::string_view piece_at(size_t offset) const {
    return owner_ != nullptr ? owner_->piece_at(handle_, offset) : std::string_view(data_ + offset, size_ - offset);
  }

 private:
  void swap(PinnedBytes& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(owner_, other.owner_);
    std::swap(handle_, other.handle_);
  }

  const char* data_ = nullptr;
  size_t size_ = 0;
  PinOwner* owner_ = nullptr;
  void* handle_ = nullptr;
};

}  // namespace martlet
