// UdpAllowance: how much may be sent in answer to one datagram. The source of a datagram can be forged, so an answer
// must not be worth forging one for:
//
//   this host (127.0.0.0/8, ::1)   kLocalBytes, a bound on the work of one datagram
//   anyone else                    kFactor bytes for each byte received
//
// both with the headers of IP and UDP. A client that expects more sends more: spaces behind the keys of a get line, for
// one, mean nothing. Source of the factor: RFC 9000 (QUIC), section 8.1.
#pragma once

#include <cstddef>
#include <cstdint>

#include "server/protocol/udp_frame.h"

namespace martlet::conn {

class UdpAllowance {
 public:
  static constexpr uint64_t kFactor = 3;
  static constexpr uint64_t kLocalBytes = 2 * 1024 * 1024;  // a value of 1 MiB and its frames fit

  enum class From : uint8_t { this_host, ipv4, ipv6 };

  // `datagram`: its bytes, frame included.
  constexpr UdpAllowance(From from, size_t datagram)
      : headers_(from == From::ipv6 ? 40 + 8 : 20 + 8),
        left_(from == From::this_host ? kLocalBytes : kFactor * (datagram + headers_)) {}

  static constexpr uint64_t frames(uint64_t bytes) {
    return (bytes + protocol::kMaxUdpPayload - 1) / protocol::kMaxUdpPayload;
  }

  // Is there enough left for an answer of `bytes`?
  constexpr bool covers(uint64_t bytes) const { return cost(bytes) <= left_; }
  // It is sent. Only when covers().
  constexpr void take(uint64_t bytes) { left_ -= cost(bytes); }

 private:
  constexpr uint64_t cost(uint64_t bytes) const { return bytes + frames(bytes) * (protocol::kUdpFrameSize + headers_); }

  uint64_t headers_;
  uint64_t left_;
};

static_assert(UdpAllowance::frames(UdpAllowance::kLocalBytes) <= UINT16_MAX, "seq and total have 16 bits");

}  // namespace martlet::conn
