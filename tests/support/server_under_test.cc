// The choice between the three kinds of server. The in-process server plugs in here and nowhere else: as soon as
// tests/support/test_server.h exists it is used.
#include "tests/support/server_under_test.h"

#include <cstdlib>
#include <utility>

#include "tests/support/external_server.h"

#if __has_include("tests/support/test_server.h")
#include "tests/support/test_server.h"
#define MARTLET_HAS_TEST_SERVER 1
#else
#define MARTLET_HAS_TEST_SERVER 0
#endif

namespace martlet::support {
namespace {

const char* path_in(const char* variable) {
  const char* path = std::getenv(variable);
  return path != nullptr && *path != '\0' ? path : nullptr;
}

#if MARTLET_HAS_TEST_SERVER
class InProcessServer final : public ServerUnderTest {
 public:
  explicit InProcessServer(std::unique_ptr<TestServer> server) : server_(std::move(server)) {}

  ServerKind kind() const override { return ServerKind::in_process; }
  uint16_t port() const override { return server_->port(); }
  std::string unix_path() const override { return server_->unix_path(); }
  void advance_seconds(int n) override { server_->advance_seconds(n); }
  bool splits_reads() const override { return true; }

 private:
  std::unique_ptr<TestServer> server_;
};

std::unique_ptr<ServerUnderTest> start_in_process(const TestServerOptions& options, std::string* error) {
  auto server = TestServer::start(options);
  if (server == nullptr) {
    *error = "the in-process server does not start";
    return nullptr;
  }
  return std::make_unique<InProcessServer>(std::move(server));
}
#else
std::unique_ptr<ServerUnderTest> start_in_process(const TestServerOptions&, std::string* error) {
  *error = "built without an in-process server: set MARTLET_REFERENCE or MARTLET_BINARY";
  return nullptr;
}
#endif

}  // namespace

ServerKind server_kind() {
  if (path_in("MARTLET_REFERENCE") != nullptr) return ServerKind::reference;
  if (path_in("MARTLET_BINARY") != nullptr) return ServerKind::own_binary;
  return ServerKind::in_process;
}

std::unique_ptr<ServerUnderTest> start_server(const TestServerOptions& options, std::string* error) {
  switch (server_kind()) {
    case ServerKind::reference:
      return ExternalServer::start(path_in("MARTLET_REFERENCE"), ServerKind::reference, options, error);
    case ServerKind::own_binary:
      return ExternalServer::start(path_in("MARTLET_BINARY"), ServerKind::own_binary, options, error);
    case ServerKind::in_process:
      break;
  }
  return start_in_process(options, error);
}

}  // namespace martlet::support
