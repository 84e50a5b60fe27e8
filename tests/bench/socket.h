// Sockets of the load: owned descriptors and connect helpers that reach loopback addresses only, so that a mistyped
// parameter can never turn this load against another machine.
#pragma once

#include <netinet/in.h>

#include <chrono>
#include <cstdint>
#include <utility>

namespace martlet::bench {

using Milliseconds = std::chrono::milliseconds;

// Owns one descriptor; closes it at destruction. Not shared between threads.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { close(); }

  int fd() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  // Orderly close: the peer reads an end of stream.
  void close();
  // Abortive close (SO_LINGER with 0 seconds, RFC 9293 section 3.6): the peer reads ECONNRESET, unsent bytes are
  // dropped.
  void abort();

 private:
  int fd_ = -1;
};

// A TCP endpoint over IPv4; address in host byte order.
struct Endpoint {
  std::uint32_t address = INADDR_LOOPBACK;
  std::uint16_t port = 0;
};

// True for 127.0.0.0/8, the only addresses the connect helpers accept.
bool is_loopback(std::uint32_t host_order_address);

// A loopback source address, 127.(64 + group).(step).1: spreading connections over several keeps the ephemeral ports of
// one address from running out. group and step are taken modulo what the address can hold.
std::uint32_t source_address(unsigned group, unsigned step);

// Connects and returns a blocking socket whose connect, reads and writes each end after `timeout` at the latest.
// source 0 lets the kernel choose. Throws BenchError when refused, late, or when an address is not loopback.
Socket connect_to(const Endpoint& to, Milliseconds timeout, std::uint32_t source = 0);

// Starts a connect on a non-blocking socket; the connection may still be under way on return. Throws as connect_to.
Socket begin_connect(const Endpoint& to, std::uint32_t source = 0);

// A TCP port on 127.0.0.1 that was free a moment ago.
std::uint16_t pick_free_port();

// Raises the soft descriptor limit of this process to its hard one and returns it.
std::uint64_t raise_descriptor_limit();

}  // namespace martlet::bench
