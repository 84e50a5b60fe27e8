// FakeServerControl: answers with what the test put in, and remembers what it was asked to do.
#pragma once

#include <vector>

#include "server/command/server_control.h"
#include "server/stats/stats_fold.h"

namespace martlet::support {

class FakeServerControl final : public command::ServerControl {
 public:
  FakeServerControl(const cache::Cache& cache, std::vector<const stats::ThreadStats*> threads)
      : cache_(cache), fold_(std::move(threads)) {}

  command::ConnFigures figures{};
  int resets = 0;
  int verbosity = -1;
  std::vector<log::Words> watched;  // the words of each call
  log::Reservation reservation{};   // their answer, unless `watching` gives it
  log::LogDrain* watching = nullptr;
  log::LogFigures log{};
  std::vector<bool> shutdowns;  // a `graceful` for each call

  command::ConnFigures conn_figures() const override { return figures; }
  stats::CounterTotals totals() const override { return fold_.totals(); }
  stats::AllClassTotals class_totals() const override { return fold_.class_totals(); }
  void reset_stats() override {
    ++resets;
    fold_.reset();
    baseline_ = cache_.figures();
  }
  cache::CacheFigures cache_baseline() const override { return baseline_; }
  protocol::StatRows settings_rows() const override { return {{"maxbytes", "67108864"}}; }
  protocol::StatRows conn_rows() const override { return {{"7:state", "conn_read"}}; }
  protocol::StatRows thread_rows() const override { return {{"0:connections", "1"}}; }
  log::Reservation reserve_watcher(log::Words words) override {
    watched.push_back(words);
    return watching != nullptr ? watching->reserve(words) : reservation;
  }
  log::LogFigures log_figures() const override { return log; }
  void set_verbosity(int level) override { verbosity = level; }
  void shutdown(bool graceful) override { shutdowns.push_back(graceful); }

 private:
  const cache::Cache& cache_;
  stats::StatsFold fold_;
  cache::CacheFigures baseline_{};
};

}  // namespace martlet::support
