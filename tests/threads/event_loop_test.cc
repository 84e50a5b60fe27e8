// EventLoop and its events: readiness, refusals, timers that starve no one, signals, whose thread it is.
#include "threads/event_loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "tests/threads/recording_handler.h"
#include "threads/unique_fd.h"

namespace martlet::threads {
namespace {

using std::chrono::milliseconds;

// A loop whose events write down what happened and end it after so many.
class EventLoopTest : public testing::Test {
 public:
  void SetUp() override {
    loop_ = EventLoop::create();
    ASSERT_NE(loop_, nullptr);
    int ends[2] = {-1, -1};
    ASSERT_EQ(::pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    read_end_.reset(ends[0]);
    write_end_.reset(ends[1]);
  }

  void note(const std::string& what) {
    seen_.push_back(what);
    if (seen_.size() == until_) loop_->stop();
  }
  static void on_fd(int /*fd*/, short what, void* self) {
    static_cast<EventLoopTest*>(self)->note(what == EV_READ ? "read" : what == EV_WRITE ? "write" : "other");
  }
  static void on_timer(void* self) { static_cast<EventLoopTest*>(self)->note("timer"); }
  static void on_signal(int signal, void* self) {
    static_cast<EventLoopTest*>(self)->note("signal " + std::to_string(signal));
  }
  void make_readable() { ASSERT_EQ(::write(write_end_.get(), "x", 1), 1); }

  std::unique_ptr<EventLoop> loop_;
  UniqueFd read_end_;
  UniqueFd write_end_;
  size_t until_ = 1;
  std::vector<std::string> seen_;
};

using Seen = std::vector<std::string>;

TEST_F(EventLoopTest, ReadinessIsToldAgainWhileItLasts) {
  FdEvent event;
  event.assign(*loop_, read_end_.get(), &on_fd, this);
  ASSERT_TRUE(event.arm(FdEvent::Want::read));
  make_readable();
  until_ = 3;
  loop_->run();
  EXPECT_EQ(seen_, (Seen{"read", "read", "read"}));
  EXPECT_EQ(event.armed(), FdEvent::Want::read);
}

TEST_F(EventLoopTest, WantMovesFromReadToWriteAndBack) {
  const SocketEnds ends = SocketEnds::make();
  ASSERT_TRUE(ends.served.valid());
  ASSERT_EQ(::write(ends.peer.get(), "x", 1), 1);
  FdEvent event;
  event.assign(*loop_, ends.served.get(), &on_fd, this);
  for (const auto want : {FdEvent::Want::read, FdEvent::Want::write, FdEvent::Want::read}) {
    ASSERT_TRUE(event.arm(want));
    until_ = seen_.size() + 1;
    loop_->run();
  }
  EXPECT_EQ(seen_, (Seen{"read", "write", "read"}));
}

TEST_F(EventLoopTest, ArmingWhatIsArmedAsksTheKernelNothing) {
  FdEvent event;
  event.assign(*loop_, read_end_.get(), &on_fd, this);
  ASSERT_TRUE(event.arm(FdEvent::Want::read));
  read_end_.reset();  // from here on the kernel would refuse
  EXPECT_TRUE(event.arm(FdEvent::Want::read));
  event.disarm();
  EXPECT_FALSE(event.arm(FdEvent::Want::read));
}

TEST_F(EventLoopTest, ADisarmedEventIsQuietEvenWhenItWasReadyInThisTurn) {
  struct Pair {
    FdEvent first, second;
    int fired = 0;
  } pair;
  const UniqueFd copy(::fcntl(read_end_.get(), F_DUPFD_CLOEXEC, 0));
  const auto disarm_both = [](int, short, void* argument) {
    auto* events = static_cast<Pair*>(argument);
    ++events->fired;
    events->first.disarm();
    events->second.disarm();
  };
  pair.first.assign(*loop_, read_end_.get(), disarm_both, &pair);
  pair.second.assign(*loop_, copy.get(), disarm_both, &pair);
  ASSERT_TRUE(pair.first.arm(FdEvent::Want::read));
  ASSERT_TRUE(pair.second.arm(FdEvent::Want::read));
  make_readable();
  TimerEvent end(*loop_, &on_timer, this);
  ASSERT_TRUE(end.arm(milliseconds(20)));
  loop_->run();
  EXPECT_EQ(pair.fired, 1);
  EXPECT_EQ(pair.first.armed(), FdEvent::Want::none);
}

TEST_F(EventLoopTest, ADescriptorEpollRefusesIsToldAndTheEventStaysUsable) {
  char path[] = "/tmp/martlet-event-XXXXXX";
  const UniqueFd file(::mkostemp(path, O_CLOEXEC));  // a regular file: EPERM
  ASSERT_TRUE(file.valid());
  ::unlink(path);
  FdEvent event;
  event.assign(*loop_, file.get(), &on_fd, this);
  EXPECT_FALSE(event.arm(FdEvent::Want::read));
  EXPECT_EQ(event.armed(), FdEvent::Want::none);
  event.assign(*loop_, read_end_.get(), &on_fd, this);
  ASSERT_TRUE(event.arm(FdEvent::Want::read));
  make_readable();
  loop_->run();
  EXPECT_EQ(seen_, Seen{"read"});
}

TEST_F(EventLoopTest, DisarmingWhatWasNeverAssignedIsHarmless) {
  FdEvent event;
  event.disarm();
  EXPECT_TRUE(event.arm(FdEvent::Want::none));
  EXPECT_FALSE(event.arm(FdEvent::Want::read));
}

TEST_F(EventLoopTest, TimersFireOnceInOrderOfTheirTime) {
  TimerEvent late(
      *loop_, [](void* self) { static_cast<EventLoopTest*>(self)->note("late"); }, this);
  TimerEvent soon(
      *loop_, [](void* self) { static_cast<EventLoopTest*>(self)->note("soon"); }, this);
  TimerEvent never(
      *loop_, [](void* self) { static_cast<EventLoopTest*>(self)->note("never"); }, this);
  ASSERT_TRUE(late.arm(milliseconds(60)));
  ASSERT_TRUE(soon.arm(milliseconds(1)));
  ASSERT_TRUE(never.arm(milliseconds(1)));
  EXPECT_TRUE(never.armed());
  never.cancel();
  EXPECT_FALSE(never.armed());
  until_ = 2;
  const auto before = std::chrono::steady_clock::now();
  loop_->run();
  EXPECT_EQ(seen_, (Seen{"soon", "late"}));
  EXPECT_FALSE(late.armed());
  EXPECT_GE(std::chrono::steady_clock::now() - before, milliseconds(40));  // the loop's clock is some ms coarse
}

TEST_F(EventLoopTest, RearmingMovesATimer) {
  TimerEvent moved(
      *loop_, [](void* self) { static_cast<EventLoopTest*>(self)->note("moved"); }, this);
  TimerEvent fixed(
      *loop_, [](void* self) { static_cast<EventLoopTest*>(self)->note("fixed"); }, this);
  ASSERT_TRUE(moved.arm(milliseconds(1)));
  ASSERT_TRUE(fixed.arm(milliseconds(30)));
  ASSERT_TRUE(moved.arm(milliseconds(90)));
  until_ = 2;
  loop_->run();
  EXPECT_EQ(seen_, (Seen{"fixed", "moved"}));
}

// Re-arms itself with no delay for ever, as a connection does that used up its turn's budget.
struct Busy {
  EventLoop& loop;
  TimerEvent timer{loop, &Busy::on_timer, this};
  int turns = 0;

  static void on_timer(void* argument) {
    auto* busy = static_cast<Busy*>(argument);
    if (++busy->turns >= 100 || !busy->timer.arm(milliseconds(0))) busy->loop.stop();
  }
};

TEST_F(EventLoopTest, AZeroTimerThatRearmsItselfStarvesNoDescriptor) {
  Busy busy{*loop_};
  FdEvent event;
  event.assign(*loop_, read_end_.get(), &on_fd, this);
  ASSERT_TRUE(event.arm(FdEvent::Want::read));
  ASSERT_TRUE(busy.timer.arm(milliseconds(0)));
  make_readable();
  until_ = 20;
  loop_->run();
  EXPECT_EQ(seen_.size(), 20u);  // each turn served both: the descriptor had its twenty long before a hundred
  EXPECT_LE(busy.turns, 21);
  EXPECT_GE(busy.turns, 18);
}

TEST_F(EventLoopTest, AZeroTimerComesAfterWhatIsReadyInTheNextTurn) {
  struct Order {
    EventLoopTest* test;
    TimerEvent* timer;
    FdEvent* event;
  };
  TimerEvent zero(*loop_, &on_timer, this);
  FdEvent event;
  event.assign(*loop_, read_end_.get(), &on_fd, this);
  ASSERT_TRUE(event.arm(FdEvent::Want::read));
  Order order{this, &zero, &event};
  TimerEvent first(
      *loop_,
      [](void* argument) {
        auto* what = static_cast<Order*>(argument);
        EXPECT_TRUE(what->timer->arm(milliseconds(0)));
        what->test->make_readable();
        what->test->note("first");
      },
      &order);
  ASSERT_TRUE(first.arm(milliseconds(1)));
  until_ = 3;
  loop_->run();
  EXPECT_EQ(seen_, (Seen{"first", "read", "timer"}));
}

TEST_F(EventLoopTest, ASignalIsAnEventOfTheLoop) {
  {
    SignalEvent event(*loop_, SIGUSR1, &on_signal, this);
    ASSERT_TRUE(event.arm());
    until_ = 2;
    ASSERT_EQ(::raise(SIGUSR1), 0);
    TimerEvent again(
        *loop_, [](void*) { ::raise(SIGUSR1); }, nullptr);
    ASSERT_TRUE(again.arm(milliseconds(20)));
    loop_->run();
  }
  EXPECT_EQ(seen_, (Seen{"signal " + std::to_string(SIGUSR1), "signal " + std::to_string(SIGUSR1)}));
  // With the event gone the signal does again what it did before.
  struct sigaction action {};
  ASSERT_EQ(::sigaction(SIGUSR1, nullptr, &action), 0);
  EXPECT_EQ(action.sa_handler, SIG_DFL);
}

TEST_F(EventLoopTest, StopBeforeRunIsNotForgotten) {
  EXPECT_FALSE(loop_->stopping());
  loop_->stop();
  EXPECT_TRUE(loop_->stopping());
  loop_->run();
  EXPECT_FALSE(loop_->stopping());
}

TEST_F(EventLoopTest, WithoutDescriptorsThereIsNoLoopAndNoDeath) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const UniqueFd next(::fcntl(read_end_.get(), F_DUPFD_CLOEXEC, 0));
  for (rlim_t left = 0; left < 3; ++left) {
    rlimit few = before;
    few.rlim_cur = static_cast<rlim_t>(next.get()) + 1 + left;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
    const std::unique_ptr<EventLoop> loop = EventLoop::create();
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_EQ(loop, nullptr) << left;
  }
}

using EventLoopDeathTest = EventLoopTest;

TEST_F(EventLoopDeathTest, TouchedFromAnotherThreadWhileItRunsItAborts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        TimerEvent timer(
            *loop_,
            [](void* argument) {
              auto* loop = static_cast<EventLoop*>(argument);
              std::thread([loop] { loop->stop(); }).join();
            },
            loop_.get());
        static_cast<void>(timer.arm(milliseconds(0)));
        loop_->run();
      },
      "not its own");
}

}  // namespace
}  // namespace martlet::threads
