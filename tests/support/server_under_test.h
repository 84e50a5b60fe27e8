// ServerUnderTest: whatever answers on the other side of a wire test. One of
//   in process   a TestServer: manual clock, forced read sizes (the default)
//   own binary   MARTLET_BINARY=path: the built server as a process of its own, same answers expected
//   reference    MARTLET_REFERENCE=path: memcached, to check the tables themselves
// start_server() chooses; nothing else in the tests knows which one runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/endpoint.h"

namespace martlet::support {

struct TestServerOptions {
  std::vector<std::string> flags;  // as on the command line; without addresses and ports
  bool unix_socket = false;        // listen on a unix socket, too
  bool udp = false;                // serve datagrams, too
  size_t max_read = 0;             // bytes a single read may return, 0: no limit (in process only)
};

enum class ServerKind : uint8_t { in_process, own_binary, reference };

class ServerUnderTest {
 public:
  virtual ~ServerUnderTest() = default;

  virtual ServerKind kind() const = 0;
  virtual uint16_t port() const = 0;          // on 127.0.0.1 and ::1 alike; 0: no TCP
  virtual std::string unix_path() const = 0;  // empty: no unix socket
  virtual uint16_t udp_port() const = 0;      // on 127.0.0.1 and ::1 alike; 0: no UDP

  // Lets `n` seconds pass: at once in process, by waiting (n + 1 seconds, its clock ticks in whole ones) otherwise.
  virtual void advance_seconds(int n) = 0;

  // Can reads be split by the server itself (TestServerOptions::max_read)? If not, the client splits its writes.
  virtual bool splits_reads() const = 0;

  Endpoint endpoint(Transport transport) const { return {transport, port(), unix_path()}; }
};

// Does a server with this command line refuse text?
bool speaks_only_binary(const std::vector<std::string>& flags);

// What start_server() will start.
ServerKind server_kind();

// Null when it does not start; `*error` then says why.
std::unique_ptr<ServerUnderTest> start_server(const TestServerOptions& options, std::string* error);

}  // namespace martlet::support
