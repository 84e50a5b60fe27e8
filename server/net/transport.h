// Transport: how a connection's bytes come and go. Plain sockets here; TLS is another implementation behind this seam.
//
// All calls are made by the connection's owner thread and never block. Interrupted calls are repeated inside.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace martlet::net {

struct IoResult {
  enum class Status : uint8_t {
    ok,     // `bytes` > 0 were moved
    again,  // nothing can be moved until the descriptor is ready
    end,    // read: the peer has finished sending
    error,  // the connection is lost
  };

  Status status = Status::error;
  size_t bytes = 0;
  // read: nothing more is waiting, neither in the kernel nor in the transport; the next read would say `again`.
  bool drained = false;
};

enum class Handshake : uint8_t { done, want_read, want_write, failed };

class Transport {
 public:
  virtual ~Transport() = default;

  virtual Handshake handshake() = 0;
  virtual IoResult read(std::span<char> into) = 0;
  virtual IoResult write(std::span<const iovec> pieces) = 0;

  // Ends the stream after an orderly last reply: the peer gets what was written, then end of file. What it has already
  // sent is read and dropped, since closing over unread bytes would reset the connection and destroy the reply.
  virtual void finish() = 0;

  virtual int fd() const = 0;
};

}  // namespace martlet::net
