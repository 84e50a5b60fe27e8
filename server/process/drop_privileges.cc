#include "server/process/drop_privileges.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace martlet::process {
namespace {

constexpr int kUsageError = 64;
constexpr int kNoUser = 67;
constexpr int kOsError = 71;

Error failed(const std::string& user, const char* what) {
  return Error{kOsError, fmt::format("-u {}: cannot {}: {}", user, what, std::strerror(errno))};
}

}  // namespace

Status drop_privileges(const PrivilegeOptions& options) {
  if (::getuid() != 0 && ::geteuid() != 0) return Ok{};
  const std::string& user = options.user;
  if (user.empty()) return Error{kUsageError, "will not run as root: name another user with -u"};

  const passwd* const entry = ::getpwnam(user.c_str());
  if (entry == nullptr) return Error{kNoUser, fmt::format("-u {}: no such user", user)};
  const uid_t uid = entry->pw_uid;
  const gid_t gid = entry->pw_gid;

  if (::setgroups(0, nullptr) != 0) return failed(user, "leave root's groups");
  if (::setgid(gid) != 0) return failed(user, "take over the group");
  if (::setuid(uid) != 0) return failed(user, "take over the user id");
  if (options.core_dumps && ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) return failed(user, "allow core files");
  return Ok{};
}

}  // namespace martlet::process
