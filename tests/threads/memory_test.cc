// What happens in threads/ when there is no memory: it is told, nothing is half done, nothing leaks. This program
// replaces operator new by one that can be made to fail.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "tests/threads/recording_handler.h"
#include "threads/dispatcher.h"
#include "threads/idle_timeout.h"

namespace {

// Of the calling thread; none while negative.
thread_local int allocations_left = -1;

// While it lives, this thread's allocations after the first `left` fail.
class NoMemory {
 public:
  explicit NoMemory(int left = 0) { allocations_left = left; }
  ~NoMemory() { allocations_left = -1; }
  NoMemory(const NoMemory&) = delete;
  NoMemory& operator=(const NoMemory&) = delete;
};

}  // namespace

// Not inlined: g++ would see malloc and free, and take the pair for a mistake. The non-throwing form too: sanitizers
// bring one of their own, which would not come by here.
[[gnu::noinline]] void* operator new(size_t size, const std::nothrow_t& /*tag*/) noexcept {
  if (allocations_left == 0) return nullptr;
  if (allocations_left > 0) --allocations_left;
  return std::malloc(size == 0 ? 1 : size);
}
[[gnu::noinline]] void* operator new(size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t /*size*/) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept { std::free(memory); }

namespace martlet::threads {
namespace {

using Kind = WorkerMessage::Kind;

bool post_without_memory(Worker& worker, WorkerMessage& message) {
  const NoMemory none;
  return worker.post(std::move(message));
}

// Posts until the room set aside is used up, so that the next post has to allocate; how many that were.
size_t fill(Worker& worker) {
  size_t posted = 0;
  for (WorkerMessage message = message_of(Kind::reclaim); post_without_memory(worker, message); ++posted) {
  }
  return posted;
}

TEST(NotifyPipeMemory, AFailedPostIsToldAndLeavesTheItemUntouched) {
  NotifyPipe<std::unique_ptr<int>> pipe;
  ASSERT_TRUE(pipe.open());
  for (size_t i = 0; i < NotifyPipe<std::unique_ptr<int>>::kReserved; ++i) {
    ASSERT_TRUE(pipe.post(std::make_unique<int>(static_cast<int>(i))));
  }
  auto item = std::make_unique<int>(42);
  bool posted = true;
  {
    const NoMemory none;
    posted = pipe.post(std::move(item));
  }
  EXPECT_FALSE(posted);
  ASSERT_NE(item, nullptr);  // NOLINT(bugprone-use-after-move): that it is still there is what is asked
  EXPECT_EQ(*item, 42);
  EXPECT_TRUE(pipe.post(std::move(item)));
  std::vector<std::unique_ptr<int>> got;
  pipe.take(got);
  ASSERT_EQ(got.size(), NotifyPipe<std::unique_ptr<int>>::kReserved + 1);
  EXPECT_EQ(*got.back(), 42);
}

TEST(NotifyPipeMemory, WithoutMemoryItDoesNotOpen) {
  NotifyPipe<int> pipe;
  bool opened = true;
  {
    const NoMemory none;
    opened = pipe.open();
  }
  EXPECT_FALSE(opened);
}

TEST(WorkerMemory, EachAllocationMissingMakesNoWorkerAndLeaksNothing) {
  int failures = 0;
  for (bool made = false; !made && failures < 100;) {
    std::unique_ptr<Worker> worker;
    {
      const NoMemory none(failures);
      worker = Worker::create("none");
    }
    made = worker != nullptr;
    if (!made) ++failures;
  }
  EXPECT_GE(failures, 4);  // the loop, the worker, its inbox, its queue
  EXPECT_LT(failures, 100);
}

TEST(WorkerMemory, EachAllocationMissingMakesNoPool) {
  int failures = 0;
  for (bool made = false; !made && failures < 100;) {
    std::unique_ptr<WorkerPool> pool;
    {
      const NoMemory none(failures);
      pool = WorkerPool::create(2);
    }
    made = pool != nullptr;
    if (!made) ++failures;
  }
  EXPECT_GE(failures, 10);
  EXPECT_LT(failures, 100);
}

TEST(WorkerMemory, NoThreadIsMadeWithoutMemory) {
  const std::unique_ptr<Worker> worker = Worker::create("none");
  ASSERT_NE(worker, nullptr);
  RecordingHandler handler(*worker);
  bool started = true;
  {
    const NoMemory none;
    started = worker->start(handler);
  }
  EXPECT_FALSE(started);
}

TEST(WorkerMemory, ARunningWorkerMakesRoomAgainWithoutAllocating) {
  const std::unique_ptr<Worker> worker = Worker::create("roomy");
  ASSERT_NE(worker, nullptr);
  RecordingHandler handler(*worker);
  EXPECT_EQ(fill(*worker), NotifyPipe<WorkerMessage>::kReserved);
  ASSERT_TRUE(worker->start(handler));
  ASSERT_TRUE(handler.seen.reaches(NotifyPipe<WorkerMessage>::kReserved));
  WorkerMessage stop = message_of(Kind::stop);
  EXPECT_TRUE(post_without_memory(*worker, stop));
  worker->join();
}

TEST(WorkerPoolMemory, ABroadcastSaysWhenAWorkerCouldNotBeTold) {
  const std::unique_ptr<WorkerPool> pool = WorkerPool::create(2);
  ASSERT_NE(pool, nullptr);
  fill(pool->worker(0));
  const std::function<WorkerMessage()> make = [] { return message_of(Kind::stop); };
  bool told = true;
  {
    const NoMemory none;
    told = pool->broadcast(make);
  }
  EXPECT_FALSE(told);
  RecordingHandler second(pool->worker(1));
  ASSERT_TRUE(pool->worker(1).start(second));
  pool->worker(1).join();  // ends: it was told
}

class DispatchMemoryTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(pool_, nullptr); }

  bool dispatch_with(int allocations) {
    Dispatcher dispatcher(limit_, *pool_);
    NewSocket socket;
    socket.fd = std::move(ends_.served);
    socket.slot = dispatcher.take_slot();
    const NoMemory none(allocations);
    return dispatcher.dispatch(std::move(socket));
  }
  void expect_given_back() {
    EXPECT_TRUE(ends_.closed());
    EXPECT_EQ(limit_.taken(), 0u);
    EXPECT_EQ(std::as_const(pool_->worker(0)).load(), 0u);
  }

  ConnLimit limit_{1};
  std::unique_ptr<WorkerPool> pool_ = WorkerPool::create(1);
  SocketEnds ends_ = SocketEnds::make();
};

TEST_F(DispatchMemoryTest, WithoutMemoryForTheMessageTheSocketIsClosed) {
  EXPECT_FALSE(dispatch_with(0));
  expect_given_back();
}

TEST_F(DispatchMemoryTest, WithoutMemoryForTheQueueTheSocketIsClosed) {
  fill(pool_->worker(0));
  EXPECT_FALSE(dispatch_with(1));
  expect_given_back();
}

TEST(IdleTimeoutMemory, AWorkerThatCouldNotBeToldIsToldInTheNextTurn) {
  const std::unique_ptr<WorkerPool> pool = WorkerPool::create(1);
  ASSERT_NE(pool, nullptr);
  const size_t filler = fill(pool->worker(0));
  std::atomic<uint64_t> deadline{5000};
  IdleTimeout idle(
      *pool, {&deadline}, [] { return uint64_t{6000}; }, std::chrono::milliseconds(1000));
  {
    const NoMemory none;
    EXPECT_EQ(idle.step(), std::chrono::milliseconds(10));
  }
  EXPECT_EQ(idle.step(), std::chrono::milliseconds(10));
  EXPECT_EQ(idle.step(), std::chrono::milliseconds(10));
  RecordingHandler handler(pool->worker(0));
  ASSERT_TRUE(pool->worker(0).post(message_of(Kind::stop)));
  ASSERT_TRUE(pool->worker(0).start(handler));
  pool->worker(0).join();
  ASSERT_EQ(handler.events.size(), filler + 4);  // start, the one sweep, stop, exit
  EXPECT_EQ(handler.events[filler + 1], "sweep 6000");
}

}  // namespace
}  // namespace martlet::threads
