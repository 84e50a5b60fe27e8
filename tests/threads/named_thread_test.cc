// start_named_thread: name, signal mask, and what happens when the system has no thread to give.
#include "threads/named_thread.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

#include <array>

namespace martlet::threads {
namespace {

TEST(NamedThread, CarriesItsNameCutToTheKernelsLimit) {
  std::array<char, 32> name{};
  std::thread thread;
  ASSERT_TRUE(start_named_thread(thread, "a-name-longer-than-fifteen",
                                 [&] { pthread_getname_np(pthread_self(), name.data(), name.size()); }));
  thread.join();
  EXPECT_STREQ(name.data(), "a-name-longer-t");
}

TEST(NamedThread, BlocksSignalsButThoseOfAFault) {
  sigset_t mask;
  sigemptyset(&mask);
  std::thread thread;
  ASSERT_TRUE(start_named_thread(thread, "masked", [&] { pthread_sigmask(SIG_SETMASK, nullptr, &mask); }));
  thread.join();
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1, SIGHUP, SIGPIPE, SIGCHLD, SIGALRM}) {
    EXPECT_EQ(sigismember(&mask, signal), 1) << signal;
  }
  EXPECT_EQ(sigismember(&mask, SIGSEGV), 0);
}

TEST(NamedThread, LeavesTheMakersMaskAlone) {
  sigset_t mask;
  std::thread thread;
  ASSERT_TRUE(start_named_thread(thread, "other", [] {}));
  thread.join();
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  EXPECT_EQ(sigismember(&mask, SIGTERM), 0);
}

TEST(NamedThread, NoThreadToBeHadIsToldAndThrowsNothing) {
  pthread_attr_t before;
  ASSERT_EQ(pthread_getattr_default_np(&before), 0);
  pthread_attr_t huge;
  ASSERT_EQ(pthread_attr_init(&huge), 0);
  // A stack as large as half the address space: the kernel refuses to map it.
  ASSERT_EQ(pthread_attr_setstacksize(&huge, size_t{1} << 46), 0);
  ASSERT_EQ(pthread_setattr_default_np(&huge), 0);
  std::thread thread;
  EXPECT_FALSE(start_named_thread(thread, "refused", [] {}));
  EXPECT_FALSE(thread.joinable());
  EXPECT_EQ(pthread_setattr_default_np(&before), 0);
  pthread_attr_destroy(&huge);
  pthread_attr_destroy(&before);
}

}  // namespace
}  // namespace martlet::threads
