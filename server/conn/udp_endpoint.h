// UdpEndpoint: one UDP socket of a worker, served on the worker's thread. It knows no event loop: a test drives it by
// hand. An error of the socket ends a turn and never the endpoint.
//
//   serve() ─► receive ─► a request's frame? ─► UdpExchange, made for this datagram and gone with it
//                            └─ no: dropped and counted
#pragma once

#include <cstddef>
#include <span>

#include "server/base/diag.h"
#include "server/conn/conn_context.h"
#include "server/conn/conn_row.h"
#include "server/net/datagram_socket.h"

namespace martlet::conn {

class UdpEndpoint {
 public:
  // `buffer` has room for any datagram; endpoints of one worker may share it. All outlive the endpoint.
  // `address`: its number among the UDP addresses, for the row.
  UdpEndpoint(ConnContext& context, net::DatagramSocket& socket, std::span<char> buffer, uint32_t address);

  // Serves what waits, as much as one turn has time for; what is left is for the next.
  void serve();

  // Any thread.
  const ConnRow& row() const { return row_; }

 private:
  bool serve_next(size_t* turn_bytes);
  void failed();

  ConnContext& context_;
  net::DatagramSocket& socket_;
  const std::span<char> buffer_;
  ConnRow row_;
  RateLimit error_log_;
};

}  // namespace martlet::conn
