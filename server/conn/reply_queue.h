// ReplyQueue: replies waiting to be sent, in order, as a chain of blocks lent by the worker's BufferPool.
//
//   [VALUE a 0 5\r\nhello\r\nVALUE b 0 900000\r\n] ─► [pinned: 900000 bytes where they lie] ─► [\r\nEND\r\n]
//
// Small bytes are copied, a large value is kept pinned until its last byte is sent. One gathered write takes as many
// pieces as fit. An empty queue holds no block.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "server/base/pinned_bytes.h"
#include "server/conn/buffer_pool.h"
#include "server/protocol/codec.h"

namespace martlet::conn {

class ReplyQueue final : public protocol::ReplySink {
 public:
  explicit ReplyQueue(BufferPool& pool) : pool_(pool) {}
  ~ReplyQueue() { clear(); }
  ReplyQueue(const ReplyQueue&) = delete;
  ReplyQueue& operator=(const ReplyQueue&) = delete;

  bool append(std::string_view bytes) override;
  char* prepare(size_t size) override;
  void commit(size_t used) override;
  bool append_value(PinnedBytes&& value) override;

  bool empty() const { return head_ == nullptr; }
  uint64_t bytes() const { return bytes_; }  // not yet sent, pinned ones included

  // The bytes to send next, in order, as many pieces as `pieces` holds. Returns how many were filled.
  size_t gather(std::span<iovec> pieces) const;

  // The first `count` bytes were sent.
  void consume(uint64_t count);

  void clear();

 private:
  struct Block;

  Block* append_block(size_t size);
  void drop_head();

  BufferPool& pool_;
  Block* head_ = nullptr;
  Block* tail_ = nullptr;
  uint64_t bytes_ = 0;
};

}  // namespace martlet::conn
