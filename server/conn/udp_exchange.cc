#include "server/conn/udp_exchange.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "server/conn/request_log.h"
#include "server/net/socket_address.h"
#include "server/protocol/negotiate.h"
#include "server/protocol/udp_frame.h"

namespace martlet::conn {
namespace {

using protocol::Outcome;
using protocol::Request;
using protocol::Response;
using protocol::Verb;
using protocol::WireForm;

constexpr std::string_view kNotServed = "not served over UDP";
constexpr std::string_view kTooLarge = "reply too large for UDP";

// Servers that take each other's answers for requests would go on for ever, once a forged datagram has brought them
// together: any answer is an unknown command, and this is what that is answered with.
constexpr std::string_view kAnswerOfAServer = "ERROR";

constexpr bool is_served(Verb verb) { return verb != Verb::watch && verb != Verb::shutdown; }

// A key of a multi-get: the end of its line, which is a request of its own, has the rest of the message.
constexpr bool has_more_to_come(WireForm wire) {
  return wire == WireForm::classic_get || wire == WireForm::classic_gets;
}

UdpAllowance::From origin_of(const net::DatagramPeer& peer) {
  if (net::is_loopback(peer.address)) return UdpAllowance::From::this_host;
  return peer.address.ss_family == AF_INET6 ? UdpAllowance::From::ipv6 : UdpAllowance::From::ipv4;
}

// The next bytes of the queue, as many as fit. Returns how many there were.
size_t take_bytes(ReplyQueue& queue, std::span<char> out) {
  std::array<iovec, 4> pieces;
  size_t filled = 0;
  while (filled < out.size() && !queue.empty()) {
    const size_t count = queue.gather(pieces);
    const size_t before = filled;
    for (size_t i = 0; i < count; ++i) {
      const size_t bytes = std::min(pieces[i].iov_len, out.size() - filled);
      std::memcpy(out.data() + filled, pieces[i].iov_base, bytes);
      filled += bytes;
    }
    queue.consume(filled - before);
  }
  return filled;
}

}  // namespace

UdpExchange::UdpExchange(ConnContext& context, net::DatagramSocket& socket, const net::DatagramPeer& peer, size_t size,
                         uint16_t id)
    : context_(context),
      socket_(socket),
      peer_(peer),
      id_(id),
      allowance_(origin_of(peer), size),
      out_(context.buffers) {}

void UdpExchange::drop() { context_.stats.udp_datagrams_dropped.add(); }

void UdpExchange::serve(std::string_view payload) {
  if (!protocol::fits(context_.settings.protocol, payload.front()) || payload.starts_with(kAnswerOfAServer)) {
    drop();
    return;
  }
  codec_.speak(protocol::negotiate(payload.front()));
  Request& request = context_.request;
  for (std::string_view rest = payload;;) {
    const protocol::Parsed parsed = codec_.parse(rest, false, &request);
    const std::string_view bytes = rest.substr(0, parsed.consumed);
    rest.remove_prefix(parsed.consumed);
    if (parsed.status != protocol::ParseStatus::request) {
      if (parsed.status == protocol::ParseStatus::close || !rest.empty()) drop();
      return;
    }
    if (context_.diag.wants(2)) log_request(context_.diag, socket_.fd(), codec_.is_binary(), bytes);
    if (!serve_request(request, &rest)) {
      if (!rest.empty()) drop();
      return;
    }
  }
}

// False: the datagram ends here, whatever is left of it.
bool UdpExchange::serve_request(const Request& request, std::string_view* rest) {
  return request.has_value ? store(request, rest) : execute(request, rest);
}

bool UdpExchange::execute(const Request& request, std::string_view* rest) {
  // The end of a multi-get is no request of its own: its keys were counted.
  if (request.wire != WireForm::classic_end) ++requests_;
  Response response =
      is_served(request.verb) ? context_.executor.execute(request) : Response::of(Outcome::client_error, kNotServed);
  if (response.source != nullptr) response = Response::of(Outcome::client_error, kNotServed);
  const bool ends = request.close_after || response.close_after;
  rest->remove_prefix(std::min<uint64_t>(request.swallow, rest->size()));
  return reply(request, std::move(response)) && !ends;
}

// A value that is not all there is none: nothing is changed, nothing answered.
bool UdpExchange::store(const Request& request, std::string_view* rest) {
  const size_t trailer_size = codec_.trailer_size();
  if (rest->size() < uint64_t{request.value_size} + trailer_size) {
    *rest = {};
    drop();
    return false;
  }
  ++requests_;
  const std::string_view value = rest->substr(0, request.value_size);
  const std::string_view trailer = rest->substr(request.value_size, trailer_size);
  rest->remove_prefix(value.size() + trailer.size());
  if (std::optional<Response> refusal = context_.executor.admit(request)) return reply(request, std::move(*refusal));
  return reply(request, codec_.finish_value(trailer) == protocol::Trailer::good
                            ? context_.executor.store(request, value)
                            : context_.executor.bad_chunk(request));
}

bool UdpExchange::reply(const Request& request, Response&& response) {
  if (!write_reply(context_.diag, socket_.fd(), codec_, request, std::move(response), out_)) {
    context_.stats.response_obj_oom.add();
    return false;
  }
  if (!allowance_.covers(out_.bytes())) return refuse_reply(request);
  return has_more_to_come(request.wire) || send_message();
}

bool UdpExchange::refuse_reply(const Request& request) {
  context_.stats.udp_replies_refused.add();
  out_.clear();
  const bool written = codec_.write_reply(request, Response::of(Outcome::server_error, kTooLarge), out_);
  if (written && allowance_.covers(out_.bytes())) (void)send_message();
  return false;
}

// What is queued, as one message; the allowance covers it. False: some of it was lost, and the rest is not worth
// sending.
bool UdpExchange::send_message() {
  const uint64_t bytes = out_.bytes();
  allowance_.take(bytes);
  const auto total = static_cast<uint16_t>(UdpAllowance::frames(bytes));
  std::array<char, protocol::kMaxUdpReply> frame;
  for (uint16_t seq = 0; seq < total; ++seq) {
    char* const payload = protocol::store_udp_frame(frame.data(), id_, seq, total);
    const size_t size = protocol::kUdpFrameSize + take_bytes(out_, {payload, protocol::kMaxUdpPayload});
    if (!socket_.send({frame.data(), size}, peer_)) {
      context_.stats.udp_replies_lost.add();
      return false;
    }
    context_.stats.bytes_written.add(size);
    bytes_sent_ += size;
  }
  return true;
}

}  // namespace martlet::conn
