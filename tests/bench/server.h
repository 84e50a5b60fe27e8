// The server under test: started on a free loopback port, ready when it answers `version`, killed at the end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/bench/process.h"
#include "tests/bench/socket.h"
#include "tests/bench/text_client.h"

namespace martlet::bench {

class Server {
 public:
  // Starts `binary` with -l 127.0.0.1, a port, -U 0, `-u nobody` for root, and `flags`. Throws BenchError, with what
  // the server wrote to standard error, when it ends at once or does not answer within 5 seconds.
  static Server start(const std::string& binary, const std::vector<std::string>& flags,
                      std::optional<unsigned> cpu = std::nullopt);

  const Endpoint& endpoint() const { return endpoint_; }
  ChildProcess& process() { return process_; }
  const ChildProcess& process() const { return process_; }
  TextClient connect() const { return TextClient::connect(endpoint_); }

  // Waits until the descriptor count is `count` or less; the milliseconds it took, nullopt when `timeout` passed first.
  std::optional<double> wait_for_descriptors(std::uint64_t count, Milliseconds timeout) const;

 private:
  Server(ChildProcess process, Endpoint endpoint) : process_(std::move(process)), endpoint_(endpoint) {}

  ChildProcess process_;
  Endpoint endpoint_;
};

}  // namespace martlet::bench
