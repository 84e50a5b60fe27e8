// Worker: what is posted reaches the handler on the worker's thread, and nothing is lost or leaked when it ends.
#include "threads/worker.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "tests/threads/recording_handler.h"

namespace martlet::threads {
namespace {

using Kind = WorkerMessage::Kind;
using Events = std::vector<std::string>;

class WorkerTest : public testing::Test {
 protected:
  void SetUp() override {
    worker_ = Worker::create("worker-test");
    ASSERT_NE(worker_, nullptr);
    handler_ = std::make_unique<RecordingHandler>(*worker_);
  }

  WorkerMessage task(std::function<void()> what) {
    WorkerMessage message = message_of(Kind::task);
    message.task = std::move(what);
    return message;
  }

  ConnLimit limit_{10};
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<RecordingHandler> handler_;
};

TEST_F(WorkerTest, HandsEveryMessageOverInOrderBetweenStartAndExit) {
  ASSERT_TRUE(worker_->start(*handler_));
  SocketEnds ends = SocketEnds::make();
  EXPECT_TRUE(worker_->post(socket_message(std::move(ends.served), limit_.try_take())));
  EXPECT_TRUE(worker_->post(message_of(Kind::sweep, 7)));
  EXPECT_TRUE(worker_->post(message_of(Kind::reclaim)));
  EXPECT_TRUE(worker_->post(message_of(Kind::drain, 8)));
  EXPECT_TRUE(worker_->post(message_of(Kind::stop)));
  worker_->join();
  EXPECT_EQ(handler_->events, (Events{"start", "new_socket", "sweep 7", "reclaim", "drain 8", "stop", "exit"}));
  ASSERT_EQ(handler_->sockets.size(), 1u);
  EXPECT_TRUE(handler_->sockets[0]->fd.valid());
  EXPECT_EQ(limit_.taken(), 1u);
}

TEST_F(WorkerTest, RunsTasksItselfOnItsNamedThread) {
  std::thread::id task_thread;
  char name[16] = {};
  ASSERT_TRUE(worker_->start(*handler_));
  EXPECT_TRUE(worker_->post(task({})));  // nothing to run: nothing happens
  EXPECT_TRUE(worker_->post(task([&] {
    worker_->loop().assert_in_loop();
    task_thread = std::this_thread::get_id();
    pthread_getname_np(pthread_self(), name, sizeof name);
  })));
  EXPECT_TRUE(worker_->post(message_of(Kind::stop)));
  worker_->join();
  EXPECT_EQ(handler_->events, (Events{"start", "stop", "exit"}));
  EXPECT_NE(task_thread, std::thread::id());
  EXPECT_NE(task_thread, std::this_thread::get_id());
  EXPECT_STREQ(name, "worker-test");
}

TEST_F(WorkerTest, MessagesAfterTheStopAreDestroyedUnseen) {
  SocketEnds same_turn = SocketEnds::make();
  SocketEnds after_end = SocketEnds::make();
  // Before the thread runs, so that one turn takes them together.
  EXPECT_TRUE(worker_->post(message_of(Kind::stop)));
  EXPECT_TRUE(worker_->post(socket_message(std::move(same_turn.served), limit_.try_take())));
  EXPECT_TRUE(worker_->post(message_of(Kind::sweep, 1)));
  ASSERT_TRUE(worker_->start(*handler_));
  worker_->join();
  EXPECT_EQ(handler_->events, (Events{"start", "stop", "exit"}));
  EXPECT_TRUE(same_turn.closed());
  EXPECT_EQ(limit_.taken(), 0u);

  ConnSlot slot = limit_.try_take();
  slot.assign_to(worker_->load());
  EXPECT_TRUE(worker_->post(socket_message(std::move(after_end.served), std::move(slot))));
  worker_.reset();
  EXPECT_TRUE(after_end.closed());
  EXPECT_EQ(limit_.taken(), 0u);
}

TEST_F(WorkerTest, AMessageTheHandlerDoesNotTakeIsDestroyedAfterIt) {
  struct Ignoring : WorkerHandler {
    explicit Ignoring(Worker& owner) : worker(owner) {}
    void on_message(WorkerMessage&& message) override {
      if (message.kind == Kind::stop) worker.loop().stop();
      told.add();
    }
    Worker& worker;
    Tally told;
  } handler(*worker_);
  SocketEnds ends = SocketEnds::make();
  ASSERT_TRUE(worker_->start(handler));
  EXPECT_TRUE(worker_->post(socket_message(std::move(ends.served), limit_.try_take())));
  Tally later;
  EXPECT_TRUE(handler.told.reaches(1));
  EXPECT_TRUE(worker_->post(task([&] { later.add(); })));
  EXPECT_TRUE(later.reaches(1));
  EXPECT_TRUE(worker_->post(task([&] { later.add(); })));
  EXPECT_TRUE(later.reaches(2));  // the first inbox is done with
  EXPECT_TRUE(ends.closed());
  EXPECT_EQ(limit_.taken(), 0u);
  EXPECT_TRUE(worker_->post(message_of(Kind::stop)));
  worker_->join();
}

TEST_F(WorkerTest, AHandlerThatStopsInOnStartEndsTheThread) {
  struct Refusing : WorkerHandler {
    explicit Refusing(Worker& owner) : worker(owner) {}
    void on_start() override { worker.loop().stop(); }
    void on_message(WorkerMessage&&) override { ++messages; }
    void on_exit() override { ++exits; }
    Worker& worker;
    int messages = 0;
    int exits = 0;
  } handler(*worker_);
  EXPECT_TRUE(worker_->post(message_of(Kind::reclaim)));
  ASSERT_TRUE(worker_->start(handler));
  worker_->join();
  EXPECT_EQ(handler.messages, 0);
  EXPECT_EQ(handler.exits, 1);
}

TEST_F(WorkerTest, ABurstOfMessagesArrivesWhole) {
  constexpr int kBurst = 5000;
  for (int i = 0; i < kBurst; ++i) ASSERT_TRUE(worker_->post(message_of(Kind::sweep, 1)));
  ASSERT_TRUE(worker_->start(*handler_));
  EXPECT_TRUE(handler_->seen.reaches(kBurst));
  EXPECT_TRUE(worker_->post(message_of(Kind::reclaim)));
  EXPECT_TRUE(worker_->post(message_of(Kind::stop)));
  worker_->join();
  EXPECT_EQ(handler_->events.size(), static_cast<size_t>(kBurst) + 4);
}

TEST(Worker, IsNotMadeWithoutDescriptors) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const UniqueFd next(::dup(0));
  ASSERT_TRUE(next.valid());
  int refused = 0;
  for (rlim_t left = 0; left < 12; ++left) {
    rlimit few = before;
    few.rlim_cur = static_cast<rlim_t>(next.get()) + 1 + left;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
    const std::unique_ptr<Worker> worker = Worker::create("no-descriptors");
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    if (worker != nullptr) break;
    ++refused;
  }
  EXPECT_GE(refused, 5);  // epoll, libevent's own pipe, the notify pipe
  EXPECT_LT(refused, 12);
}

}  // namespace
}  // namespace martlet::threads
