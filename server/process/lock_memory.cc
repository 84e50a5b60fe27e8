#include "server/process/lock_memory.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>

namespace martlet::process {

std::optional<std::string> lock_memory() {
  if (::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0) return std::nullopt;
  return fmt::format("-k: cannot lock memory: {} (see ulimit -l)", std::strerror(errno));
}

}  // namespace martlet::process
