#include "server/net/bound_socket.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <string_view>
#include <utility>

#include "server/net/socket_address.h"

namespace martlet::net {
namespace {

constexpr int kExitOs = 71;

Error os_error(const std::string& what) { return {kExitOs, fmt::format("{}: {}", what, std::strerror(errno))}; }

void switch_on(int fd, int level, int option) {
  const int on = 1;
  ::setsockopt(fd, level, option, &on, sizeof on);
}

// What accepted sockets inherit, and what the listener itself needs.
void set_stream_options(int fd) {
  switch_on(fd, SOL_SOCKET, SO_REUSEADDR);
  const linger off{0, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &off, sizeof off);
}

void set_tcp_options(int fd) {
  set_stream_options(fd);
  switch_on(fd, SOL_SOCKET, SO_KEEPALIVE);
  switch_on(fd, IPPROTO_TCP, TCP_NODELAY);
}

void set_ip_options(int fd, int family, const NetSettings& settings) {
  if (family == AF_INET6) switch_on(fd, IPPROTO_IPV6, IPV6_V6ONLY);
  if (settings.sock_cookie_id != 0) {
    ::setsockopt(fd, SOL_SOCKET, SO_MARK, &settings.sock_cookie_id, sizeof settings.sock_cookie_id);
  }
}

enum class Kind : uint8_t { tcp, udp };

// `error`: the errno of a failure.
Result<BoundSocket> bind_inet(Kind kind, sockaddr_storage address, socklen_t size, const NetSettings& settings,
                              int& error) {
  const std::string_view transport = kind == Kind::tcp ? "tcp" : "udp";
  const int type = kind == Kind::tcp ? SOCK_STREAM : SOCK_DGRAM;
  const std::string wanted = text_of(address, transport);
  const auto failed = [&error](const std::string& what) {
    error = errno;
    return os_error(what);
  };
  threads::UniqueFd fd(::socket(address.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return failed("failed to create a socket for " + wanted);
  if (kind == Kind::tcp) set_tcp_options(fd.get());
  set_ip_options(fd.get(), address.ss_family, settings);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    return failed("failed to bind " + wanted);
  }
  if (kind == Kind::tcp && ::listen(fd.get(), settings.backlog) != 0) return failed("failed to listen on " + wanted);
  if (::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return failed("getsockname");
  return BoundSocket{std::move(fd), address.ss_family, port_of(address), text_of(address, transport), {}};
}

// What one attempt to bind everything knows.
struct Attempt {
  Kind kind;
  const NetSettings& settings;
  bool one_port = true;  // where the kernel picks the port, all addresses are to have the same
  uint16_t picked = 0;   // the kernel's pick
  int error = 0;         // errno of the last failure
  std::vector<BoundSocket> sockets;

  const std::vector<Endpoint>& endpoints() const {
    return kind == Kind::tcp ? settings.endpoints : settings.udp_endpoints;
  }
};

// Every address of one endpoint; at least one must be had.
Status bind_endpoint(const Endpoint& endpoint, Attempt& attempt) {
  Result<Addresses> addresses = resolve(endpoint.host, attempt.kind == Kind::tcp ? SOCK_STREAM : SOCK_DGRAM);
  if (!addresses) return addresses.error();
  Error last{kExitOs, fmt::format("no address for '{}'", endpoint.host)};
  const size_t before = attempt.sockets.size();
  for (const addrinfo* info = addresses.value().get(); info != nullptr; info = info->ai_next) {
    sockaddr_storage address{};
    std::memcpy(&address, info->ai_addr, info->ai_addrlen);
    const uint16_t picked = attempt.one_port ? attempt.picked : uint16_t{0};
    set_port(address, endpoint.port > 0 ? static_cast<uint16_t>(endpoint.port) : picked);
    Result<BoundSocket> bound = bind_inet(attempt.kind, address, info->ai_addrlen, attempt.settings, attempt.error);
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
  set_stream_options(fd.get());
  const mode_t old_mask = ::umask(static_cast<mode_t>(~settings.unix_mask & 0777U));
  const int bound = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::umask(old_mask);
  if (bound != 0) return os_error("failed to bind unix socket " + path);
  if (::listen(fd.get(), settings.backlog) != 0) return os_error("failed to listen on unix socket " + path);
  return BoundSocket{std::move(fd), AF_UNIX, 0, "unix:" + path, path};
}

Status bind_endpoints(Attempt& attempt, const Diag& diag) {
  for (const Endpoint& endpoint : attempt.endpoints()) {
    const Status status = bind_endpoint(endpoint, attempt);
    if (status.ok()) continue;
    const bool missing_here = attempt.error == EADDRNOTAVAIL || attempt.error == EAFNOSUPPORT;
    if (!attempt.settings.default_addresses || !missing_here) return status.error();
    diag.log(1, "{} (not served)", status.error().message);
  }
  return Ok{};
}

// A port that the kernel picked for one address may be taken on the next: then all of them try another.
Result<std::vector<BoundSocket>> bind_kind(Kind kind, const NetSettings& settings, const Diag& diag) {
  constexpr int kAttempts = 16;
  for (int i = 1;; ++i) {
    Attempt attempt{kind, settings, i < kAttempts, 0, 0, {}};
    const Status status = bind_endpoints(attempt, diag);
    const bool pick_again = attempt.picked != 0 && attempt.error == EADDRINUSE && attempt.one_port;
    if (!status.ok() && pick_again) continue;
    if (!status.ok()) return status.error();
    if (attempt.sockets.empty() && !attempt.endpoints().empty()) {
      return Error{kExitOs, "no address to listen on could be had"};
    }
    return std::move(attempt.sockets);
  }
}

}  // namespace

Result<std::vector<BoundSocket>> bind_all(const NetSettings& settings, const Diag& diag) {
  std::vector<BoundSocket> sockets;
  if (!settings.unix_path.empty()) {
    Result<BoundSocket> bound = bind_unix(settings);
    if (!bound) return bound.error();
    sockets.push_back(bound.take());
  }
  Result<std::vector<BoundSocket>> tcp = bind_kind(Kind::tcp, settings, diag);
  if (!tcp) return tcp.error();
  std::move(tcp.value().begin(), tcp.value().end(), std::back_inserter(sockets));
  return sockets;
}

Result<std::vector<BoundSocket>> bind_udp(const NetSettings& settings, const Diag& diag) {
  return bind_kind(Kind::udp, settings, diag);
}

}  // namespace martlet::net
