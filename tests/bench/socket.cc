// Owned descriptors and loopback-only connects.
#include "tests/bench/socket.h"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tests/bench/errors.h"

namespace martlet::bench {
namespace {

sockaddr_in to_sockaddr(std::uint32_t address, std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_addr.s_addr = htonl(address);
  out.sin_port = htons(port);
  return out;
}

void set_option(int fd, int level, int name, const void* value, socklen_t size) {
  if (setsockopt(fd, level, name, value, size) != 0) {
    throw BenchError(fmt::format("setsockopt: {}", std::strerror(errno)));
  }
}

// A socket bound to `source` (its port chosen at connect time) and checked against leaving the machine.
Socket make_socket(const Endpoint& to, std::uint32_t source, int extra_type) {
  if (!is_loopback(to.address) || (source != 0 && !is_loopback(source))) {
    throw BenchError("only loopback addresses may be loaded");
  }
  Socket made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | extra_type, 0));
  if (!made.is_open()) throw BenchError(fmt::format("socket: {}", std::strerror(errno)));
  const int on = 1;
  set_option(made.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (source != 0) {
    set_option(made.fd(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    const sockaddr_in from = to_sockaddr(source, 0);
    if (::bind(made.fd(), reinterpret_cast<const sockaddr*>(&from), sizeof(from)) != 0) {
      throw BenchError(fmt::format("bind: {}", std::strerror(errno)));
    }
  }
  return made;
}

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void Socket::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

void Socket::abort() {
  if (fd_ >= 0) {
    const linger hard{.l_onoff = 1, .l_linger = 0};
    static_cast<void>(setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)));
  }
  close();
}

bool is_loopback(std::uint32_t host_order_address) { return (host_order_address >> 24) == 127; }

std::uint32_t source_address(unsigned group, unsigned step) {
  return (127U << 24) | ((64U + group % 128U) << 16) | ((step % 250U) << 8) | 1U;
}

Socket connect_to(const Endpoint& to, Milliseconds timeout, std::uint32_t source) {
  Socket made = make_socket(to, source, 0);
  const timeval limit{.tv_sec = timeout.count() / 1000, .tv_usec = (timeout.count() % 1000) * 1000};
  set_option(made.fd(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  set_option(made.fd(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  const sockaddr_in peer = to_sockaddr(to.address, to.port);
  if (::connect(made.fd(), reinterpret_cast<const sockaddr*>(&peer), sizeof(peer)) != 0) {
    throw BenchError(fmt::format("connect: {}", std::strerror(errno)));
  }
  return made;
}

Socket begin_connect(const Endpoint& to, std::uint32_t source) {
  Socket made = make_socket(to, source, SOCK_NONBLOCK);
  const sockaddr_in peer = to_sockaddr(to.address, to.port);
  if (::connect(made.fd(), reinterpret_cast<const sockaddr*>(&peer), sizeof(peer)) != 0 && errno != EINPROGRESS) {
    throw BenchError(fmt::format("connect: {}", std::strerror(errno)));
  }
  return made;
}

std::uint16_t pick_free_port() {
  const Socket probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in here = to_sockaddr(INADDR_LOOPBACK, 0);
  socklen_t size = sizeof(here);
  if (!probe.is_open() || ::bind(probe.fd(), reinterpret_cast<const sockaddr*>(&here), size) != 0 ||
      ::getsockname(probe.fd(), reinterpret_cast<sockaddr*>(&here), &size) != 0) {
    throw BenchError(fmt::format("no free port: {}", std::strerror(errno)));
  }
  return ntohs(here.sin_port);
}

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) throw BenchError("cannot read the descriptor limit");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) throw BenchError("cannot raise the descriptor limit");
  return limit.rlim_cur;
}

}  // namespace martlet::bench
