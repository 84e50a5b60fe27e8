// ControlDesk: what the admin commands see of the server, and what they may ask of it. Every call is safe from any
// worker: it reads atomics and published rows, and asks the main thread for the rest.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/base/diag.h"
#include "server/base/rel_time.h"
#include "server/cache/cache.h"
#include "server/command/running_tuning.h"
#include "server/command/server_control.h"
#include "server/conn/watch_desk.h"
#include "server/log/log_drain.h"
#include "server/net/accept_gate.h"
#include "server/settings/settings.h"
#include "server/stats/prefix_table.h"
#include "server/stats/stats_fold.h"
#include "server/worker_room.h"
#include "threads/conn_slot.h"
#include "threads/mutex.h"

namespace martlet {

class ControlDesk final : public command::ServerControl {
 public:
  struct Parts {
    const settings::Settings& settings;
    const RelClock& rel_clock;
    Diag& diag;
    const cache::Cache& cache;
    const threads::ConnLimit& limit;
    log::LogDrain& log;
    const conn::WatchDesk& watch;
    uint64_t reserved_fds;
  };
  // Asks the main thread to stop the server.
  using Shutdown = std::function<void(bool graceful)>;

  ControlDesk(const Parts& parts, Shutdown shutdown);

  // What commands share across the workers.
  command::RunningTuning& tuning() { return tuning_; }
  stats::PrefixTable& prefixes() { return prefixes_; }

  // Where clients come in: addresses in the order of their numbers, and the listeners' descriptors.
  struct Front {
    std::vector<std::string> listeners;
    std::vector<int> listener_fds;
    std::vector<std::string> udp_addresses;  // each worker has a socket of each
  };

  // What there is to show, once it is built and before a worker runs; all of it outlives the desk's use.
  void show(std::vector<const WorkerRoom*> rooms, const net::AcceptGate& gate, Front front,
            const stats::ThreadStats& main_stats);

  command::ConnFigures conn_figures() const override;
  stats::CounterTotals totals() const override { return fold_->totals(); }
  stats::AllClassTotals class_totals() const override { return fold_->class_totals(); }
  void reset_stats() override EXCLUDES(mu_);
  cache::CacheFigures cache_baseline() const override EXCLUDES(mu_);
  protocol::StatRows settings_rows() const override;
  protocol::StatRows conn_rows() const override;
  protocol::StatRows thread_rows() const override;
  log::Reservation reserve_watcher(log::Words words) override { return parts_.log.reserve(words); }
  log::LogFigures log_figures() const override EXCLUDES(mu_);
  void set_verbosity(int level) override { parts_.diag.set_verbosity(level); }
  void shutdown(bool graceful) override { shutdown_(graceful); }

 private:
  std::string seconds_since(uint64_t then_ms) const;
  void add_listener_rows(protocol::StatRows* rows) const;
  void add_udp_row(const conn::ConnRow& row, std::string_view owner, protocol::StatRows* rows) const;
  void add_conn_row(const conn::ConnRow& row, std::string_view owner, protocol::StatRows* rows) const;

  const Parts parts_;
  const Shutdown shutdown_;
  command::RunningTuning tuning_;
  stats::PrefixTable prefixes_;
  std::vector<const WorkerRoom*> rooms_;
  const net::AcceptGate* gate_ = nullptr;
  Front front_;
  std::unique_ptr<stats::StatsFold> fold_;
  mutable threads::Mutex mu_;
  cache::CacheFigures cache_baseline_ GUARDED_BY(mu_);
  log::LogFigures log_baseline_ GUARDED_BY(mu_);
};

}  // namespace martlet
