// NotifyPipe<T>: how one thread hands things to another that sleeps in an event loop.
//
//   any thread: post(T) ──► queue (mutex) ──► one byte down the pipe, only when the queue was empty
//   owner:      its loop sees the pipe readable ──► take(): drains the pipe, swaps the queue out whole
//
// No more bytes are ever in the pipe than threads are posting, so it cannot fill. Order is kept.
#pragma once

#include <cstddef>
#include <new>
#include <utility>
#include <vector>

#include "threads/mutex.h"
#include "threads/unique_fd.h"

namespace martlet::threads {

// The pipe itself: both ends non-blocking and close-on-exec.
class WakePipe {
 public:
  // False when there are no descriptors left.
  [[nodiscard]] bool open();
  int read_fd() const { return read_.get(); }
  void wake();   // any thread; interrupted writes are repeated
  void drain();  // owner

 private:
  UniqueFd read_;
  UniqueFd write_;
};

template <typename T>
class NotifyPipe {
 public:
  // Room set aside at open(): so many messages wait without allocation, if what take() swaps in has as much capacity.
  static constexpr size_t kReserved = 64;

  // False when no descriptors or memory could be had.
  [[nodiscard]] bool open() EXCLUDES(mu_) {
    try {
      MutexLock lock(mu_);
      queue_.reserve(kReserved);
    } catch (const std::bad_alloc&) {
      return false;
    }
    return pipe_.open();
  }
  int read_fd() const { return pipe_.read_fd(); }

  // Any thread. False, with `item` untouched, when no memory could be had.
  [[nodiscard]] bool post(T&& item) EXCLUDES(mu_) {
    bool was_empty = false;
    {
      MutexLock lock(mu_);
      was_empty = queue_.empty();
      try {
        queue_.push_back(std::move(item));
      } catch (const std::bad_alloc&) {
        return false;
      }
    }
    if (was_empty) pipe_.wake();
    return true;
  }

  // Owner only: everything posted so far, into `out` (cleared first; its capacity is reused for the queue).
  void take(std::vector<T>& out) EXCLUDES(mu_) {
    out.clear();
    pipe_.drain();
    MutexLock lock(mu_);
    queue_.swap(out);
  }

 private:
  WakePipe pipe_;
  Mutex mu_;
  std::vector<T> queue_ GUARDED_BY(mu_);
};

}  // namespace martlet::threads
