// The checks that need several options at once, after all are read, in the order in which memcached makes them; and the
// endpoints, which depend on -l, -p, -s and -B together.
#pragma once

#include "server/base/result.h"
#include "server/settings/draft.h"

namespace martlet::settings {

// Completes draft.settings. Errors: 64, with three exceptions: 71 for addresses, 1 for -o hashpower, 1 for -N.
Status finish(Draft& draft);

}  // namespace martlet::settings
