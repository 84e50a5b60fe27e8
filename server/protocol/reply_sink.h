// Where replies go, and where the long ones come from.
//
//   Response ──► Codec::write_reply ──► ReplySink          at once
//   ReplySource::next ───────────────► ReplySink          a piece whenever what was queued before has been sent
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/base/pinned_bytes.h"

namespace martlet::protocol {

// Where replies go: bytes in order, copied or pinned.
class ReplySink {
 public:
  // Copies the bytes into the queue. False when no memory could be had: the connection must close.
  virtual bool append(std::string_view bytes) = 0;

  // At least `size` (<= 512) writable bytes at the end of the queue, or null when no memory could be had; commit()
  // says how many were used. For formatting in place.
  virtual char* prepare(size_t size) = 0;
  virtual void commit(size_t used) = 0;

  // The bytes of a value: a transient one is copied, a pinned one may be kept until it is sent.
  virtual bool append_value(PinnedBytes&& value) = 0;

 protected:
  ~ReplySink() = default;
};

// A reply that is made while it is sent, so that a listing of all keys takes no more memory than one piece of it
// however slowly its client reads. Belongs to one connection and is used on its worker's thread only; dropped in its
// midst when the connection ends.
class ReplySource {
 public:
  enum class Progress : uint8_t { more, done, no_memory };

  virtual ~ReplySource() = default;

  // Appends the next piece: at most some 16 KiB, perhaps nothing. A bounded amount of work. no_memory: the sink had
  // none, and the connection must close.
  virtual Progress next(ReplySink& sink) = 0;
};

}  // namespace martlet::protocol
