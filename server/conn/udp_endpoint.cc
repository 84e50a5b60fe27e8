#include "server/conn/udp_endpoint.h"

#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>

#include "server/conn/udp_exchange.h"
#include "server/protocol/udp_frame.h"

namespace martlet::conn {
namespace {

// What one socket may do in one turn before the others get theirs: bytes received and sent, and datagrams.
constexpr size_t kTurnBytes = 64 * 1024;
constexpr int kTurnDatagrams = 64;

constexpr uint64_t kLogIntervalMs = 1000;

}  // namespace

UdpEndpoint::UdpEndpoint(ConnContext& context, net::DatagramSocket& socket, std::span<char> buffer, uint32_t address)
    : context_(context), socket_(socket), buffer_(buffer), error_log_(kLogIntervalMs) {
  row_.set_state(ConnState::read);
  row_.occupy(socket.fd(), address, {}, context.clock.monotonic_ms());
}

void UdpEndpoint::serve() {
  context_.log.set_client(socket_.fd());
  size_t turn_bytes = 0;
  for (int i = 0; i < kTurnDatagrams && turn_bytes < kTurnBytes; ++i) {
    if (!serve_next(&turn_bytes)) return;
  }
  context_.stats.conn_yields.add();
}

bool UdpEndpoint::serve_next(size_t* turn_bytes) {
  net::DatagramPeer peer;
  const net::DatagramSocket::Received got = socket_.receive(buffer_, &peer);
  if (got.status == net::DatagramSocket::Status::error) failed();
  if (got.status != net::DatagramSocket::Status::datagram) return false;
  context_.stats.bytes_read.add(got.bytes);
  *turn_bytes += got.bytes;
  const std::string_view datagram(buffer_.data(), got.bytes);
  const std::optional<uint16_t> id = got.whole ? protocol::request_id(datagram) : std::nullopt;
  if (!id.has_value()) {
    context_.stats.udp_datagrams_dropped.add();
    return true;
  }
  row_.set_state(ConnState::parse_cmd);
  UdpExchange exchange(context_, socket_, peer, datagram.size(), *id);
  exchange.serve(datagram.substr(protocol::kUdpFrameSize));
  row_.set_state(ConnState::read);
  row_.set_requests(row_.requests() + exchange.requests());
  row_.set_last_command(context_.clock.monotonic_ms());
  *turn_bytes += exchange.bytes_sent();
  return true;
}

void UdpEndpoint::failed() {
  const int error = errno;
  if (error_log_.allow(context_.clock.monotonic_ms())) {
    context_.diag.log(1, "fd {}: a datagram could not be received: {}", socket_.fd(), std::strerror(error));
  }
}

}  // namespace martlet::conn
