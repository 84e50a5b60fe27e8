// WorkerPool: all start, are told and end together; newcomers go where the fewest are.
#include "threads/worker_pool.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>

#include <cstdio>

#include "tests/threads/recording_handler.h"

namespace martlet::threads {
namespace {

using Kind = WorkerMessage::Kind;

class WorkerPoolTest : public testing::Test {
 protected:
  void make(size_t count) {
    pool_ = WorkerPool::create(count);
    ASSERT_NE(pool_, nullptr);
    for (size_t i = 0; i < count; ++i) {
      recorders_.push_back(std::make_unique<RecordingHandler>(pool_->worker(i)));
      handlers_.push_back(recorders_.back().get());
    }
  }

  uint32_t load(size_t index) { return std::as_const(pool_->worker(index)).load(); }

  std::unique_ptr<WorkerPool> pool_;
  std::vector<std::unique_ptr<RecordingHandler>> recorders_;
  std::vector<WorkerHandler*> handlers_;
};

TEST_F(WorkerPoolTest, ABroadcastReachesEveryWorkerAndJoinWaitsForAll) {
  make(3);
  ASSERT_TRUE(pool_->start(handlers_));
  EXPECT_TRUE(pool_->broadcast([] { return message_of(Kind::drain, 5); }));
  EXPECT_TRUE(pool_->broadcast([] { return message_of(Kind::stop); }));
  pool_->join();
  for (const auto& recorder : recorders_) {
    EXPECT_EQ(recorder->events, (std::vector<std::string>{"start", "drain 5", "stop", "exit"}));
  }
}

TEST_F(WorkerPoolTest, AHandlerTooFewStartsNothing) {
  make(2);
  handlers_.pop_back();
  EXPECT_FALSE(pool_->start(handlers_));
  EXPECT_TRUE(recorders_[0]->events.empty());
}

TEST_F(WorkerPoolTest, IdleWorkersTakeTurns) {
  make(3);
  for (size_t i = 0; i < 6; ++i) EXPECT_EQ(&pool_->least_loaded(), &pool_->worker(i % 3)) << i;
}

TEST_F(WorkerPoolTest, AThousandSpreadEvenlyAndNewcomersFillTheGaps) {
  make(4);
  ConnLimit limit(2000);
  const auto assign = [&](std::vector<ConnSlot>& slots) {
    ConnSlot slot = limit.try_take();
    slot.assign_to(pool_->least_loaded().load());
    slots.push_back(std::move(slot));
  };
  std::vector<ConnSlot> slots;
  for (int i = 0; i < 1000; ++i) assign(slots);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(load(i), 250u) << i;

  // Taken in turn, so the slots of the first two workers are those at 4n and 4n + 1.
  for (size_t i = 0; i < slots.size(); ++i) {
    if (i % 4 < 2) slots[i].release();
  }
  EXPECT_EQ(load(0) + load(1), 0u);
  EXPECT_EQ(load(2) + load(3), 500u);
  std::vector<ConnSlot> newcomers;
  for (int i = 0; i < 500; ++i) assign(newcomers);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(load(i), 250u) << i;
  slots.clear();
  newcomers.clear();
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(load(i), 0u) << i;
}

size_t mapped_bytes() {
  size_t pages = 0;
  if (FILE* file = std::fopen("/proc/self/statm", "re")) {
    if (std::fscanf(file, "%zu", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return pages * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

// Gives threads stacks so large that the address space left decides how many fit, and raises it by half a stack at a
// time (a sanitizer wants some for itself) until the first worker starts and the second does not.
int start_with_room_for_one_thread() {
  constexpr size_t kStack = size_t{4} << 30;
  const std::unique_ptr<WorkerPool> pool = WorkerPool::create(2);
  RecordingHandler first(pool->worker(0));
  RecordingHandler second(pool->worker(1));
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStack);
  pthread_setattr_default_np(&attributes);
  rlimit space{};
  ::getrlimit(RLIMIT_AS, &space);
  space.rlim_cur = mapped_bytes();
  for (int halves = 1; halves <= 40 && first.events.empty(); ++halves) {
    space.rlim_cur += kStack / 2;
    ::setrlimit(RLIMIT_AS, &space);
    if (pool->start({&first, &second})) return 1;
  }
  if (first.events != std::vector<std::string>{"start", "stop", "exit"}) return 2;
  return second.events.empty() ? 0 : 3;
}

TEST(WorkerPoolDeathTest, WhenAThreadIsRefusedThoseThatStartedAreStopped) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(::_exit(start_with_room_for_one_thread()), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace martlet::threads
