#include "server/process/daemonize.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace martlet::process {
namespace {

Error failed(const char* what) { return Error{71, fmt::format("-d: {}: {}", what, std::strerror(errno))}; }

Status close_streams() {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) return failed("cannot open /dev/null");
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (null != stream && ::dup2(null, stream) < 0) return failed("cannot redirect a standard stream");
  }
  if (null > STDERR_FILENO) ::close(null);
  return Ok{};
}

}  // namespace

Status daemonize(const DaemonOptions& options) {
  const pid_t child = ::fork();
  if (child < 0) return failed("cannot fork");
  if (child > 0) ::_exit(EXIT_SUCCESS);
  if (::setsid() < 0) return failed("cannot start a session");
  if (!options.keep_directory && ::chdir("/") != 0) return failed("cannot change to /");
  return options.keep_streams ? Status{Ok{}} : close_streams();
}

}  // namespace martlet::process
