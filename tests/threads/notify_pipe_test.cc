// WakePipe and NotifyPipe: order, one wake-up for many posts, nothing lost between many threads.
#include "threads/notify_pipe.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

#include <atomic>
#include <memory>
#include <thread>

namespace martlet::threads {
namespace {

int bytes_in(int fd) {
  int bytes = -1;
  return ::ioctl(fd, FIONREAD, &bytes) == 0 ? bytes : -1;
}

bool readable(int fd, int wait_ms) {
  pollfd watched{fd, POLLIN, 0};
  return ::poll(&watched, 1, wait_ms) == 1;
}

TEST(WakePipe, NeverBlocksAndClosesOnExec) {
  WakePipe pipe;
  ASSERT_TRUE(pipe.open());
  EXPECT_NE(::fcntl(pipe.read_fd(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(pipe.read_fd(), F_GETFD) & FD_CLOEXEC, 0);
  pipe.drain();  // empty: returns at once
  // Far more than a pipe holds: a full pipe is a woken reader, not a wait.
  for (int i = 0; i < 100000; ++i) pipe.wake();
  EXPECT_TRUE(readable(pipe.read_fd(), 0));
  pipe.drain();
  EXPECT_EQ(bytes_in(pipe.read_fd()), 0);
}

TEST(NotifyPipe, WithoutDescriptorsItDoesNotOpen) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 0;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  NotifyPipe<int> pipe;
  EXPECT_FALSE(pipe.open());
  EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(NotifyPipe, KeepsTheOrderAndWakesOnceForMany) {
  NotifyPipe<int> pipe;
  ASSERT_TRUE(pipe.open());
  EXPECT_FALSE(readable(pipe.read_fd(), 0));
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(pipe.post(int{i}));
  EXPECT_EQ(bytes_in(pipe.read_fd()), 1);
  std::vector<int> got{-1, -2};
  pipe.take(got);
  ASSERT_EQ(got.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(got[static_cast<size_t>(i)], i);
  EXPECT_FALSE(readable(pipe.read_fd(), 0));
}

TEST(NotifyPipe, WakesAgainAfterATake) {
  NotifyPipe<int> pipe;
  ASSERT_TRUE(pipe.open());
  std::vector<int> got;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(pipe.post(int{i}));
    EXPECT_TRUE(readable(pipe.read_fd(), 0));
    pipe.take(got);
    EXPECT_EQ(got, std::vector<int>{i});
    EXPECT_FALSE(readable(pipe.read_fd(), 0));
  }
}

TEST(NotifyPipe, WhatWasNotTakenIsDestroyedWithIt) {
  const auto watched = std::make_shared<int>(1);
  {
    NotifyPipe<std::shared_ptr<int>> pipe;
    ASSERT_TRUE(pipe.open());
    ASSERT_TRUE(pipe.post(std::shared_ptr<int>(watched)));
    EXPECT_EQ(watched.use_count(), 2);
  }
  EXPECT_EQ(watched.use_count(), 1);
}

TEST(NotifyPipe, PostsOfFourThreadsAllArriveOnceAndInTheirOrder) {
  constexpr size_t kThreads = 4;
  constexpr uint64_t kPosts = 20000;
  struct Item {
    size_t from;
    uint64_t number;
  };
  NotifyPipe<Item> pipe;
  ASSERT_TRUE(pipe.open());
  std::atomic<uint64_t> failed{0};
  std::vector<std::thread> posters;
  for (size_t from = 0; from < kThreads; ++from) {
    posters.emplace_back([&, from] {
      for (uint64_t n = 0; n < kPosts; ++n) {
        if (!pipe.post(Item{from, n})) ++failed;
      }
    });
  }
  std::vector<uint64_t> next(kThreads, 0);
  uint64_t out_of_order = 0;
  uint64_t arrived = 0;
  std::vector<Item> got;
  // Sleeps in poll between turns as a loop does: a wake-up that is missed ends the loop early.
  while (arrived < kThreads * kPosts && readable(pipe.read_fd(), 20000)) {
    pipe.take(got);
    for (const Item& item : got) {
      if (item.number != next[item.from]) ++out_of_order;
      next[item.from] = item.number + 1;
    }
    arrived += got.size();
  }
  for (std::thread& poster : posters) poster.join();
  EXPECT_EQ(arrived, kThreads * kPosts);
  EXPECT_EQ(out_of_order, 0u);
  EXPECT_EQ(failed.load(), 0u);
}

}  // namespace
}  // namespace martlet::threads
