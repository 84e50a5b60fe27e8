// RunningTuning: what the lru_crawler commands set while the server runs, and `stats settings` shows. One for the
// server; any thread.
//
// The expiry crawl has a pace of its own (see docs/storage.md): sleep and tocrawl are kept for those who read them
// back. Disabling it refuses the commands that list keys, as memcached does.
#pragma once

#include <atomic>
#include <cstdint>

namespace martlet::command {

struct RunningTuning {
  RunningTuning(bool enabled, uint32_t sleep_us, uint32_t tocrawl)
      : crawler_enabled(enabled), crawler_sleep_us(sleep_us), crawler_tocrawl(tocrawl) {}

  std::atomic<bool> crawler_enabled;
  std::atomic<uint32_t> crawler_sleep_us;  // microseconds, up to a second
  std::atomic<uint32_t> crawler_tocrawl;   // items a class and crawl, 0: all
};

}  // namespace martlet::command
