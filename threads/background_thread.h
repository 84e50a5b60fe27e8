// BackgroundThread: a named thread that does a step of work, sleeps as long as the step says, and stops promptly.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "threads/mutex.h"

namespace martlet::threads {

class BackgroundThread {
 public:
  // One step; returns how long to sleep before the next. Runs on the thread, without locks held.
  using Step = std::function<std::chrono::milliseconds()>;

  BackgroundThread(std::string name, Step step) : name_(std::move(name)), step_(std::move(step)) {}
  ~BackgroundThread() { stop(); }
  BackgroundThread(const BackgroundThread&) = delete;
  BackgroundThread& operator=(const BackgroundThread&) = delete;

  // False when the thread cannot be made.
  [[nodiscard]] bool start();
  // Ends the sleep under way, so that the next step comes at once. Any thread.
  void wake() EXCLUDES(mu_);
  // Ends the thread after the step under way and joins it. Idempotent; not from the thread itself.
  void stop() EXCLUDES(mu_);

 private:
  void run() EXCLUDES(mu_);

  const std::string name_;
  const Step step_;
  Mutex mu_;
  CondVar cond_;
  bool stopping_ GUARDED_BY(mu_) = false;
  bool woken_ GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace martlet::threads
