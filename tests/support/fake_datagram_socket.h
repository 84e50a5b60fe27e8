// FakeDatagramSocket: the other side of a UDP endpoint, played by the test. Datagrams are handed in from any address,
// what is sent is kept with its address, and either direction can fail.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/net/datagram_socket.h"

namespace martlet::support {

// A peer's address: IPv4, or IPv6 where there is a colon in it.
inline net::DatagramPeer peer_at(const std::string& host, uint16_t port = 40'000) {
  net::DatagramPeer peer;
  if (host.find(':') != std::string::npos) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr);
    std::memcpy(&peer.address, &v6, sizeof v6);
    peer.size = sizeof v6;
  } else {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    inet_pton(AF_INET, host.c_str(), &v4.sin_addr);
    std::memcpy(&peer.address, &v4, sizeof v4);
    peer.size = sizeof v4;
  }
  return peer;
}

class FakeDatagramSocket final : public net::DatagramSocket {
 public:
  struct Sent {
    std::string bytes;
    net::DatagramPeer to;
  };

  // The peers' side.
  void arrive(std::string datagram, const net::DatagramPeer& from) { waiting_.emplace_back(std::move(datagram), from); }
  size_t unread() const { return waiting_.size(); }
  std::vector<Sent> take_sent() { return std::exchange(sent_, {}); }

  int errors = 0;                                    // of receive, before anything else
  size_t room = std::numeric_limits<size_t>::max();  // datagrams taken until sends fail

  Received receive(std::span<char> into, net::DatagramPeer* peer) override {
    if (errors > 0) {
      --errors;
      errno = ENOMEM;
      return {Status::error, 0, true};
    }
    if (waiting_.empty()) return {};
    const auto [datagram, from] = std::move(waiting_.front());
    waiting_.pop_front();
    *peer = from;
    const size_t bytes = std::min(into.size(), datagram.size());
    std::memcpy(into.data(), datagram.data(), bytes);
    return {Status::datagram, bytes, bytes == datagram.size()};
  }

  bool send(std::span<const char> bytes, const net::DatagramPeer& peer) override {
    if (room == 0) return false;
    --room;
    if (keep) sent_.push_back({std::string(bytes.data(), bytes.size()), peer});
    return true;
  }

  bool keep = true;  // what is sent
  int fd() const override { return 78; }

 private:
  std::deque<std::pair<std::string, net::DatagramPeer>> waiting_;
  std::vector<Sent> sent_;
};

// EndlessSocket: the same datagram over and over, from this host, without a heap; what is sent is counted.
class EndlessSocket final : public net::DatagramSocket {
 public:
  explicit EndlessSocket(std::string datagram) : datagram_(std::move(datagram)) {}

  Received receive(std::span<char> into, net::DatagramPeer* peer) override {
    *peer = peer_;
    std::memcpy(into.data(), datagram_.data(), datagram_.size());
    return {Status::datagram, datagram_.size(), true};
  }
  bool send(std::span<const char> bytes, const net::DatagramPeer&) override {
    sent += bytes.size();
    return true;
  }
  int fd() const override { return 79; }

  size_t sent = 0;

 private:
  const std::string datagram_;
  const net::DatagramPeer peer_ = peer_at("127.0.0.1");
};

}  // namespace martlet::support
