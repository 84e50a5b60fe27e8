#include "server/process/core_dumps.h"

#include <sys/resource.h>

namespace martlet::process {

Status enable_core_dumps() {
  constexpr rlimit kNoLimit{RLIM_INFINITY, RLIM_INFINITY};
  if (::setrlimit(RLIMIT_CORE, &kNoLimit) == 0) return Ok{};
  rlimit limit{};
  if (::getrlimit(RLIMIT_CORE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    if (limit.rlim_cur > 0 && ::setrlimit(RLIMIT_CORE, &limit) == 0) return Ok{};
  }
  return Error{71, "-r: the limit of core files is 0 and cannot be raised"};
}

}  // namespace martlet::process
