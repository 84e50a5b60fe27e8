#include "server/process/core_dumps.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "tests/server/process/child.h"

namespace martlet::process {
namespace {

std::string enabled(rlim_t soft, rlim_t hard) {
  const rlimit limits{soft, hard};
  if (::setrlimit(RLIMIT_CORE, &limits) != 0) return "cannot set the limits";
  const Status status = enable_core_dumps();
  if (!status) return fmt::format("error {}", status.error().exit_code);
  rlimit now{};
  ::getrlimit(RLIMIT_CORE, &now);
  return now.rlim_cur == RLIM_INFINITY ? "no limit" : fmt::format("{}", now.rlim_cur);
}

TEST(CoreDumps, TheHardLimitIsTakenWhereItBinds) {
  const std::string said = in_child([] {
    become_nobody();
    return enabled(0, 8192);
  });
  EXPECT_EQ(said, "8192");
}

TEST(CoreDumps, ForbiddenCoreFilesAreAnError) {
  const std::string said = in_child([] {
    become_nobody();
    return enabled(0, 0);
  });
  EXPECT_EQ(said, "error 71");
}

TEST(CoreDumps, RootLiftsTheLimit) {
  if (!may_raise_limits()) GTEST_SKIP() << "needs root that may raise hard limits";
  EXPECT_EQ(in_child([] { return enabled(0, 0); }), "no limit");
}

}  // namespace
}  // namespace martlet::process
