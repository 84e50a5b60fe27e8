// ReadBuffer: the bytes a client has sent that no request has used up yet.
//
//   | used up | pending ... | space ... |
//   0       begin_        end_       capacity
//
// It borrows its block from the worker's BufferPool: a large one while it is read into, none while nothing is pending,
// and one that just fits while a piece of a request waits for the rest. Views of pending bytes stay valid until
// space(), park() or release().
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "server/conn/buffer_pool.h"

namespace martlet::conn {

class ReadBuffer {
 public:
  std::string_view pending() const { return {block_ + begin_, size()}; }
  size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }
  bool holds_block() const { return block_ != nullptr; }

  // No more bytes fit behind (or, after moving, around) the pending ones.
  bool full() const { return size() == BufferPool::kLargest; }

  void consume(size_t bytes) { begin_ += static_cast<uint32_t>(bytes); }

  // Room for more bytes, at most `limit` of them; pending bytes may move. Empty when no memory could be had; never
  // called when full().
  std::span<char> space(BufferPool& pool, size_t limit);
  void commit(size_t bytes) { end_ += static_cast<uint32_t>(bytes); }

  // The connection is about to sleep: nothing pending, no block; little pending, a small block. When no small block
  // can be had the large one stays.
  void park(BufferPool& pool);
  void release(BufferPool& pool);

 private:
  void move_to(char* block, BufferPool& pool);

  char* block_ = nullptr;
  uint32_t begin_ = 0;
  uint32_t end_ = 0;
};

}  // namespace martlet::conn
