// The port file (MEMCACHED_PORT_FILENAME): tells whoever started the server which ports it has, above all those the
// kernel picked.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "server/base/result.h"

namespace martlet::process {

struct BoundPort {
  int family = 0;     // AF_INET or AF_INET6
  uint16_t port = 0;  // as bound
  bool udp = false;
};

// Writes a line such as "TCP INET: 11211", "TCP INET6: 11211" or "UDP INET: 11211" for each, in order; the file appears
// whole. Call once all sockets are bound. Errors: 71, the file cannot be written.
Status write_port_file(const std::string& path, std::span<const BoundPort> ports);

}  // namespace martlet::process
