// The frame of a UDP datagram: eight bytes before its payload, four numbers in network byte order.
//
//   0    2     4       6        8
//   | id | seq | total | reserved | payload ...
//
// id: chosen by the client, repeated in the answer. seq, total: the datagram's place in its message, and how many
// datagrams that has. A request is one datagram (total 1; its seq is not looked at), an answer as many as it takes.
//
// Source: memcached, doc/protocol.txt, "UDP protocol".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "server/protocol/binary_header.h"

namespace martlet::protocol {

inline constexpr size_t kUdpFrameSize = 8;
inline constexpr size_t kMaxUdpReply = 1400;  // bytes of a datagram that answers, frame included
inline constexpr size_t kMaxUdpPayload = kMaxUdpReply - kUdpFrameSize;

// The id of a datagram that is a request; nothing when it has no payload or is part of a longer message.
inline std::optional<uint16_t> request_id(std::string_view datagram) {
  if (datagram.size() <= kUdpFrameSize) return {};
  if (load_number<uint16_t>(datagram.data() + 4) != 1) return {};
  return load_number<uint16_t>(datagram.data());
}

// Writes the frame of datagram `seq` of `total` to `out`, which has room for it. Returns its end.
inline char* store_udp_frame(char* out, uint16_t id, uint16_t seq, uint16_t total) {
  out = store_number(out, id);
  out = store_number(out, seq);
  out = store_number(out, total);
  return store_number(out, uint16_t{0});
}

}  // namespace martlet::protocol
