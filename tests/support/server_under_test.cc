// The choice between the three kinds of server.
#include "tests/support/server_under_test.h"

#include <algorithm>
#include <cstdlib>

#include "tests/support/external_server.h"
#include "tests/support/test_server.h"

namespace martlet::support {
namespace {

const char* path_in(const char* variable) {
  const char* path = std::getenv(variable);
  return path != nullptr && *path != '\0' ? path : nullptr;
}

}  // namespace

bool speaks_only_binary(const std::vector<std::string>& flags) {
  return std::find(flags.begin(), flags.end(), "binary") != flags.end();
}

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
  return TestServer::start(options, error);
}

}  // namespace martlet::support
