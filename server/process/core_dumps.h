// Core files (-r).
#pragma once

#include "server/base/result.h"

namespace martlet::process {

// Raises RLIMIT_CORE to no limit, else to the hard one. Errors: 71, core files stay forbidden.
Status enable_core_dumps();

}  // namespace martlet::process
