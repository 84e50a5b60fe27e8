#include "server/net/socket_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <array>

namespace martlet::net {
namespace {

constexpr int kExitOs = 71;

const sockaddr_in& as_v4(const sockaddr_storage& address) { return reinterpret_cast<const sockaddr_in&>(address); }
const sockaddr_in6& as_v6(const sockaddr_storage& address) { return reinterpret_cast<const sockaddr_in6&>(address); }

}  // namespace

Result<Addresses> resolve(const std::string& host, int socket_type) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = socket_type;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* list = nullptr;
  const int failure = ::getaddrinfo(host.empty() ? nullptr : host.c_str(), "0", &hints, &list);
  if (failure != 0) {
    return Error{kExitOs, fmt::format("failed to resolve listen address '{}': {}", host, ::gai_strerror(failure))};
  }
  return Addresses(list);
}

uint16_t port_of(const sockaddr_storage& address) {
  return ntohs(address.ss_family == AF_INET6 ? as_v6(address).sin6_port : as_v4(address).sin_port);
}

void set_port(sockaddr_storage& address, uint16_t port) {
  if (address.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6&>(address).sin6_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in&>(address).sin_port = htons(port);
  }
}

bool is_loopback(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET6) return IN6_IS_ADDR_LOOPBACK(&as_v6(address).sin6_addr);
  constexpr uint32_t kFirstByte = 24;
  return address.ss_family == AF_INET && ntohl(as_v4(address).sin_addr.s_addr) >> kFirstByte == IN_LOOPBACKNET;
}

std::string text_of(const sockaddr_storage& address, std::string_view transport) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET6) {
    inet_ntop(AF_INET6, &as_v6(address).sin6_addr, text.data(), text.size());
    return fmt::format("{}6:[{}]:{}", transport, text.data(), port_of(address));
  }
  inet_ntop(AF_INET, &as_v4(address).sin_addr, text.data(), text.size());
  return fmt::format("{}:{}:{}", transport, text.data(), port_of(address));
}

}  // namespace martlet::net
