#include "server/net/bound_socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <memory>
#include <utility>

namespace martlet::net {
namespace {

constexpr int kExitOs = 71;

Error os_error(const std::string& what) { return {kExitOs, fmt::format("{}: {}", what, std::strerror(errno))}; }

void switch_on(int fd, int level, int option) {
  const int on = 1;
  ::setsockopt(fd, level, option, &on, sizeof on);
}

// What accepted sockets inherit, and what the listener itself needs.
void set_options(int fd, int family, const NetSettings& settings) {
  switch_on(fd, SOL_SOCKET, SO_REUSEADDR);
  const linger off{0, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &off, sizeof off);
  if (family == AF_UNIX) return;
  switch_on(fd, SOL_SOCKET, SO_KEEPALIVE);
  switch_on(fd, IPPROTO_TCP, TCP_NODELAY);
  if (family == AF_INET6) switch_on(fd, IPPROTO_IPV6, IPV6_V6ONLY);
  if (settings.sock_cookie_id != 0) {
    ::setsockopt(fd, SOL_SOCKET, SO_MARK, &settings.sock_cookie_id, sizeof settings.sock_cookie_id);
  }
}

uint16_t port_of(const sockaddr_storage& address) {
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

void set_port(sockaddr_storage& address, uint16_t port) {
  if (address.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6&>(address).sin6_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in&>(address).sin_port = htons(port);
  }
}

std::string text_of(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, text.data(), text.size());
    return fmt::format("tcp6:[{}]:{}", text.data(), port_of(address));
  }
  inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text.data(), text.size());
  return fmt::format("tcp:{}:{}", text.data(), port_of(address));
}

// `error`: the errno of a failure.
Result<BoundSocket> bind_tcp(sockaddr_storage address, socklen_t size, const NetSettings& settings, int& error) {
  const std::string wanted = text_of(address);
  const auto failed = [&error](const std::string& what) {
    error = errno;
    return os_error(what);
  };
  threads::UniqueFd fd(::socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return failed("failed to create a socket for " + wanted);
  set_options(fd.get(), address.ss_family, settings);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    return failed("failed to bind " + wanted);
  }
  if (::listen(fd.get(), settings.backlog) != 0) return failed("failed to listen on " + wanted);
  if (::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return failed("getsockname");
  return BoundSocket{std::move(fd), address.ss_family, port_of(address), text_of(address), {}};
}

struct AddressesDeleter {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, AddressesDeleter>;

Result<Addresses> resolve(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* list = nullptr;
  const int failure = ::getaddrinfo(host.empty() ? nullptr : host.c_str(), "0", &hints, &list);
  if (failure != 0) {
    return Error{kExitOs, fmt::format("failed to resolve listen address '{}': {}", host, ::gai_strerror(failure))};
  }
  return Addresses(list);
}

// What one attempt to bind everything knows.
struct Attempt {
  const NetSettings& settings;
  bool one_port = true;  // where the kernel picks the port, all addresses are to have the same
  uint16_t picked = 0;   // the kernel's pick
  int error = 0;         // errno of the last failure
  std::vector<BoundSocket> sockets;
};

// Every address of one endpoint; at least one must be had.
Status bind_endpoint(const Endpoint& endpoint, Attempt& attempt) {
  Result<Addresses> addresses = resolve(endpoint.host);
  if (!addresses) return addresses.error();
  Error last{kExitOs, fmt::format("no address for '{}'", endpoint.host)};
  const size_t before = attempt.sockets.size();
  for (const addrinfo* info = addresses.value().get(); info != nullptr; info = info->ai_next) {
    sockaddr_storage address{};
    std::memcpy(&address, info->ai_addr, info->ai_addrlen);
    const uint16_t picked = attempt.one_port ? attempt.picked : uint16_t{0};
    set_port(address, endpoint.port > 0 ? static_cast<uint16_t>(endpoint.port) : picked);
    Result<BoundSocket> bound = bind_tcp(address, info->ai_addrlen, attempt.settings, attempt.error);
    if (bound) {
      if (endpoint.port < 0) attempt.picked = bound.value().port;
      attempt.sockets.push_back(bound.take());
    } else if (attempt.error == EADDRINUSE || attempt.error == EACCES) {
      return bound.error();  // another server is there: half a service would be worse than none
    } else {
      last = bound.error();
    }
  }
  if (attempt.sockets.size() == before) return last;
  return Ok{};
}

Result<BoundSocket> bind_unix(const NetSettings& settings) {
  const std::string& path = settings.unix_path;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return Error{kExitOs, "unix socket path is too long: " + path};
  std::memcpy(address.sun_path, path.data(), path.size());

  struct stat old {};
  if (::lstat(path.c_str(), &old) == 0 && S_ISSOCK(old.st_mode)) ::unlink(path.c_str());

  threads::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return os_error("failed to create a unix socket");
  set_options(fd.get(), AF_UNIX, settings);
  const mode_t old_mask = ::umask(static_cast<mode_t>(~settings.unix_mask & 0777U));
  const int bound = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::umask(old_mask);
  if (bound != 0) return os_error("failed to bind unix socket " + path);
  if (::listen(fd.get(), settings.backlog) != 0) return os_error("failed to listen on unix socket " + path);
  return BoundSocket{std::move(fd), AF_UNIX, 0, "unix:" + path, path};
}

}  // namespace

namespace {

Status bind_endpoints(Attempt& attempt, const Diag& diag) {
  for (const Endpoint& endpoint : attempt.settings.endpoints) {
    const Status status = bind_endpoint(endpoint, attempt);
    if (status.ok()) continue;
    const bool missing_here = attempt.error == EADDRNOTAVAIL || attempt.error == EAFNOSUPPORT;
    if (!attempt.settings.default_addresses || !missing_here) return status.error();
    diag.log(1, "{} (not served)", status.error().message);
  }
  return Ok{};
}

}  // namespace

Result<std::vector<BoundSocket>> bind_all(const NetSettings& settings, const Diag& diag) {
  std::vector<BoundSocket> sockets;
  if (!settings.unix_path.empty()) {
    Result<BoundSocket> bound = bind_unix(settings);
    if (!bound) return bound.error();
    sockets.push_back(bound.take());
  }
  // A port that the kernel picked for one address may be taken on the next: then all of them try another.
  constexpr int kAttempts = 16;
  for (int i = 1;; ++i) {
    Attempt attempt{settings, i < kAttempts, 0, 0, {}};
    const Status status = bind_endpoints(attempt, diag);
    const bool pick_again = attempt.picked != 0 && attempt.error == EADDRINUSE && attempt.one_port;
    if (!status.ok() && pick_again) continue;
    if (!status.ok()) return status.error();
    if (attempt.sockets.empty() && !settings.endpoints.empty()) {
      return Error{kExitOs, "no address to listen on could be had"};
    }
    std::move(attempt.sockets.begin(), attempt.sockets.end(), std::back_inserter(sockets));
    return sockets;
  }
}

}  // namespace martlet::net
