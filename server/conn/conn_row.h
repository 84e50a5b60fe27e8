// ConnRow: what a connection shows of itself to other threads, for `stats conns`. Its owner writes, anyone reads; a row
// lives as long as its place in the pool, so a reader never meets freed memory, and `version` tells it when the place
// changed hands while it was reading.
#pragma once

#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/conn/conn_state.h"

namespace martlet::conn {

// A peer's address in the few bytes that matter.
struct PeerAddress {
  uint64_t high = 0;  // IPv6: bytes 0-7
  uint64_t low = 0;   // IPv6: bytes 8-15; IPv4: the address
  uint16_t port = 0;
  uint8_t family = 0;  // 0 none, 4, 6, 1 unix

  static PeerAddress from(const sockaddr_storage& address, socklen_t size);

  // tcp:1.2.3.4:5, tcp6:[::1]:5, unix:PATH (`unix_path` is the listener's: clients rarely have one of their own).
  std::string text(const std::string& unix_path) const;

  // Apart: the address alone, `unix` for those who have none, and what carries the connection, tcp or local.
  std::string host() const;
  std::string_view transport() const { return family == 4 || family == 6 ? "tcp" : "local"; }
};

class ConnRow {
 public:
  struct View {
    int fd = -1;
    uint32_t listener = 0;
    ConnState state = ConnState::closed;
    bool replies_waiting = false;
    uint64_t requests = 0;
    uint64_t opened_ms = 0;
    uint64_t last_command_ms = 0;
    PeerAddress peer;
  };

  // Owner: a client moves in, or out.
  void occupy(int fd, uint32_t listener, const PeerAddress& peer, uint64_t now_ms);
  void vacate();
  // Owner: the client of `other`, whose owner is the caller, moves in.
  void move_in(const ConnRow& other, ConnState state);

  // Owner: what changes while it lives.
  void set_state(ConnState state) { state_.store(state, std::memory_order_release); }
  ConnState state() const { return state_.load(std::memory_order_relaxed); }
  void set_requests(uint64_t count) { requests_.store(count, std::memory_order_release); }
  uint64_t requests() const { return requests_.load(std::memory_order_relaxed); }
  void set_last_command(uint64_t now_ms) { last_command_ms_.store(now_ms, std::memory_order_release); }
  uint64_t last_command_ms() const { return last_command_ms_.load(std::memory_order_relaxed); }
  void set_replies_waiting(bool waiting) { replies_waiting_.store(waiting, std::memory_order_release); }

  // Any thread: false when nobody is there, or the place changed hands meanwhile.
  bool read(View* out) const;

 private:
  std::atomic<uint32_t> version_{0};  // odd: occupied
  std::atomic<int> fd_{-1};
  std::atomic<uint32_t> listener_{0};
  std::atomic<ConnState> state_{ConnState::closed};
  std::atomic<bool> replies_waiting_{false};
  std::atomic<uint8_t> family_{0};
  std::atomic<uint16_t> port_{0};
  std::atomic<uint64_t> high_{0};
  std::atomic<uint64_t> low_{0};
  std::atomic<uint64_t> requests_{0};
  std::atomic<uint64_t> opened_ms_{0};
  std::atomic<uint64_t> last_command_ms_{0};
};

}  // namespace martlet::conn
