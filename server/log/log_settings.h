// LogSettings: the sizes of the log's buffers. Plain data, constant after start-up.
#pragma once

#include <cstdint>

namespace martlet::log {

inline constexpr uint64_t kLeastBuffer = 4096;  // bytes; the longest line and the longest event fit, a few times over

struct LogSettings {
  uint64_t worker_buffer = 64 * 1024;    // bytes of a worker's ring (-o worker_logbuf_size), >= kLeastBuffer
  uint64_t watcher_buffer = 256 * 1024;  // bytes of lines kept for a watcher (-o watcher_logbuf_size), >= kLeastBuffer
};

}  // namespace martlet::log
