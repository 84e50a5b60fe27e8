// Mutex and CondVar: exclusion, waking, and the end of a wait.
#include "threads/mutex.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace martlet::threads {
namespace {

struct Guarded {
  Mutex mu;
  CondVar cond;
  int count GUARDED_BY(mu) = 0;
  bool ready GUARDED_BY(mu) = false;
};

TEST(Mutex, OneThreadAtATimeIsInside) {
  Guarded guarded;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&guarded] {
      for (int n = 0; n < 10000; ++n) {
        MutexLock lock(guarded.mu);
        ++guarded.count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  MutexLock lock(guarded.mu);
  EXPECT_EQ(guarded.count, 40000);
}

TEST(CondVar, WaitEndsAtANotifyAndHoldsTheLockAgain) {
  Guarded guarded;
  std::thread teller([&guarded] {
    {
      MutexLock lock(guarded.mu);
      guarded.ready = true;
    }
    guarded.cond.notify_all();
  });
  {
    MutexLock lock(guarded.mu);
    while (!guarded.ready) guarded.cond.wait(guarded.mu);
    ++guarded.count;
  }
  teller.join();
  MutexLock lock(guarded.mu);
  EXPECT_EQ(guarded.count, 1);
}

TEST(CondVar, TimedWaitEndsWithoutANotifyAndLeavesTheLockUsable) {
  Guarded guarded;
  // A neighbour that takes the same lock meanwhile: a wait that kept it would never let it in.
  std::thread neighbour([&guarded] {
    for (int n = 0; n < 1000; ++n) {
      MutexLock lock(guarded.mu);
      ++guarded.count;
    }
  });
  {
    MutexLock lock(guarded.mu);
    while (guarded.count < 1000) guarded.cond.wait_for(guarded.mu, std::chrono::milliseconds(1));
    EXPECT_EQ(guarded.count, 1000);
  }
  neighbour.join();
  const bool free_again = guarded.mu.try_lock();
  if (free_again) guarded.mu.unlock();
  EXPECT_TRUE(free_again);
}

}  // namespace
}  // namespace martlet::threads
