#include "server/conn/conn_row.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <cstring>

namespace martlet::conn {

PeerAddress PeerAddress::from(const sockaddr_storage& address, socklen_t size) {
  PeerAddress peer;
  if (address.ss_family == AF_INET && size >= sizeof(sockaddr_in)) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    peer.family = 4;
    peer.port = ntohs(v4.sin_port);
    peer.low = v4.sin_addr.s_addr;
  } else if (address.ss_family == AF_INET6 && size >= sizeof(sockaddr_in6)) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    peer.family = 6;
    peer.port = ntohs(v6.sin6_port);
    std::memcpy(&peer.high, v6.sin6_addr.s6_addr, 8);
    std::memcpy(&peer.low, v6.sin6_addr.s6_addr + 8, 8);
  } else if (address.ss_family == AF_UNIX) {
    peer.family = 1;
  }
  return peer;
}

std::string PeerAddress::host() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  if (family == 4) {
    const auto v4 = static_cast<uint32_t>(low);
    inet_ntop(AF_INET, &v4, buffer.data(), buffer.size());
    return buffer.data();
  }
  if (family == 6) {
    const std::array<uint64_t, 2> v6{high, low};
    inet_ntop(AF_INET6, v6.data(), buffer.data(), buffer.size());
    return buffer.data();
  }
  return "unix";
}

std::string PeerAddress::text(const std::string& unix_path) const {
  if (family == 4) return fmt::format("tcp:{}:{}", host(), port);
  if (family == 6) return fmt::format("tcp6:[{}]:{}", host(), port);
  return family == 1 ? fmt::format("unix:{}", unix_path) : std::string("unknown");
}

void ConnRow::occupy(int fd, uint32_t listener, const PeerAddress& peer, uint64_t now_ms) {
  constexpr auto kRelease = std::memory_order_release;
  fd_.store(fd, kRelease);
  listener_.store(listener, kRelease);
  family_.store(peer.family, kRelease);
  port_.store(peer.port, kRelease);
  high_.store(peer.high, kRelease);
  low_.store(peer.low, kRelease);
  requests_.store(0, kRelease);
  opened_ms_.store(now_ms, kRelease);
  last_command_ms_.store(now_ms, kRelease);
  replies_waiting_.store(false, kRelease);
  version_.store(version_.load(std::memory_order_relaxed) + 1, kRelease);
}

void ConnRow::vacate() { version_.store(version_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

void ConnRow::move_in(const ConnRow& other, ConnState state) {
  View client;
  if (!other.read(&client)) return;
  set_state(state);
  occupy(client.fd, client.listener, client.peer, client.opened_ms);
  set_requests(client.requests);
  set_last_command(client.last_command_ms);
}

// A field of the next occupant carries, by its release, the version that the last one left behind, so the second look
// at the version tells.
bool ConnRow::read(View* out) const {
  constexpr auto kAcquire = std::memory_order_acquire;
  const uint32_t before = version_.load(kAcquire);
  if (before % 2 == 0) return false;
  out->fd = fd_.load(kAcquire);
  out->listener = listener_.load(kAcquire);
  out->state = state_.load(kAcquire);
  out->replies_waiting = replies_waiting_.load(kAcquire);
  out->peer = {high_.load(kAcquire), low_.load(kAcquire), port_.load(kAcquire), family_.load(kAcquire)};
  out->requests = requests_.load(kAcquire);
  out->opened_ms = opened_ms_.load(kAcquire);
  out->last_command_ms = last_command_ms_.load(kAcquire);
  return version_.load(kAcquire) == before;
}

}  // namespace martlet::conn
