// Becoming somebody else than root (-u).
#pragma once

#include <string>

#include "server/base/result.h"

namespace martlet::process {

struct PrivilegeOptions {
  std::string user;         // -u; empty: not given
  bool core_dumps = false;  // a change of user forbids core files: allow them again
};

// As root: takes over the user's groups and id, for good. Otherwise the user is ignored. Call before any thread exists
// and after everything only root may do.
// Errors: 64 root without a user, 67 no such user, 71 the system refuses.
Status drop_privileges(const PrivilegeOptions& options);

}  // namespace martlet::process
