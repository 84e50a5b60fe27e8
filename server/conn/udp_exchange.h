// UdpExchange: one datagram and what is answered to it. Everything it knows ends with it: whatever a datagram leaves
// unfinished can touch neither the next one nor another peer's.
//
//   payload ─► AnyCodec::parse ─► Request ─► Executor ─► Response ─► ReplyQueue ─► frames of at most 1400 bytes
//
// The first byte of the payload tells its dialect. Its requests are served in order, as on a connection; a value must
// be there as a whole. Each request that is answered is answered by a message of its own (a multi-get as well),
// numbered from 0, unless it is more than the UdpAllowance lets out: then an error goes in its place and the rest of
// the datagram is dropped. What is dropped is counted and not answered.
//
// Not served: what outlives a datagram (watch, listings made while they are sent), and shutdown, as anybody can send
// under another's name.
#pragma once

#include <cstdint>
#include <string_view>

#include "server/conn/conn_context.h"
#include "server/conn/reply_queue.h"
#include "server/conn/udp_allowance.h"
#include "server/net/datagram_socket.h"
#include "server/protocol/any_codec.h"

namespace martlet::conn {

class UdpExchange {
 public:
  // All outlive the exchange. `size`: of the datagram, frame included; `id`: of its frame.
  UdpExchange(ConnContext& context, net::DatagramSocket& socket, const net::DatagramPeer& peer, size_t size,
              uint16_t id);
  UdpExchange(const UdpExchange&) = delete;
  UdpExchange& operator=(const UdpExchange&) = delete;

  // Serves the requests of `payload`, which is not empty. Once.
  void serve(std::string_view payload);

  uint32_t requests() const { return requests_; }  // served
  uint64_t bytes_sent() const { return bytes_sent_; }

 private:
  bool serve_request(const protocol::Request& request, std::string_view* rest);
  bool execute(const protocol::Request& request, std::string_view* rest);
  bool store(const protocol::Request& request, std::string_view* rest);
  bool reply(const protocol::Request& request, protocol::Response&& response);
  bool refuse_reply(const protocol::Request& request);
  bool send_message();
  void drop();

  ConnContext& context_;
  net::DatagramSocket& socket_;
  const net::DatagramPeer& peer_;
  const uint16_t id_;
  UdpAllowance allowance_;
  protocol::AnyCodec codec_;
  ReplyQueue out_;  // the message under way
  uint32_t requests_ = 0;
  uint64_t bytes_sent_ = 0;
};

}  // namespace martlet::conn
