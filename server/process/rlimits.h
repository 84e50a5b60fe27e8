// Descriptors: making sure that -c clients, and everything the server opens beside them, can be open at once.
//
//   needed = max_connections + reserved,  reserved = workers * kFdsPerWorker + listeners + kHeadroom
//
// The soft limit is raised to what is needed, never beyond and never lowered, so that a container's hard limit of 10^9
// costs nothing. Root may raise the hard limit, too.
#pragma once

#include <sys/resource.h>

#include <cstdint>

#include "server/base/result.h"

namespace martlet::process {

inline constexpr uint64_t kFdsPerWorker = 5;  // epoll, libevent's own pipe and the notify pipe
inline constexpr uint64_t kHeadroom = 64;     // standard streams, main loop, clocks, logs, a client being turned away

struct DescriptorNeeds {
  uint64_t max_connections = 0;
  uint64_t workers = 0;
  uint64_t listeners = 0;  // sockets that listen, and those of UDP

  uint64_t reserved() const { return workers * kFdsPerWorker + listeners + kHeadroom; }
};

struct DescriptorLimits {
  uint64_t soft = 0;  // RLIM_INFINITY reads as such
  uint64_t hard = 0;
  uint64_t reserved_fds = 0;  // kept beyond the connections
};

// What the limits have to become, without touching them. `may_raise_hard`: as root. Errors: 71, the hard limit is too
// low.
Result<DescriptorLimits> plan_descriptors(const rlimit& now, const DescriptorNeeds& needs, bool may_raise_hard);

// Plans and sets RLIMIT_NOFILE. Call before privileges are dropped. Errors: 71.
Result<DescriptorLimits> raise_descriptor_limit(const DescriptorNeeds& needs);

}  // namespace martlet::process
