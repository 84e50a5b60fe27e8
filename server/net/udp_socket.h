// UdpSocket: one worker's UDP socket. The workers' sockets of an address share it by SO_REUSEPORT: the kernel gives
// each peer's datagrams to one of them, always the same, so that a datagram wakes one worker only.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "server/base/result.h"
#include "server/net/bound_socket.h"
#include "server/net/datagram_socket.h"
#include "threads/unique_fd.h"

namespace martlet::net {

// No datagram is larger.
inline constexpr size_t kMaxDatagram = 64 * 1024;

class UdpSocket final : public DatagramSocket {
 public:
  explicit UdpSocket(threads::UniqueFd fd) : fd_(std::move(fd)) {}

  Received receive(std::span<char> into, DatagramPeer* peer) override;
  bool send(std::span<const char> bytes, const DatagramPeer& peer) override;
  int fd() const override { return fd_.get(); }

 private:
  threads::UniqueFd fd_;
};

// `count` (>= 1) sockets on the address of `bound`, that one the first. Only here is the address opened to others: as
// long as bind_udp() has a socket without company, nobody else can come to share it. Send buffers are as large as the
// system grants, up to some MiB. Errors: 71.
Result<std::vector<threads::UniqueFd>> share_udp(BoundSocket bound, size_t count);

}  // namespace martlet::net
