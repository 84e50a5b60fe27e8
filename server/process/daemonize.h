// Going into the background (-d).
#pragma once

#include "server/base/result.h"

namespace martlet::process {

struct DaemonOptions {
  bool keep_directory = false;  // stay where core files are wanted (-r), instead of in /
  bool keep_streams = false;    // standard streams stay open (-v), instead of becoming /dev/null
};

// Forks; the parent exits with 0 at once, the child returns as leader of a session of its own. Call before any thread
// exists. Errors: 71.
Status daemonize(const DaemonOptions& options);

}  // namespace martlet::process
