#include "server/log/log_feed.h"

namespace martlet::log {

void LogFeed::stamp(Event& event) {
  event.gid = next_gid_.fetch_add(1, std::memory_order_relaxed);
  event.time_us = clock_.unix_us();
}

}  // namespace martlet::log
