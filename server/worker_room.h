// WorkerRoom: everything that belongs to one worker, built in order and torn down in reverse. Its parts are used on the
// worker's thread; what other threads may read of them their headers say.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "server/base/clock.h"
#include "server/base/diag.h"
#include "server/base/rel_time.h"
#include "server/cache/cache.h"
#include "server/command/executor.h"
#include "server/conn/buffer_pool.h"
#include "server/conn/conn_table.h"
#include "server/conn/udp_table.h"
#include "server/settings/settings.h"
#include "server/stats/thread_stats.h"
#include "threads/unique_fd.h"
#include "threads/worker.h"

namespace martlet {

class WorkerRoom final : public threads::WorkerHandler {
 public:
  struct Shared {
    const settings::Settings& settings;
    const Clock& clock;
    const RelClock& rel_clock;
    const Diag& diag;
    cache::Cache& cache;
    command::ServerControl& control;
    command::RunningTuning& tuning;
    stats::PrefixTable& prefixes;
    log::LogRing& log;
    conn::WatchDesk& watch;
    size_t max_read;
  };

  // Null when its memory cannot be had. `on_done` is called on the worker's thread when its loop has ended.
  static std::unique_ptr<WorkerRoom> create(const Shared& shared, threads::Worker& worker,
                                            std::function<void()> on_done);

  // Datagrams from these sockets are served, too. Before the worker runs; see UdpTable::start().
  [[nodiscard]] bool serve_udp(std::vector<threads::UniqueFd> sockets) { return udp_.start(std::move(sockets)); }

  void on_message(threads::WorkerMessage&& message) override;
  void on_exit() override;

  // Any thread.
  const stats::ThreadStats& stats() const { return stats_; }
  const conn::BufferPool& buffers() const { return buffers_; }
  const conn::ConnTable& table() const { return table_; }
  const conn::UdpTable& udp() const { return udp_; }
  threads::Worker& worker() { return worker_; }
  const threads::Worker& worker() const { return worker_; }

 private:
  WorkerRoom(const Shared& shared, threads::Worker& worker, std::unique_ptr<conn::ConnPool> pool,
             std::function<void()> on_done);

  threads::Worker& worker_;
  const std::function<void()> on_done_;
  stats::ThreadStats stats_;
  std::unique_ptr<cache::CacheContext> cache_context_;
  command::Executor executor_;
  conn::BufferPool buffers_;
  conn::ConnContext context_;
  conn::ConnTable table_;
  conn::UdpTable udp_;
};

}  // namespace martlet
