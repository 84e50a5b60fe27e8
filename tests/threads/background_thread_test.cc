// BackgroundThread: steps, sleeps, wakes and stops.
#include "threads/background_thread.h"

#include <gtest/gtest.h>

#include <atomic>

#include "tests/threads/tally.h"

namespace martlet::threads {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

TEST(BackgroundThread, StepsAtOnceAndAgainAfterTheSleepItAsksFor) {
  Tally steps;
  BackgroundThread thread("stepper", [&] {
    steps.add();
    return milliseconds(1);
  });
  ASSERT_TRUE(thread.start());
  EXPECT_TRUE(steps.reaches(5));
  thread.stop();
}

TEST(BackgroundThread, SleepsAsLongAsItWasTold) {
  std::atomic<int> steps{0};
  Tally second;
  steady_clock::time_point first_at;
  steady_clock::time_point second_at;
  BackgroundThread thread("sleeper", [&] {
    const int n = ++steps;
    if (n == 1) first_at = steady_clock::now();
    if (n == 2) second_at = steady_clock::now();
    if (n == 2) second.add();
    return n == 1 ? milliseconds(30) : milliseconds(hours(1));
  });
  ASSERT_TRUE(thread.start());
  EXPECT_TRUE(second.reaches(1));
  thread.stop();
  EXPECT_GE(second_at - first_at, milliseconds(30));
}

TEST(BackgroundThread, WakeBringsTheNextStepAtOnce) {
  Tally steps;
  BackgroundThread thread("woken", [&] {
    steps.add();
    return milliseconds(hours(1));
  });
  ASSERT_TRUE(thread.start());
  ASSERT_TRUE(steps.reaches(1));
  thread.wake();
  EXPECT_TRUE(steps.reaches(2));
  thread.stop();
  EXPECT_EQ(steps.count(), 2u);
}

TEST(BackgroundThread, WakeDuringAStepAsksForAnother) {
  Tally steps;
  BackgroundThread* self = nullptr;
  BackgroundThread thread("woken-busy", [&] {
    if (steps.count() == 0) self->wake();
    steps.add();
    return milliseconds(hours(1));
  });
  self = &thread;
  ASSERT_TRUE(thread.start());
  EXPECT_TRUE(steps.reaches(2));
  thread.stop();
}

TEST(BackgroundThread, StopEndsALongSleepPromptly) {
  Tally steps;
  BackgroundThread thread("stopped", [&] {
    steps.add();
    return milliseconds::max();
  });
  ASSERT_TRUE(thread.start());
  ASSERT_TRUE(steps.reaches(1));
  const auto before = steady_clock::now();
  thread.stop();
  EXPECT_LT(steady_clock::now() - before, seconds(5));
  thread.stop();  // idempotent
  EXPECT_EQ(steps.count(), 1u);
}

TEST(BackgroundThread, StartsAgainAfterAStop) {
  Tally steps;
  BackgroundThread thread("again", [&] {
    steps.add();
    return milliseconds(hours(1));
  });
  ASSERT_TRUE(thread.start());
  ASSERT_TRUE(steps.reaches(1));
  thread.stop();
  ASSERT_TRUE(thread.start());
  EXPECT_TRUE(steps.reaches(2));
}

}  // namespace
}  // namespace martlet::threads
