// The two servers that are compared, as processes of their own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/external_server.h"

namespace martlet::differential {

inline constexpr char kDefaultReference[] = "/usr/bin/memcached";

// The built server of this tree.
std::string built_server();

// The command line of the reference, addresses aside.
std::vector<std::string> reference_flags();

struct ServerPair {
  std::unique_ptr<support::ExternalServer> ours;
  std::unique_ptr<support::ExternalServer> theirs;

  // False, with the reason in `*error`, when one of them does not start. `ours` may be a second reference.
  bool start(const std::string& our_binary, const std::string& reference, std::string* error);
};

}  // namespace martlet::differential
