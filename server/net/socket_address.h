// Socket addresses: names resolved, ports read and set, addresses as they are shown.
#pragma once

#include <netdb.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "server/base/result.h"

namespace martlet::net {

struct AddressesDeleter {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, AddressesDeleter>;

// The addresses a host stands for, to listen on; an empty one is any, IPv4 and IPv6. `socket_type`: SOCK_STREAM or
// SOCK_DGRAM. Errors: 71.
Result<Addresses> resolve(const std::string& host, int socket_type);

// All for AF_INET and AF_INET6 only.
uint16_t port_of(const sockaddr_storage& address);
void set_port(sockaddr_storage& address, uint16_t port);

// 127.0.0.0/8 or ::1: the kernel takes such a source from this host only.
bool is_loopback(const sockaddr_storage& address);

// tcp:127.0.0.1:11211, tcp6:[::1]:11211; `transport` is tcp or udp.
std::string text_of(const sockaddr_storage& address, std::string_view transport);

}  // namespace martlet::net
