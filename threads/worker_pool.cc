#include "threads/worker_pool.h"

#include <new>
#include <string>
#include <utility>

namespace martlet::threads {
namespace {

WorkerMessage make_stop() {
  WorkerMessage message;
  message.kind = WorkerMessage::Kind::stop;
  return message;
}

}  // namespace

std::unique_ptr<WorkerPool> WorkerPool::create(size_t count) {
  std::unique_ptr<WorkerPool> pool(new (std::nothrow) WorkerPool);
  if (pool == nullptr) return nullptr;
  try {
    pool->workers_.reserve(count);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  for (size_t i = 0; i < count; ++i) {
    std::unique_ptr<Worker> worker = Worker::create("worker-" + std::to_string(i));
    if (worker == nullptr) return nullptr;
    pool->workers_.push_back(std::move(worker));
  }
  return pool;
}

bool WorkerPool::start(const std::vector<WorkerHandler*>& handlers) {
  if (handlers.size() != workers_.size()) return false;
  for (size_t started = 0; started < workers_.size(); ++started) {
    if (workers_[started]->start(*handlers[started])) continue;
    // Their queues are fresh and have room set aside, so the message cannot fail to go.
    for (size_t i = 0; i < started; ++i) static_cast<void>(workers_[i]->post(make_stop()));
    join();
    return false;
  }
  return true;
}

bool WorkerPool::broadcast(const std::function<WorkerMessage()>& make) {
  bool all = true;
  for (const std::unique_ptr<Worker>& worker : workers_) {
    if (!worker->post(make())) all = false;
  }
  return all;
}

void WorkerPool::join() {
  for (const std::unique_ptr<Worker>& worker : workers_) worker->join();
}

Worker& WorkerPool::least_loaded() {
  size_t best = turn_;
  uint32_t best_load = std::as_const(*workers_[best]).load();
  for (size_t step = 1; step < workers_.size(); ++step) {
    const size_t index = (turn_ + step) % workers_.size();
    const uint32_t load = std::as_const(*workers_[index]).load();
    if (load < best_load) {
      best = index;
      best_load = load;
    }
  }
  turn_ = (best + 1) % workers_.size();
  return *workers_[best];
}

}  // namespace martlet::threads
