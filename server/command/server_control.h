// ServerControl: what the admin commands may ask of the server as a whole. Implemented by the composition root; every
// call is safe from any worker.
#pragma once

#include <cstdint>
#include <string_view>

#include "server/cache/cache.h"
#include "server/log/log_drain.h"
#include "server/protocol/response.h"
#include "server/stats/thread_stats.h"

namespace martlet::command {

// Figures of the connection rooms at one moment, for `stats`.
struct ConnFigures {
  uint64_t max_connections = 0;        // -c
  uint64_t curr_connections = 0;       // clients
  uint64_t connections_in_use = 0;     // of all kinds: listeners too
  uint64_t connection_structures = 0;  // ever made: the peak
  uint64_t conn_free = 0;              // made and not in use
  uint64_t conn_reused = 0;            // taken from the free list instead of being made
  uint64_t conn_pool_size = 0;         // room for structures reserved, all workers together
  uint64_t reserved_fds = 0;           // descriptors kept beyond -c for the server's own files
  uint64_t read_buf_count = 0;         // buffers in existence, all workers
  uint64_t read_buf_bytes = 0;
  uint64_t read_buf_bytes_free = 0;
  uint64_t response_obj_count = 0;  // blocks of queued replies
  uint64_t response_obj_bytes = 0;
  bool accepting_conns = true;
  uint64_t listen_disabled_num = 0;
  uint64_t time_in_listen_disabled_us = 0;
  uint64_t threads = 0;
  std::string_view libevent_version{};  // of the library that runs; static storage
};

class ServerControl {
 public:
  virtual ~ServerControl() = default;

  virtual ConnFigures conn_figures() const = 0;
  virtual stats::CounterTotals totals() const = 0;
  virtual stats::AllClassTotals class_totals() const = 0;
  // Makes the present counters, the cache's included, the baseline that totals() and cache_baseline() speak of.
  virtual void reset_stats() = 0;
  // Cache::figures() as they were at the last reset_stats(); all zero before the first, and for a server that keeps no
  // baseline of its cache: then a reset leaves evictions and the like as they are.
  virtual cache::CacheFigures cache_baseline() const { return {}; }

  // Rows of `stats settings`, `stats conns`, `stats threads`.
  virtual protocol::StatRows settings_rows() const = 0;
  virtual protocol::StatRows conn_rows() const = 0;
  virtual protocol::StatRows thread_rows() const = 0;

  // A place among the watchers for a connection whose command this answers (LogDrain::reserve), and the log's figures
  // since the last reset_stats().
  virtual log::Reservation reserve_watcher(log::Words words) = 0;
  virtual log::LogFigures log_figures() const = 0;

  virtual void set_verbosity(int level) = 0;  // 0..2
  // Begins the stop: at once, or finishing what is under way. Returns before it has happened.
  virtual void shutdown(bool graceful) = 0;
};

}  // namespace martlet::command
