// Executor: Request in, Response out. Looks the verb up in the command table, counts, calls the handler.
//
// One per worker, on its thread only. It knows the cache, the counters and the clock; it knows no socket and no
// dialect.
//
// A store comes in one of two shapes. Value at hand: admit(), then store(). Value still arriving and above
// cache::kPinThreshold: admit(), begin_upload(), pieces into the Upload, then publish(). Each ends in one Response.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "server/base/rel_time.h"
#include "server/cache/cache.h"
#include "server/command/running_tuning.h"
#include "server/command/server_control.h"
#include "server/log/log_ring.h"
#include "server/protocol/request.h"
#include "server/protocol/response.h"
#include "server/stats/prefix_table.h"
#include "server/stats/thread_stats.h"

namespace martlet::command {

struct CommandSettings {
  bool dumping_enabled = true;  // -X turns it off: no command lists keys
  bool lru_crawler = true;      // -o no_lru_crawler: keys are not listed until `lru_crawler enable`
  uint32_t lru_crawler_sleep_us = 100;
  uint32_t lru_crawler_tocrawl = 0;
  bool sizes_tracked = false;         // -o track_sizes
  bool slab_reassign = true;          // -o no_slab_reassign: `slabs reassign` refuses
  bool lru_maintainer = true;         // -o no_lru_maintainer: `lru mode` and `lru temp_ttl` refuse
  bool shutdown_enabled = false;      // -A
  bool flush_enabled = true;          // -F turns it off
  bool watch_enabled = true;          // -W turns it off
  bool idle_timeout_enabled = false;  // idle_kicks is shown only then
};

// What a handler may use. References outlive the executor.
struct CommandContext {
  cache::Cache& cache;
  cache::CacheContext& cache_context;
  stats::ThreadStats& stats;
  const RelClock& clock;
  ServerControl& control;
  const CommandSettings& settings;
  RunningTuning& tuning;
  stats::PrefixTable& prefixes;
  log::LogRing& log;
};

class Executor {
 public:
  explicit Executor(const CommandContext& context) : context_(context) {}

  // Any request without a value.
  protocol::Response execute(const protocol::Request& request);

  // Before a value is read: empty when it may come; else the refusal (too large, for one), after which the value is
  // swallowed. A refused `set` has removed the old item.
  std::optional<protocol::Response> admit(const protocol::Request& request);

  protocol::Response store(const protocol::Request& request, std::string_view value);

  // Null: no memory; refuse() is then the answer, and the value is swallowed.
  std::unique_ptr<cache::Upload> begin_upload(const protocol::Request& request);
  protocol::Response publish(const protocol::Request& request, std::unique_ptr<cache::Upload> upload);

  // The answer to a store that lost its memory: before the value was read (`during_read` false: out of memory storing
  // object, and a `set` removes the old item), or in its midst (the old item stays).
  protocol::Response refuse(const protocol::Request& request, bool during_read);

  // The answer to a store whose value did not end as its dialect demands; the old item stays.
  protocol::Response bad_chunk(const protocol::Request& request);

 private:
  void count(const protocol::Request& request);

  CommandContext context_;
};

}  // namespace martlet::command
