#include "server/process/drop_privileges.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>

#include "tests/server/process/child.h"

namespace martlet::process {
namespace {

using testing::HasSubstr;

std::string dropped(const PrivilegeOptions& options) {
  const Status status = drop_privileges(options);
  if (!status) return fmt::format("error {}: {}", status.error().exit_code, status.error().message);
  return fmt::format("uid {} {} gid {} {} groups {} root again {} dumpable {}", ::getuid(), ::geteuid(), ::getgid(),
                     ::getegid(), ::getgroups(0, nullptr), ::setuid(0) == 0, ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
}

TEST(DropPrivileges, OrdinaryUsersStayWhoTheyAre) {
  const std::string said = in_child([] {
    become_nobody();
    const Status status = drop_privileges({.user = "no-such-user-anywhere"});
    return std::string(status.ok() ? "ignored" : status.error().message);
  });
  EXPECT_EQ(said, "ignored");
}

TEST(DropPrivileges, RootMustNameAUser) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  EXPECT_THAT(in_child([] { return dropped({}); }), HasSubstr("error 64: will not run as root"));
}

TEST(DropPrivileges, AnUnknownUserIsRefused) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  EXPECT_EQ(in_child([] { return dropped({.user = "no-such-user-anywhere"}); }),
            "error 67: -u no-such-user-anywhere: no such user");
}

TEST(DropPrivileges, NothingOfRootRemains) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  const std::string said = in_child([] {
    const gid_t groups[] = {0, 1, 2};
    if (::setgroups(3, groups) != 0) return std::string("cannot set groups");
    return dropped({.user = "nobody"});
  });
  EXPECT_THAT(said, HasSubstr("uid 65534 65534 gid 65534 65534 groups 0 root again false"));
}

TEST(DropPrivileges, CoreFilesStayAllowedOnRequest) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  EXPECT_THAT(in_child([] { return dropped({.user = "nobody", .core_dumps = true}); }), HasSubstr("dumpable 1"));
  EXPECT_THAT(in_child([] { return dropped({.user = "nobody"}); }), testing::Not(HasSubstr("dumpable 1")));
}

}  // namespace
}  // namespace martlet::process
