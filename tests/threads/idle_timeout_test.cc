// IdleTimeout: who is told to sweep, when, how often, and how long the thread sleeps. The clock is a number the test
// sets; the workers' threads start after the steps, to read out what was posted.
#include "threads/idle_timeout.h"

#include <gtest/gtest.h>

#include "tests/threads/recording_handler.h"

namespace martlet::threads {
namespace {

using std::chrono::milliseconds;
using Events = std::vector<std::string>;
using Kind = WorkerMessage::Kind;

class IdleTimeoutTest : public testing::Test {
 protected:
  void SetUp() override {
    pool_ = WorkerPool::create(2);
    ASSERT_NE(pool_, nullptr);
    first_ = std::make_unique<RecordingHandler>(pool_->worker(0));
    second_ = std::make_unique<RecordingHandler>(pool_->worker(1));
    idle_ = make(milliseconds(1000));
  }

  std::unique_ptr<IdleTimeout> make(milliseconds shortest) {
    return std::make_unique<IdleTimeout>(
        *pool_, std::vector<const std::atomic<uint64_t>*>{&deadlines_[0], &deadlines_[1]},
        [this] { return now_.load(); }, shortest);
  }

  milliseconds step_at(uint64_t now) {
    now_ = now;
    return idle_->step();
  }

  // Runs the workers to their end: what they were sent is then in events.
  void read_out() {
    ASSERT_TRUE(pool_->start({first_.get(), second_.get()}));
    ASSERT_TRUE(pool_->broadcast([] { return message_of(Kind::stop); }));
    pool_->join();
  }

  std::atomic<uint64_t> now_{0};
  std::atomic<uint64_t> deadlines_[2] = {kNoDeadline, kNoDeadline};
  std::unique_ptr<WorkerPool> pool_;
  std::unique_ptr<RecordingHandler> first_;
  std::unique_ptr<RecordingHandler> second_;
  std::unique_ptr<IdleTimeout> idle_;
};

TEST_F(IdleTimeoutTest, WithNothingWaitingItSleepsTheShortestLimit) {
  EXPECT_EQ(step_at(5000), milliseconds(1000));
  read_out();
  EXPECT_EQ(first_->events, (Events{"start", "stop", "exit"}));
}

TEST_F(IdleTimeoutTest, SleepsUntilTheSoonestDeadlineAndNeverLongerThanTheShortestLimit) {
  deadlines_[0] = 5900;
  deadlines_[1] = 5300;
  EXPECT_EQ(step_at(5000), milliseconds(300));
  deadlines_[0] = 90000;
  deadlines_[1] = kNoDeadline - 1;
  EXPECT_EQ(step_at(5000), milliseconds(1000));
  read_out();
  EXPECT_EQ(second_->events, (Events{"start", "stop", "exit"}));
}

TEST_F(IdleTimeoutTest, AtTheDeadlineOnlyThatWorkerIsToldTheTime) {
  deadlines_[0] = 5000;
  deadlines_[1] = 5001;
  EXPECT_EQ(step_at(5000), milliseconds(1));
  read_out();
  EXPECT_EQ(first_->events, (Events{"start", "sweep 5000", "stop", "exit"}));
  EXPECT_EQ(second_->events, (Events{"start", "stop", "exit"}));
}

TEST_F(IdleTimeoutTest, AWorkerIsToldOnceUntilItPublishesAnotherDeadline) {
  deadlines_[0] = 5000;
  EXPECT_GE(step_at(5000), milliseconds(10));  // and no spinning meanwhile
  EXPECT_GE(step_at(5010), milliseconds(10));
  EXPECT_LE(step_at(5020), milliseconds(100));
  deadlines_[0] = 5021;
  EXPECT_EQ(step_at(5020), milliseconds(1));
  EXPECT_GE(step_at(5030), milliseconds(10));
  deadlines_[0] = kNoDeadline;
  EXPECT_EQ(step_at(5040), milliseconds(1000));
  read_out();
  EXPECT_EQ(first_->events, (Events{"start", "sweep 5000", "sweep 5030", "stop", "exit"}));
}

TEST_F(IdleTimeoutTest, ALimitOfOneMillisecondIsServed) {
  idle_ = make(milliseconds(1));
  EXPECT_EQ(step_at(5000), milliseconds(1));
  deadlines_[0] = 4000;
  EXPECT_EQ(step_at(5000), milliseconds(1));
}

TEST_F(IdleTimeoutTest, ItsThreadTellsTheWorkersAndStops) {
  idle_ = make(milliseconds(5));
  ASSERT_TRUE(pool_->start({first_.get(), second_.get()}));
  now_ = 100;
  deadlines_[1] = 150;
  ASSERT_TRUE(idle_->start());
  now_ = 160;
  EXPECT_TRUE(second_->seen.reaches(1));
  idle_->stop();
  ASSERT_TRUE(pool_->broadcast([] { return message_of(Kind::stop); }));
  pool_->join();
  EXPECT_EQ(second_->events, (Events{"start", "sweep 160", "stop", "exit"}));
  EXPECT_EQ(first_->events, (Events{"start", "stop", "exit"}));
}

}  // namespace
}  // namespace martlet::threads
