#include "server/process/port_file.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include "server/process/file_replace.h"

namespace martlet::process {

Status write_port_file(const std::string& path, std::span<const BoundPort> ports) {
  std::string lines;
  for (const BoundPort& bound : ports) {
    lines +=
        fmt::format("{} {}: {}\n", bound.udp ? "UDP" : "TCP", bound.family == AF_INET6 ? "INET6" : "INET", bound.port);
  }
  if (const auto problem = replace_file(path, lines)) {
    return Error{71, fmt::format("MEMCACHED_PORT_FILENAME: {}", *problem)};
  }
  return Ok{};
}

}  // namespace martlet::process
