// Short ways to play the client of a listening socket.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <string>

#include "server/net/bound_socket.h"
#include "server/net/net_settings.h"
#include "threads/unique_fd.h"

namespace martlet::net {

inline NetSettings loopback(int port = -1) {
  NetSettings settings;
  settings.default_addresses = false;
  settings.endpoints.push_back({"127.0.0.1", port, ListenProtocol::automatic, {}});
  return settings;
}

// One bound socket of these settings; invalid, with the test failed, when there is none.
inline BoundSocket bind_one(const NetSettings& settings, const Diag& diag) {
  Result<std::vector<BoundSocket>> bound = bind_all(settings, diag);
  EXPECT_TRUE(bound.ok()) << (bound.ok() ? "" : bound.error().message);
  return bound.ok() && !bound.value().empty() ? std::move(bound.value().front()) : BoundSocket{};
}

// Connects (the kernel's queue answers, accepted or not); invalid when refused.
inline threads::UniqueFd connect_to(const BoundSocket& socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  EXPECT_EQ(::getsockname(socket.fd.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  threads::UniqueFd fd(::socket(socket.family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) fd.reset();
  return fd;
}

// What comes until the other side closes, for at most `ms`.
inline std::string read_to_end(int fd, int ms = 2000) {
  std::string out;
  for (;;) {
    pollfd ready{fd, POLLIN, 0};
    if (::poll(&ready, 1, ms) != 1) return out + "(still open)";
    char bytes[256];
    const ssize_t got = ::recv(fd, bytes, sizeof bytes, 0);
    if (got < 0) return out + "(reset)";
    if (got == 0) return out;
    out.append(bytes, static_cast<size_t>(got));
  }
}

}  // namespace martlet::net
