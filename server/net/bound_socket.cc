#include "server/net/bound_socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

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

// Every address of one endpoint. Where the kernel is to pick the port, the first pick serves the other addresses too if
// it is free there. At least one address must be had.
Status bind_endpoint(const Endpoint& endpoint, const NetSettings& settings, uint16_t& picked,
                     std::vector<BoundSocket>& out, int& error) {
  Result<Addresses> addresses = resolve(endpoint.host);
  if (!addresses) return addresses.error();
  Error last{kExitOs, fmt::format("no address for '{}'", endpoint.host)};
  const size_t before = out.size();
  for (const addrinfo* info = addresses.value().get(); info != nullptr; info = info->ai_next) {
    sockaddr_storage address{};
    std::memcpy(&address, info->ai_addr, info->ai_addrlen);
    set_port(address, endpoint.port > 0 ? static_cast<uint16_t>(endpoint.port) : picked);
    Result<BoundSocket> bound = bind_tcp(address, info->ai_addrlen, settings, error);
    if (!bound && endpoint.port < 0 && picked != 0) {
      set_port(address, 0);
      bound = bind_tcp(address, info->ai_addrlen, settings, error);
    }
    if (bound) {
      if (endpoint.port < 0 && picked == 0) picked = bound.value().port;
      out.push_back(bound.take());
    } else if (error == EADDRINUSE || error == EACCES) {
      return bound.error();  // another server is there: half a service would be worse than none
    } else {
      last = bound.error();
    }
  }
  if (out.size() == before) return last;
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

Result<std::vector<BoundSocket>> bind_all(const NetSettings& settings, const Diag& diag) {
  std::vector<BoundSocket> sockets;
  uint16_t picked = 0;
  if (!settings.unix_path.empty()) {
    Result<BoundSocket> bound = bind_unix(settings);
    if (!bound) return bound.error();
    sockets.push_back(bound.take());
  }
  for (size_t i = 0; i < settings.endpoints.size(); ++i) {
    int error = 0;
    const Status status = bind_endpoint(settings.endpoints[i], settings, picked, sockets, error);
    if (status.ok()) continue;
    const bool missing_here = error == EADDRNOTAVAIL || error == EAFNOSUPPORT;
    if (!settings.default_addresses || !missing_here) return status.error();
    diag.log(1, "{} (not served)", status.error().message);
  }
  if (sockets.empty() && !settings.endpoints.empty()) return Error{kExitOs, "no address to listen on could be had"};
  return sockets;
}

}  // namespace martlet::net
