// Mutex, MutexLock, CondVar: std's, with the annotations that let clang check at compile time which lock guards what.
// https://clang.llvm.org/docs/ThreadSafetyAnalysis.html
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define MARTLET_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define MARTLET_THREAD_ATTRIBUTE(x)
#endif

#define CAPABILITY(x) MARTLET_THREAD_ATTRIBUTE(capability(x))
#define SCOPED_CAPABILITY MARTLET_THREAD_ATTRIBUTE(scoped_lockable)
#define GUARDED_BY(x) MARTLET_THREAD_ATTRIBUTE(guarded_by(x))
#define REQUIRES(...) MARTLET_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define ACQUIRE(...) MARTLET_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define RELEASE(...) MARTLET_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
#define TRY_ACQUIRE(...) MARTLET_THREAD_ATTRIBUTE(try_acquire_capability(__VA_ARGS__))
#define EXCLUDES(...) MARTLET_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))
#define NO_THREAD_SAFETY_ANALYSIS MARTLET_THREAD_ATTRIBUTE(no_thread_safety_analysis)

namespace martlet::threads {

class CAPABILITY("mutex") Mutex {
 public:
  void lock() ACQUIRE() { mutex_.lock(); }
  void unlock() RELEASE() { mutex_.unlock(); }
  bool try_lock() TRY_ACQUIRE(true) { return mutex_.try_lock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() RELEASE() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

class CondVar {
 public:
  void wait(Mutex& mutex) REQUIRES(mutex);
  // Returns at a notify, at the end of the duration, or without reason: look at the condition again.
  void wait_for(Mutex& mutex, std::chrono::milliseconds duration) REQUIRES(mutex);
  void notify_all() { cond_.notify_all(); }

 private:
  std::condition_variable cond_;
};

}  // namespace martlet::threads
