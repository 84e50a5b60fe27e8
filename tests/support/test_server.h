// TestServer: the whole server in this process, on real sockets, with a clock that is turned by hand.
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "server/server.h"
#include "tests/support/manual_clock.h"
#include "tests/support/server_under_test.h"

namespace martlet::support {

class TestServer final : public ServerUnderTest {
 public:
  // Null when the server cannot be built; `*error` then says why.
  static std::unique_ptr<TestServer> start(const TestServerOptions& options, std::string* error);
  ~TestServer() override;

  ServerKind kind() const override { return ServerKind::in_process; }
  uint16_t port() const override { return port_; }
  std::string unix_path() const override { return unix_path_; }
  uint16_t udp_port() const override { return udp_port_; }
  void advance_seconds(int n) override;
  bool splits_reads() const override { return true; }

  // Begins the stop and waits for the main loop's end. Returns the exit code.
  int stop();

 private:
  TestServer() = default;

  ManualClock clock_;
  std::unique_ptr<Server> server_;
  std::thread main_;
  std::string directory_;  // of the unix socket
  std::string unix_path_;
  uint16_t port_ = 0;
  uint16_t udp_port_ = 0;
  int exit_code_ = -1;
};

}  // namespace martlet::support
