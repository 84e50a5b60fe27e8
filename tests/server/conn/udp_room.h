// UdpRoom: a UDP endpoint over the doubles, driven by hand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/conn/udp_endpoint.h"
#include "tests/server/conn/conn_room.h"
#include "tests/support/fake_datagram_socket.h"
#include "tests/support/udp_message.h"

namespace martlet::conn {

inline constexpr uint16_t kId = 0x1234;

class UdpRoom : public ConnRoom {
 public:
  explicit UdpRoom(const RoomOptions& wanted = {}) : ConnRoom(wanted) {}

  // What one datagram with this payload is answered with, message by message. `from`: its sender.
  std::vector<std::string> ask(std::string_view payload, const std::string& from = "127.0.0.1") {
    return ask_raw(support::framed(kId, payload), from);
  }
  std::vector<std::string> ask_raw(std::string datagram, const std::string& from = "127.0.0.1") {
    const net::DatagramPeer peer = support::peer_at(from);
    socket.arrive(std::move(datagram), peer);
    endpoint.serve();
    return messages(peer);
  }

  // What was sent, all of it to `peer` and with this test's id, put together.
  std::vector<std::string> messages(const net::DatagramPeer& peer) {
    std::vector<std::string> out;
    support::Reassembly message;
    datagrams = 0;
    bytes = 0;
    for (const auto& sent : socket.take_sent()) {
      ++datagrams;
      bytes += sent.bytes.size();
      EXPECT_EQ(std::memcmp(&sent.to.address, &peer.address, peer.size), 0);
      EXPECT_LE(sent.bytes.size(), support::kMaxDatagramSize);
      const support::Frame frame = support::frame_of(sent.bytes);
      EXPECT_EQ(frame.id, kId);
      EXPECT_TRUE(message.add(frame)) << "datagram " << frame.seq << " of " << frame.total;
      if (!message.complete()) continue;
      out.push_back(message.text());
      message = {};
    }
    EXPECT_TRUE(message.total() == 0) << "a message is not whole";
    return out;
  }

  uint64_t dropped() const { return stats.udp_datagrams_dropped.get(); }
  uint64_t refused() const { return stats.udp_replies_refused.get(); }

  support::FakeDatagramSocket socket;
  std::vector<char> buffer = std::vector<char>(64 * 1024);
  UdpEndpoint endpoint{context, socket, buffer, 0};
  size_t datagrams = 0;  // sent in answer to the last ask
  size_t bytes = 0;
};

}  // namespace martlet::conn
