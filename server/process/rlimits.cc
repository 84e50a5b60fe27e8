#include "server/process/rlimits.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace martlet::process {
namespace {

constexpr int kOsError = 71;

Error too_low(const DescriptorNeeds& needs, uint64_t hard, const char* why) {
  return Error{kOsError, fmt::format("-c {} needs {} file descriptors ({} of them for the server itself), but the hard "
                                     "limit is {}{}; raise it (ulimit -Hn, LimitNOFILE=) or lower -c",
                                     needs.max_connections, needs.max_connections + needs.reserved(), needs.reserved(),
                                     hard, why)};
}

}  // namespace

Result<DescriptorLimits> plan_descriptors(const rlimit& now, const DescriptorNeeds& needs, bool may_raise_hard) {
  const uint64_t needed = needs.max_connections + needs.reserved();
  if (needed > now.rlim_max && !may_raise_hard) return too_low(needs, now.rlim_max, "");
  return DescriptorLimits{std::max<uint64_t>(now.rlim_cur, needed), std::max<uint64_t>(now.rlim_max, needed),
                          needs.reserved()};
}

Result<DescriptorLimits> raise_descriptor_limit(const DescriptorNeeds& needs) {
  rlimit now{};
  if (::getrlimit(RLIMIT_NOFILE, &now) != 0) {
    return Error{kOsError, fmt::format("cannot read the limit of file descriptors: {}", std::strerror(errno))};
  }
  Result<DescriptorLimits> plan = plan_descriptors(now, needs, ::geteuid() == 0);
  if (!plan) return plan;
  if (plan.value().soft == now.rlim_cur && plan.value().hard == now.rlim_max) return plan;
  const rlimit wanted{plan.value().soft, plan.value().hard};
  if (::setrlimit(RLIMIT_NOFILE, &wanted) == 0) return plan;
  // Root of a container may lack the capability, and nobody gets past the kernel's own bound.
  if (wanted.rlim_max > now.rlim_max) return too_low(needs, now.rlim_max, " and cannot be raised");
  return Error{kOsError, fmt::format("cannot raise the limit of file descriptors to {}: {}", plan.value().soft,
                                     std::strerror(errno))};
}

}  // namespace martlet::process
