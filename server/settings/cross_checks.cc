#include "server/settings/cross_checks.h"

#include <fmt/format.h>
#include <sys/un.h>

#include <algorithm>
#include <string_view>

#include "server/settings/listen_list.h"
#include "server/settings/option_value.h"

namespace martlet::settings {
namespace {

constexpr int kUsageError = 64;
constexpr int kOsError = 71;
constexpr int64_t kMinItemSize = 1 << 10;
constexpr int64_t kMaxItemSize = 1 << 30;
constexpr int64_t kSlabAlignment = 8;  // bytes
constexpr size_t kMaxSlabSizes = 62;

Refusal check_item_size(Draft& draft) {
  const int64_t size = draft.item_size_max;
  if (size < kMinItemSize || size > kMaxItemSize) {
    return Error{kUsageError, fmt::format("-I: {} bytes is not between 1k and 1g", size)};
  }
  const uint64_t half = draft.settings.cache.memory_limit / 2;
  if (static_cast<uint64_t>(size) > half) {
    return Error{kUsageError,
                 fmt::format("-I: {} bytes is more than half of the memory limit (-m), {} bytes", size, half)};
  }
  draft.settings.cache.item_size_max = static_cast<uint32_t>(size);
  return {};
}

Refusal check_lists(const Draft& draft) {
  if (draft.hot_lru_pct + draft.warm_lru_pct > 80) {
    return Error{kUsageError,
                 fmt::format("-o hot_lru_pct and warm_lru_pct: {} and {} are more than 80 percent together",
                             draft.hot_lru_pct, draft.warm_lru_pct)};
  }
  if (draft.temporary_ttl && !draft.lru_maintainer) {
    return Error{kUsageError, "-o temporary_ttl needs lru_maintainer"};
  }
  return {};
}

Refusal check_slab_sizes(const Draft& draft, std::string_view sizes) {
  int64_t last = 0;
  size_t count = 0;
  const auto refused = [](std::string_view what) { return Error{kUsageError, fmt::format("-o slab_sizes: {}", what)}; };
  while (!sizes.empty()) {
    const size_t end = std::min(sizes.find('-'), sizes.size());
    const std::string_view text = sizes.substr(0, end);
    sizes.remove_prefix(std::min(end + 1, sizes.size()));
    if (text.empty()) continue;
    const auto size = parse_integer(text);
    if (!size || *size < draft.slab_min_size || *size > draft.slab_chunk_max) {
      return refused(fmt::format("{} is not a size from {} (-n) to {} (slab_chunk_max)", quoted(text),
                                 draft.slab_min_size, draft.slab_chunk_max));
    }
    if (*size <= last + kSlabAlignment) return refused(fmt::format("{} is not more than 8 above {}", *size, last));
    if (++count > kMaxSlabSizes) return refused("more than 62 sizes");
    last = *size;
  }
  if (count == 0) return refused("no size");
  return {};
}

Refusal check_slabs(const Draft& draft) {
  if (kSlabPageSize % draft.slab_chunk_max != 0) {
    return Error{kUsageError,
                 fmt::format("-o slab_chunk_max: {} KB does not divide 1024 KB", draft.slab_chunk_max >> 10)};
  }
  return draft.slab_sizes ? check_slab_sizes(draft, *draft.slab_sizes) : Refusal{};
}

// log2 of the size of memcached's table of item locks for so many workers.
unsigned item_lock_power(uint32_t threads) {
  if (threads < 3) return 10;
  if (threads < 4) return 11;
  if (threads < 5) return 12;
  if (threads <= 10) return 13;
  if (threads <= 20) return 14;
  return 15;
}

Refusal check_hash_power(const Draft& draft) {
  const unsigned power = draft.settings.cache.hash_power;
  const unsigned locks = item_lock_power(draft.settings.threads);
  if (power == 0 || power > locks) return {};
  return Error{1, fmt::format("-o hashpower: {} is not above {}, the power of the locks for -t {}", power, locks,
                              draft.settings.threads)};
}

Refusal check_napi_ids(const Draft& draft) {
  if (!draft.napi_ids) return {};
  if (*draft.napi_ids > int64_t{draft.settings.threads}) {
    return Error{kUsageError,
                 fmt::format("-N: {} is more than the {} workers of -t", *draft.napi_ids, draft.settings.threads)};
  }
  return Error{1, "-N: not supported here, connections are balanced by load"};
}

net::ListenProtocol listen_protocol(protocol::Dialect dialect) {
  switch (dialect) {
    case protocol::Dialect::ascii:
      return net::ListenProtocol::ascii;
    case protocol::Dialect::binary:
      return net::ListenProtocol::binary;
    case protocol::Dialect::automatic:
      break;
  }
  return net::ListenProtocol::automatic;
}

// The addresses of every -l, or the built-in ones.
Status list_endpoints(Draft& draft, int port, std::vector<net::Endpoint>* endpoints, std::vector<std::string>* notes) {
  const ListenDefaults defaults{port, listen_protocol(draft.settings.conn.protocol)};
  for (const std::string& list : draft.listen_lists) {
    const Status appended = append_endpoints(list, defaults, endpoints, notes);
    if (!appended) return appended;
  }
  if (draft.settings.net.explicit_listen) return Ok{};
  for (const char* const host : {"127.0.0.1", "::1"}) {
    endpoints->push_back({.host = host, .port = defaults.port, .protocol = defaults.protocol, .tag = {}});
  }
  return Ok{};
}

// A unix socket alone takes the place of TCP; beside an explicit -p or -l both are served. UDP is on the addresses of
// TCP whenever it is asked for, and TCP without a port of its own goes to that of UDP.
Status resolve_endpoints(Draft& draft) {
  net::NetSettings& net = draft.settings.net;
  net.default_addresses = !net.explicit_listen;
  if (net.udp_port != 0 && !net.explicit_port) net.tcp_port = net.udp_port;
  if (Status listed = list_endpoints(draft, net.tcp_port, &net.endpoints, &draft.notes); !listed) return listed;
  const bool unix_only = !net.unix_path.empty() && !net.explicit_port && !net.explicit_listen;
  if (net.tcp_port == 0 || unix_only) net.endpoints.clear();
  if (net.udp_port != 0) {
    std::vector<std::string> said_already;
    const Status listed = list_endpoints(draft, net.udp_port, &net.udp_endpoints, &said_already);
    if (!listed) return listed;
  }
  if (net.endpoints.empty() && net.udp_endpoints.empty() && net.unix_path.empty()) {
    return Error{kUsageError, "nothing to listen on: -p 0 turns TCP off, and there is neither -s nor -U"};
  }
  if (net.unix_path.size() >= sizeof(sockaddr_un::sun_path)) {
    return Error{kOsError, fmt::format("-s: the path is longer than {} bytes", sizeof(sockaddr_un::sun_path) - 1)};
  }
  return Ok{};
}

}  // namespace

Status finish(Draft& draft) {
  if (Refusal no = check_item_size(draft)) return *no;
  if (Refusal no = check_lists(draft)) return *no;
  if (Refusal no = check_slabs(draft)) return *no;
  if (Refusal no = check_napi_ids(draft)) return *no;
  if (Refusal no = check_hash_power(draft)) return *no;
  draft.settings.command.idle_timeout_enabled = draft.settings.conn.idle_timeout_s > 0;
  return resolve_endpoints(draft);
}

}  // namespace martlet::settings
