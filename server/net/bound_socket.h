// Bound sockets: the addresses of NetSettings, resolved, bound and (TCP, unix) listening, before anyone accepts from
// them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/base/diag.h"
#include "server/base/result.h"
#include "server/net/net_settings.h"
#include "threads/unique_fd.h"

namespace martlet::net {

struct BoundSocket {
  threads::UniqueFd fd;
  int family = 0;         // AF_INET, AF_INET6, AF_UNIX
  uint16_t port = 0;      // TCP, UDP: the one really bound
  std::string address;    // tcp:127.0.0.1:11211, tcp6:[::1]:11211, udp:..., unix:PATH
  std::string unix_path;  // AF_UNIX
};

// All listeners, or the reason why one could not be had (exit code 71). Options: SO_REUSEADDR, so that a restart binds
// at once; SO_KEEPALIVE and TCP_NODELAY, which accepted sockets inherit; IPV6_V6ONLY; non-blocking, close-on-exec. Of
// the built-in addresses one may be missing on this host. An old socket file at the unix path is removed first (a file
// of another kind is not).
Result<std::vector<BoundSocket>> bind_all(const NetSettings& settings, const Diag& diag);

// One UDP socket for each address of `udp_endpoints`, under the same rules; none when UDP is off. A port that anyone
// else has, by whatever option, is an error.
Result<std::vector<BoundSocket>> bind_udp(const NetSettings& settings, const Diag& diag);

}  // namespace martlet::net
