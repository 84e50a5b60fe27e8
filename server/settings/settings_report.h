// The rows of `stats settings`: every key of memcached, in its order. Keys of what does not exist here read 0, "no" or
// NULL, as memcached shows them when they are off; keys of build options that are not built are left out, as there.
#pragma once

#include <cstdint>

#include "server/protocol/response.h"
#include "server/settings/settings.h"

namespace martlet::settings {

// What may have changed since the start.
struct RunningValues {
  int verbosity = 0;
  uint64_t memory_limit = 0;  // bytes
  bool prefix_stats = false;
  bool lru_crawler = true;
  uint32_t lru_crawler_sleep_us = 0;
  uint32_t lru_crawler_tocrawl = 0;
  uint32_t oldest = 0;  // memcached's mark of the last flush_all, in seconds since the start; 0: none
};

// Any thread.
protocol::StatRows settings_report(const Settings& settings, const RunningValues& running);

}  // namespace martlet::settings
