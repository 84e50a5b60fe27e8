#include "threads/mutex.h"

namespace martlet::threads {

// The analysis cannot follow a lock that is adopted and handed back.
void CondVar::wait(Mutex& mutex) NO_THREAD_SAFETY_ANALYSIS {
  std::unique_lock<std::mutex> held(mutex.mutex_, std::adopt_lock);
  cond_.wait(held);
  held.release();
}

void CondVar::wait_for(Mutex& mutex, std::chrono::milliseconds duration) NO_THREAD_SAFETY_ANALYSIS {
  std::unique_lock<std::mutex> held(mutex.mutex_, std::adopt_lock);
  cond_.wait_for(held, duration);
  held.release();
}

}  // namespace martlet::threads
