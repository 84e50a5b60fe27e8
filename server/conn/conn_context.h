// ConnContext: what a connection may use. One per worker; the references outlive its connections.
#pragma once

#include <cstddef>

#include "server/base/clock.h"
#include "server/base/diag.h"
#include "server/cache/cache.h"
#include "server/command/executor.h"
#include "server/conn/buffer_pool.h"
#include "server/conn/conn_settings.h"
#include "server/conn/watch_desk.h"
#include "server/log/log_ring.h"
#include "server/protocol/request.h"
#include "server/stats/thread_stats.h"

namespace martlet::conn {

struct ConnContext {
  command::Executor& executor;
  cache::CacheContext& cache_context;
  stats::ThreadStats& stats;
  BufferPool& buffers;
  const Clock& clock;
  const Diag& diag;
  const ConnSettings& settings;
  log::LogRing& log;  // the worker's
  WatchDesk& watch;
  size_t max_read = BufferPool::kLargest;  // bytes asked for by one read; tests split the stream with it
  protocol::Request request{};             // scratch: the one being executed; nothing of it outlives a step
};

}  // namespace martlet::conn
