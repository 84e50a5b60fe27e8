// Has the peer of a local connection read everything that was sent to it?
//
// A unix stream socket knows itself (SIOCOUTQ counts what the peer has not read). For TCP on loopback the peer's own
// socket is looked up through the kernel's socket diagnosis (sock_diag(7), inet_diag), which shows its receive queue.
#pragma once

#include <cstdint>

#include "tests/support/endpoint.h"

namespace martlet::support {

enum class PeerQueue : uint8_t { empty, waiting, gone };

// `fd` is a connected socket whose peer lives on this machine.
PeerQueue peer_queue(int fd, Transport transport);

}  // namespace martlet::support
