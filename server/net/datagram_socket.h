// DatagramSocket: where datagrams come from and go to. The seam between the socket and whoever serves what comes; tests
// play the other side by hand.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace martlet::net {

// Who sent a datagram.
struct DatagramPeer {
  sockaddr_storage address{};
  socklen_t size = 0;
};

class DatagramSocket {
 public:
  enum class Status : uint8_t {
    datagram,
    none,   // nothing waits
    error,  // the socket goes on, and so may the caller: later
  };
  struct Received {
    Status status = Status::none;
    size_t bytes = 0;   // into `into`
    bool whole = true;  // false: there was more of it, which is lost
  };

  virtual ~DatagramSocket() = default;

  // Takes the next datagram. Never blocks.
  virtual Received receive(std::span<char> into, DatagramPeer* peer) = 0;

  // Sends one datagram. Never blocks; false when it could not be sent: it is lost, as a datagram may be.
  virtual bool send(std::span<const char> bytes, const DatagramPeer& peer) = 0;

  virtual int fd() const = 0;
};

}  // namespace martlet::net
