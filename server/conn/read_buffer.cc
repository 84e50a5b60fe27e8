#include "server/conn/read_buffer.h"

#include <algorithm>
#include <cstring>

namespace martlet::conn {

std::span<char> ReadBuffer::space(BufferPool& pool, size_t limit) {
  if (block_ == nullptr || BufferPool::capacity(block_) < BufferPool::kLargest) {
    char* large = pool.take(BufferPool::kLargest);
    if (large == nullptr) return {};
    move_to(large, pool);
  } else if (begin_ > 0 && (empty() || end_ == BufferPool::kLargest)) {
    std::memmove(block_, block_ + begin_, size());
    end_ -= begin_;
    begin_ = 0;
  }
  return {block_ + end_, std::min(BufferPool::kLargest - end_, limit)};
}

void ReadBuffer::park(BufferPool& pool) {
  if (block_ == nullptr) return;
  if (empty()) {
    release(pool);
    return;
  }
  const size_t fitting = *std::lower_bound(BufferPool::kBlockSizes.begin(), BufferPool::kBlockSizes.end(), size());
  if (fitting >= BufferPool::capacity(block_)) return;
  char* small = pool.take(size());
  if (small != nullptr) move_to(small, pool);
}

void ReadBuffer::release(BufferPool& pool) {
  if (block_ != nullptr) pool.give(block_);
  block_ = nullptr;
  begin_ = end_ = 0;
}

void ReadBuffer::move_to(char* block, BufferPool& pool) {
  const std::string_view bytes = pending();
  if (!bytes.empty()) std::memcpy(block, bytes.data(), bytes.size());
  if (block_ != nullptr) pool.give(block_);
  block_ = block;
  begin_ = 0;
  end_ = static_cast<uint32_t>(bytes.size());
}

}  // namespace martlet::conn
