// WorkerPool: the workers, started, told and joined together.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "threads/worker.h"

namespace martlet::threads {

class WorkerPool {
 public:
  // Null when a worker could not be made. `count` >= 1.
  static std::unique_ptr<WorkerPool> create(size_t count);

  // One handler a worker, in order; they outlive the threads. False when a thread could not be made (those that were
  // are stopped and joined).
  [[nodiscard]] bool start(const std::vector<WorkerHandler*>& handlers);

  // Posts a message made anew for each worker. False when one could not be told for want of memory (the others were).
  bool broadcast(const std::function<WorkerMessage()>& make);
  void join();

  size_t size() const { return workers_.size(); }
  Worker& worker(size_t index) { return *workers_[index]; }

  // The worker with the fewest connections; among equals the next in turn, so that idle workers share newcomers.
  // Main thread only.
  Worker& least_loaded();

 private:
  std::vector<std::unique_ptr<Worker>> workers_;
  size_t turn_ = 0;
};

}  // namespace martlet::threads
