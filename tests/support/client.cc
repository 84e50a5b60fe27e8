// Client's sends and receives over one non-blocking descriptor.
#include "tests/support/client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "tests/support/peer_queue.h"

namespace martlet::support {
namespace {

constexpr size_t kReadSize = 64 * 1024;

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

bool fill_address(const Endpoint& endpoint, Address* out) {
  if (endpoint.transport == Transport::unix_stream) {
    auto* address = reinterpret_cast<sockaddr_un*>(&out->storage);
    if (endpoint.path.size() >= sizeof address->sun_path) {
      errno = ENAMETOOLONG;
      return false;
    }
    address->sun_family = AF_UNIX;
    std::memcpy(address->sun_path, endpoint.path.data(), endpoint.path.size());
    out->size = sizeof *address;
  } else if (endpoint.transport == Transport::tcp4) {
    auto* address = reinterpret_cast<sockaddr_in*>(&out->storage);
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address->sin_port = htons(endpoint.port);
    out->size = sizeof *address;
  } else {
    auto* address = reinterpret_cast<sockaddr_in6*>(&out->storage);
    address->sin6_family = AF_INET6;
    address->sin6_addr = in6addr_loopback;
    address->sin6_port = htons(endpoint.port);
    out->size = sizeof *address;
  }
  return true;
}

}  // namespace

std::unique_ptr<Client> Client::connect(const Endpoint& endpoint, const ClientOptions& options) {
  Address address;
  if (!fill_address(endpoint, &address)) return nullptr;
  threads::UniqueFd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return nullptr;
  if (options.receive_buffer > 0) {
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &options.receive_buffer, sizeof options.receive_buffer);
  }
  if (endpoint.transport != Transport::unix_stream) {
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  // Loopback and unix connects complete or fail at once.
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address.storage), address.size) != 0) return nullptr;
  ::fcntl(fd.get(), F_SETFL, O_NONBLOCK);
  return std::unique_ptr<Client>(new Client(std::move(fd), endpoint.transport, options));
}

bool Client::wait(short events, short* ready, Clock::time_point until) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd poll_fd{fd_.get(), events, 0};
    const int count = ::poll(&poll_fd, 1, left > 0 ? static_cast<int>(left) : 0);
    if (count > 0) {
      *ready = poll_fd.revents;
      return true;
    }
    if (count < 0 && errno == EINTR) continue;
    last_error_ = "deadline";
    return false;
  }
}

Client::More Client::fill(Clock::time_point until) {
  char buffer[kReadSize];
  for (;;) {
    const ssize_t got = ::recv(fd_.get(), buffer, sizeof buffer, 0);
    if (got > 0) {
      inbox_.append(buffer, static_cast<size_t>(got));
      return More::bytes;
    }
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      short ready = 0;
      if (!wait(POLLIN, &ready, until)) return More::deadline;
      continue;
    }
    last_error_ = got == 0 ? "closed by the server" : std::strerror(errno);
    return More::closed;
  }
}

bool Client::send_until(std::string_view bytes, Clock::time_point until) {
  bool listening = true;  // until the server has ended its side
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
      last_error_ = std::strerror(errno);
      return false;
    }
    short ready = 0;
    if (!wait(static_cast<short>(listening ? POLLIN | POLLOUT : POLLOUT), &ready, until)) return false;
    if (listening && (ready & POLLIN) != 0) listening = fill(until) == More::bytes;
  }
  return true;
}

bool Client::send(std::string_view bytes) { return send_until(bytes, deadline()); }

bool Client::wait_until_taken(Clock::time_point until) {
  while (Clock::now() < until) {
    const PeerQueue queue = peer_queue(fd_.get(), transport_);
    if (queue == PeerQueue::empty) return true;
    if (queue == PeerQueue::gone) {
      last_error_ = "closed by the server";
      return false;
    }
    // The server may be waiting for its replies to be taken.
    short ready = 0;
    pollfd poll_fd{fd_.get(), POLLIN, 0};
    if (::poll(&poll_fd, 1, 0) > 0) ready = poll_fd.revents;
    if ((ready & POLLIN) != 0 && fill(until) != More::bytes) return false;
    ::sched_yield();
  }
  last_error_ = "deadline";
  return false;
}

bool Client::send_in_pieces(std::string_view bytes, size_t piece) {
  const auto until = deadline();
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, piece);
    if (!send_until(part, until)) return false;
    bytes.remove_prefix(part.size());
    if (!bytes.empty() && !wait_until_taken(until)) return false;
  }
  return true;
}

size_t Client::send_some(std::string_view bytes) {
  const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  return sent > 0 ? static_cast<size_t>(sent) : 0;
}

Client::More Client::receive_more() { return fill(deadline()); }

std::optional<std::string> Client::receive(size_t size) {
  const auto until = deadline();
  while (inbox_.size() < size) {
    if (fill(until) != More::bytes) return std::nullopt;
  }
  std::string taken = inbox_.substr(0, size);
  consume(size);
  return taken;
}

std::optional<std::string> Client::receive_line() { return receive_through("\n"); }

std::optional<std::string> Client::receive_through(std::string_view mark) {
  const auto until = deadline();
  size_t searched = 0;
  for (;;) {
    const size_t at = inbox_.find(mark, searched);
    if (at != std::string::npos) return receive(at + mark.size());
    searched = inbox_.size() < mark.size() ? 0 : inbox_.size() - mark.size() + 1;
    if (fill(until) != More::bytes) return std::nullopt;
  }
}

std::optional<std::string> Client::receive_until_close() {
  const auto until = deadline();
  for (;;) {
    const More more = fill(until);
    if (more == More::deadline) return std::nullopt;
    if (more == More::closed) return std::exchange(inbox_, {});
  }
}

void Client::half_close() { ::shutdown(fd_.get(), SHUT_WR); }

void Client::reset() {
  const linger at_once{1, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  fd_.reset();
}

}  // namespace martlet::support
