#include "server/conn/reply_queue.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace martlet::conn {

// At the front of every lent block: bytes [begin, end) of what follows are to be sent, or, where a value is pinned,
// of the value.
struct ReplyQueue::Block {
  Block* next = nullptr;
  uint64_t begin = 0;
  uint64_t end = 0;
  uint32_t capacity = 0;  // 0: the bytes are the pinned value's
  PinnedBytes pinned;

  char* data() { return reinterpret_cast<char*>(this + 1); }
  uint64_t room() const { return capacity > end ? capacity - end : 0; }
  std::string_view piece_at(uint64_t offset) {
    return capacity == 0 ? pinned.piece_at(offset) : std::string_view(data() + offset, end - offset);
  }
};

ReplyQueue::Block* ReplyQueue::append_block(size_t size) {
  char* memory = pool_.take(size);
  if (memory == nullptr) return nullptr;
  Block* block = new (memory) Block;
  (tail_ != nullptr ? tail_->next : head_) = block;
  tail_ = block;
  return block;
}

char* ReplyQueue::prepare(size_t size) {
  if (tail_ == nullptr || tail_->room() < size) {
    Block* block = append_block(BufferPool::kLargest);
    if (block == nullptr) return nullptr;
    block->capacity = static_cast<uint32_t>(BufferPool::kLargest - sizeof(Block));
  }
  return tail_->data() + tail_->end;
}

void ReplyQueue::commit(size_t used) {
  tail_->end += used;
  bytes_ += used;
}

bool ReplyQueue::append(std::string_view bytes) {
  while (!bytes.empty()) {
    char* space = prepare(1);
    if (space == nullptr) return false;
    const size_t count = std::min<size_t>(bytes.size(), tail_->room());
    std::memcpy(space, bytes.data(), count);
    commit(count);
    bytes.remove_prefix(count);
  }
  return true;
}

bool ReplyQueue::append_value(PinnedBytes&& value) {
  if (!value.is_pinned()) return value.size() == 0 || append(value.piece_at(0));
  if (value.size() == 0) return true;
  Block* block = append_block(sizeof(Block));
  if (block == nullptr) return false;
  block->end = value.size();
  block->pinned = std::move(value);
  bytes_ += block->end;
  return true;
}

size_t ReplyQueue::gather(std::span<iovec> pieces) const {
  size_t count = 0;
  for (Block* block = head_; block != nullptr && count < pieces.size(); block = block->next) {
    for (uint64_t at = block->begin; at < block->end && count < pieces.size();) {
      const std::string_view piece = block->piece_at(at);
      pieces[count++] = {const_cast<char*>(piece.data()), piece.size()};
      at += piece.size();
    }
  }
  return count;
}

void ReplyQueue::consume(uint64_t count) {
  bytes_ -= count;
  while (head_ != nullptr) {
    const uint64_t here = std::min(count, head_->end - head_->begin);
    head_->begin += here;
    count -= here;
    if (head_->begin < head_->end) return;
    drop_head();
  }
}

void ReplyQueue::clear() {
  while (head_ != nullptr) drop_head();
  bytes_ = 0;
}

void ReplyQueue::drop_head() {
  Block* block = head_;
  head_ = block->next;
  if (head_ == nullptr) tail_ = nullptr;
  block->~Block();
  pool_.give(reinterpret_cast<char*>(block));
}

}  // namespace martlet::conn
