// ExternalServer: a server binary (this project's or memcached's) run as a child process on loopback.
//
// It listens on 127.0.0.1 and ::1 on a free port, or, for a unix socket with the reference, on that socket alone
// (memcached serves either). Dropped to nobody when the tests run as root. The child dies with the object, or with
// the test program.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tests/support/child_process.h"
#include "tests/support/server_under_test.h"

namespace martlet::support {

class ExternalServer final : public ServerUnderTest {
 public:
  // Starts `binary` and waits until it answers. Null, with the reason in `*error`, when it does not within 5 s.
  static std::unique_ptr<ExternalServer> start(const std::string& binary, ServerKind kind,
                                               const TestServerOptions& options, std::string* error);
  ~ExternalServer() override;

  ServerKind kind() const override { return kind_; }
  uint16_t port() const override { return port_; }
  std::string unix_path() const override { return unix_path_; }
  uint16_t udp_port() const override { return udp_port_; }
  void advance_seconds(int n) override;
  bool splits_reads() const override { return false; }

  pid_t pid() const { return child_->pid(); }

 private:
  explicit ExternalServer(ServerKind kind) : kind_(kind) {}

  bool make_socket_directory(std::string* error);
  bool spawn(const std::string& binary, const TestServerOptions& options, std::string* error);
  bool wait_until_it_answers(bool in_binary);

  ServerKind kind_;
  std::unique_ptr<ChildProcess> child_;
  uint16_t port_ = 0;
  uint16_t udp_port_ = 0;
  std::string directory_;  // of the unix socket; removed at the end
  std::string unix_path_;
};

}  // namespace martlet::support
