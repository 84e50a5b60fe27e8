#include "threads/background_thread.h"

#include <algorithm>

#include "threads/named_thread.h"

namespace martlet::threads {
namespace {

// Longer sleeps are cut to this, which keeps "now + sleep" within the clock's range.
constexpr std::chrono::milliseconds kLongestSleep = std::chrono::hours(24 * 365);

}  // namespace

bool BackgroundThread::start() {
  {
    MutexLock lock(mu_);
    stopping_ = false;
    woken_ = false;
  }
  return start_named_thread(thread_, name_, [this] { run(); });
}

void BackgroundThread::wake() {
  {
    MutexLock lock(mu_);
    woken_ = true;
  }
  cond_.notify_all();
}

void BackgroundThread::stop() {
  {
    MutexLock lock(mu_);
    stopping_ = true;
  }
  cond_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void BackgroundThread::run() {
  using Clock = std::chrono::steady_clock;
  while (true) {
    {
      MutexLock lock(mu_);
      if (stopping_) return;
      woken_ = false;  // before the step: a wake() that comes during it asks for another
    }
    const std::chrono::milliseconds sleep = std::min(step_(), kLongestSleep);
    const Clock::time_point end = Clock::now() + sleep;

    MutexLock lock(mu_);
    while (!stopping_ && !woken_) {
      const Clock::duration left = end - Clock::now();
      if (left <= Clock::duration::zero()) break;
      cond_.wait_for(mu_, std::chrono::ceil<std::chrono::milliseconds>(left));
    }
  }
}

}  // namespace martlet::threads
