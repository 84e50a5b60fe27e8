#include "server/process/daemonize.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "tests/server/process/child.h"

namespace martlet::process {
namespace {

std::string target_of(int fd) {
  std::error_code error;
  return std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", fd), error).string();
}

// What the daemon finds about itself. It is a grandchild that outlives the child, so it tells through a file.
std::string daemon_says(const DaemonOptions& options, const std::string& directory) {
  const ScratchDir scratch;
  const std::string report = scratch.file("report");
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);  // the daemon becomes a child of this process, to be waited for
  const pid_t child = ::fork();
  if (child == 0) {
    if (::chdir(directory.c_str()) != 0) ::_exit(98);
    const int original = ::open("/dev/zero", O_RDWR);
    for (const int stream : {0, 1, 2}) ::dup2(original, stream);
    const Status status = daemonize(options);
    put_content(report, fmt::format("{} leader={} cwd={} in={} out={} err={}", status.ok() ? "ok" : "error",
                                    ::getsid(0) == ::getpid(), std::filesystem::current_path().string(), target_of(0),
                                    target_of(1), target_of(2)));
    ::_exit(7);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "the parent leaves with 0";
  EXPECT_GT(::waitpid(-1, &status, 0), 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 7) << "the daemon ran to its end";
  ::prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
  return content_of(report);
}

TEST(Daemonize, LeavesSessionDirectoryAndStreams) {
  EXPECT_EQ(daemon_says({}, "/tmp"), "ok leader=true cwd=/ in=/dev/null out=/dev/null err=/dev/null");
}

TEST(Daemonize, KeepsTheDirectoryForCoreFiles) {
  EXPECT_EQ(daemon_says({.keep_directory = true}, "/tmp"),
            "ok leader=true cwd=/tmp in=/dev/null out=/dev/null err=/dev/null");
}

TEST(Daemonize, KeepsTheStreamsWhenAskedToSpeak) {
  EXPECT_EQ(daemon_says({.keep_streams = true}, "/tmp"),
            "ok leader=true cwd=/ in=/dev/zero out=/dev/zero err=/dev/zero");
}

}  // namespace
}  // namespace martlet::process
