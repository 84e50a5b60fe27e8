// What becomes of a newcomer: served, told that there are too many, left waiting, or let in for an idle one.
#include "server/conn/acceptor.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "tests/server/net/fake_kernel.h"
#include "tests/server/net/peer.h"
#include "tests/support/log_capture.h"
#include "tests/support/manual_clock.h"
#include "threads/worker_pool.h"

namespace martlet::conn {
namespace {

using net::connect_to;
using net::read_to_end;
using support::FakeKernel;

constexpr std::string_view kTooMany = "ERROR Too many open connections\r\n";

// An acceptor over a worker that is never started: whom it serves waits in the worker's queue, with its slot. The test
// itself holds the other slots.
class AcceptorTest : public testing::Test {
 protected:
  AcceptorTest() { kernel = FakeKernel{}; }
  ~AcceptorTest() override {
    if (acceptor != nullptr) acceptor->stop();
    kernel = FakeKernel{};
  }

  void open(size_t listeners = 1, Acceptor::Reclaim reclaim = {}) {
    acceptor = std::make_unique<Acceptor>(*loop, dispatcher, settings, clock, log.diag, stats, std::move(reclaim));
    std::vector<net::BoundSocket> sockets;
    for (size_t i = 0; i < listeners; ++i) {
      sockets.push_back(net::bind_one(net::loopback(), log.diag));
      doors.push_back({threads::UniqueFd(::dup(sockets.back().fd.get())), AF_INET, 0, {}, {}});
    }
    ASSERT_TRUE(acceptor->start(std::move(sockets)));
  }
  void fill() {
    while (limit.taken() < limit.limit()) slots.push_back(limit.try_take());
  }
  threads::UniqueFd connect(size_t door = 0) { return connect_to(doors[door]); }
  void turn(int turns = 4) {
    for (int i = 0; i < turns; ++i) event_base_loop(loop->base(), EVLOOP_ONCE | EVLOOP_NONBLOCK);
  }
  void wait_for_timer() { event_base_loop(loop->base(), EVLOOP_ONCE); }
  uint64_t served() const { return stats.total_connections.get(); }
  uint64_t rejected() const { return stats.rejected_connections.get(); }

  FakeKernel& kernel = FakeKernel::instance();
  std::unique_ptr<threads::EventLoop> loop = threads::EventLoop::create();
  threads::ConnLimit limit{3};
  std::unique_ptr<threads::WorkerPool> workers = threads::WorkerPool::create(2);
  threads::Dispatcher dispatcher{limit, *workers};
  net::NetSettings settings;
  support::ManualClock clock;
  support::LogCapture log;
  stats::ThreadStats stats;
  std::vector<net::BoundSocket> doors;  // to connect to
  std::vector<threads::ConnSlot> slots;
  std::unique_ptr<Acceptor> acceptor;
};

TEST_F(AcceptorTest, ExactlySoManyAreServedAsAllowedAndTheNextIsTold) {
  open();
  std::vector<threads::UniqueFd> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(connect());
  turn();
  EXPECT_EQ(served(), 3U);
  EXPECT_EQ(limit.taken(), 3U);
  EXPECT_EQ(workers->worker(0).load() + workers->worker(1).load(), 3U);
  EXPECT_EQ(log.text(), "");

  const threads::UniqueFd one_too_many = connect();
  ASSERT_EQ(::send(one_too_many.get(), "get a\r\n", 7, 0), 7);  // it has already spoken
  turn();
  EXPECT_EQ(read_to_end(one_too_many.get()), kTooMany);
  EXPECT_EQ(rejected(), 1U);
  EXPECT_EQ(served(), 3U);
  EXPECT_EQ(log.count("3 of 3 served"), 1U);
}

TEST_F(AcceptorTest, TheLogSaysOnceASecondThatThereAreTooMany) {
  open();
  fill();
  for (int i = 0; i < 20; ++i) {
    const threads::UniqueFd client = connect();
    turn();
    EXPECT_EQ(read_to_end(client.get()), kTooMany);
    clock.advance_ms(100);
  }
  EXPECT_EQ(rejected(), 20U);
  EXPECT_EQ(log.count("Too many open connections"), 2U);
}

TEST_F(AcceptorTest, AllowedToWaitNewcomersStayOutsideUntilASlotComesBack) {
  settings.maxconns_fast = false;
  open(3);
  fill();
  std::vector<threads::UniqueFd> clients;
  for (size_t i = 0; i < 3; ++i) clients.push_back(connect(i));
  turn();
  EXPECT_FALSE(acceptor->gate().accepting());
  EXPECT_EQ(acceptor->gate().times_disabled(), 1U);
  EXPECT_EQ(kernel.accept4_calls, 0);
  clock.advance_ms(250);
  wait_for_timer();
  EXPECT_FALSE(acceptor->gate().accepting());
  slots.clear();
  wait_for_timer();
  turn();
  EXPECT_EQ(served(), 3U);  // through every one of the listeners
  EXPECT_EQ(rejected(), 0U);
  EXPECT_EQ(acceptor->gate().disabled_us(), 250'000U);
}

class ShortageTest : public AcceptorTest, public testing::WithParamInterface<int> {};

TEST_P(ShortageTest, NewcomersWaitAndAreServedAsSoonAsAConnectionEnds) {
  open();
  slots.push_back(limit.try_take());
  kernel.accept_error_for_good = GetParam();
  const threads::UniqueFd client = connect();
  turn(100);
  EXPECT_FALSE(acceptor->gate().accepting());
  EXPECT_EQ(kernel.accept4_calls, 1);  // it does not spin
  kernel.accept_error_for_good = 0;
  slots.clear();  // some connection ends; nobody connects anew
  wait_for_timer();
  turn();
  EXPECT_EQ(served(), 1U);
  EXPECT_TRUE(acceptor->gate().accepting());
}

INSTANTIATE_TEST_SUITE_P(Errors, ShortageTest, testing::Values(EMFILE, ENFILE, ENOBUFS, ENOMEM));

TEST_F(AcceptorTest, TheLogSaysOnceASecondThatDescriptorsRanOut) {
  open();
  kernel.accept_error_for_good = EMFILE;
  const threads::UniqueFd client = connect();
  for (int i = 0; i < 6; ++i) {
    turn();
    clock.advance_ms(500);
    wait_for_timer();
  }
  EXPECT_EQ(acceptor->gate().times_disabled(), 6U);
  EXPECT_EQ(log.count("accept: Too many open files (0 connections open, descriptor limit "), 3U);
}

TEST_F(AcceptorTest, AnotherErrorIsLoggedAndTheServerLives) {
  open();
  kernel.accept_errors = {EPROTO, EPROTO};
  const threads::UniqueFd client = connect();
  turn();
  EXPECT_EQ(log.count("accept: Protocol error"), 1U);
  EXPECT_TRUE(acceptor->gate().accepting());
  EXPECT_EQ(served(), 1U);
}

// A worker that is asked to give up an idle connection does so when the test says so.
class ReclaimTest : public AcceptorTest {
 protected:
  void open_reclaiming() {
    open(1, [this] {
      ++asked;
      return someone_is_idle;
    });
    fill();
  }

  int asked = 0;
  bool someone_is_idle = true;
};

TEST_F(ReclaimTest, ANewcomerWaitsForTheSlotOfAnIdleOne) {
  open_reclaiming();
  const threads::UniqueFd client = connect();
  turn();
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(served() + rejected(), 0U);
  wait_for_timer();
  EXPECT_EQ(served() + rejected(), 0U);
  slots.pop_back();
  wait_for_timer();
  EXPECT_EQ(served(), 1U);
  EXPECT_EQ(rejected(), 0U);
}

TEST_F(ReclaimTest, WhoHasWaitedTooLongIsTurnedAway) {
  open_reclaiming();
  const threads::UniqueFd client = connect();
  turn();
  clock.advance_ms(199);
  wait_for_timer();
  EXPECT_EQ(rejected(), 0U);
  clock.advance_ms(1);
  wait_for_timer();
  EXPECT_EQ(rejected(), 1U);
  EXPECT_EQ(read_to_end(client.get()), kTooMany);
}

TEST_F(ReclaimTest, WhereNobodyIsIdleANewcomerIsTurnedAwayAtOnce) {
  someone_is_idle = false;
  open_reclaiming();
  const threads::UniqueFd client = connect();
  turn();
  EXPECT_EQ(read_to_end(client.get()), kTooMany);
  EXPECT_EQ(rejected(), 1U);
}

TEST_F(ReclaimTest, TheWaitingRoomIsBounded) {
  open_reclaiming();
  std::vector<threads::UniqueFd> clients;
  for (int i = 0; i < 70; ++i) clients.push_back(connect());
  // Not by the timer: only those beyond the room's size may have been turned away.
  for (int i = 0; i < 10; ++i) turn(1);
  EXPECT_EQ(rejected(), 6U);
  EXPECT_EQ(asked, 64);
}

TEST_F(ReclaimTest, WhoCameFirstIsServedFirst) {
  open_reclaiming();
  const threads::UniqueFd first = connect();
  turn();
  slots.pop_back();  // free before the timer looks
  const threads::UniqueFd second = connect();
  turn(1);
  EXPECT_EQ(served(), 1U);
  clock.advance_ms(200);
  wait_for_timer();
  EXPECT_EQ(rejected(), 1U);
  EXPECT_EQ(read_to_end(second.get()), kTooMany);
}

TEST_F(ReclaimTest, TheEndClosesThoseWhoWait) {
  open_reclaiming();
  const threads::UniqueFd client = connect();
  turn();
  acceptor->stop();
  EXPECT_EQ(read_to_end(client.get()), "");
  EXPECT_EQ(event_base_get_num_events(loop->base(), EVENT_BASE_COUNT_ADDED), 0);
}

}  // namespace
}  // namespace martlet::conn
