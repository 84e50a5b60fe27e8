// Listeners and the gate: what accept may answer, and what becomes of it.
#include "server/net/listener.h"

#include <fcntl.h>

#include <memory>
#include <vector>

#include "server/net/accept_gate.h"
#include "tests/server/net/fake_kernel.h"
#include "tests/server/net/peer.h"
#include "tests/support/log_capture.h"
#include "tests/support/manual_clock.h"

namespace martlet::net {
namespace {

using support::FakeKernel;

class ListenerTest : public testing::Test, public AcceptHandler {
 protected:
  ListenerTest() { kernel = FakeKernel{}; }
  ~ListenerTest() override { kernel = FakeKernel{}; }

  bool may_accept() override { return accepted.size() < allowed; }
  void on_accepted(const Listener& listener, threads::UniqueFd socket, const sockaddr_storage& peer,
                   socklen_t) override {
    accepted.push_back(std::move(socket));
    from.push_back(listener.index());
    families.push_back(peer.ss_family);
  }
  void on_accept_error(int error) override { errors.push_back(error); }

  Listener& listen(const NetSettings& settings) {
    const auto index = static_cast<uint32_t>(listeners.size());
    listeners.push_back(std::make_unique<Listener>(*loop, bind_one(settings, log.diag), index, 64, *this));
    EXPECT_TRUE(listeners.back()->start());
    return *listeners.back();
  }
  void turn(int turns = 4) {
    for (int i = 0; i < turns; ++i) event_base_loop(loop->base(), EVLOOP_ONCE | EVLOOP_NONBLOCK);
  }

  FakeKernel& kernel = FakeKernel::instance();
  std::unique_ptr<threads::EventLoop> loop = threads::EventLoop::create();
  support::LogCapture log{1};
  std::vector<std::unique_ptr<Listener>> listeners;
  size_t allowed = SIZE_MAX;
  std::vector<threads::UniqueFd> accepted;
  std::vector<uint32_t> from;
  std::vector<sa_family_t> families;
  std::vector<int> errors;
};

void expect_non_blocking_and_close_on_exec(int fd) {
  EXPECT_NE(::fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(ListenerTest, EveryoneWhoWaitsIsAcceptedInOneTurn) {
  Listener& listener = listen(loopback());
  std::vector<threads::UniqueFd> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(connect_to(listener.socket()));
  turn(1);
  EXPECT_EQ(accepted.size(), 20U);
  for (const threads::UniqueFd& fd : accepted) expect_non_blocking_and_close_on_exec(fd.get());
  EXPECT_TRUE(errors.empty());
}

TEST_F(ListenerTest, AnInterruptedAcceptIsRepeatedAtOnce) {
  Listener& listener = listen(loopback());
  kernel.accept_errors = {EINTR, EINTR, EINTR};
  const threads::UniqueFd client = connect_to(listener.socket());
  turn(1);
  EXPECT_EQ(accepted.size(), 1U);
  EXPECT_EQ(kernel.accept4_calls, 5);  // and one that finds nobody
}

TEST_F(ListenerTest, NobodyThereIsNoError) {
  Listener& listener = listen(loopback());
  for (const int error : {EAGAIN, ECONNABORTED}) {
    const size_t before = accepted.size();
    kernel.accept_errors = {error};
    const threads::UniqueFd client = connect_to(listener.socket());
    turn();
    EXPECT_EQ(accepted.size(), before + 1) << error;
  }
  EXPECT_TRUE(errors.empty());
  EXPECT_EQ(log.text(), "");
}

TEST_F(ListenerTest, AClientThatResetsBeforeItIsAcceptedDisturbsNobody) {
  Listener& listener = listen(loopback());
  const linger at_once{1, 0};
  threads::UniqueFd rude = connect_to(listener.socket());
  ::setsockopt(rude.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  rude.reset();
  const threads::UniqueFd client = connect_to(listener.socket());
  turn();
  EXPECT_GE(accepted.size(), 1U);
  EXPECT_TRUE(errors.empty());
}

TEST_F(ListenerTest, AnyOtherErrorIsToldAndTheListenerLives) {
  Listener& listener = listen(loopback());
  kernel.accept_errors = {EPROTO};
  const threads::UniqueFd client = connect_to(listener.socket());
  turn(1);
  EXPECT_EQ(errors, std::vector<int>{EPROTO});
  turn();
  EXPECT_EQ(accepted.size(), 1U);
}

TEST_F(ListenerTest, WithoutAccept4TheSocketsAreTheSame) {
  kernel.has_accept4 = false;
  Listener& listener = listen(loopback());
  const threads::UniqueFd first = connect_to(listener.socket());
  const threads::UniqueFd second = connect_to(listener.socket());
  turn();
  ASSERT_EQ(accepted.size(), 2U);
  EXPECT_EQ(kernel.accept4_calls, 1);  // asked once
  for (const threads::UniqueFd& fd : accepted) expect_non_blocking_and_close_on_exec(fd.get());
  EXPECT_TRUE(errors.empty());
}

TEST_F(ListenerTest, WithNeitherAcceptTheErrorIsTold) {
  kernel.has_accept4 = false;
  kernel.accept_error_for_good = ENOSYS;
  Listener& listener = listen(loopback());
  const threads::UniqueFd client = connect_to(listener.socket());
  turn(1);
  EXPECT_EQ(errors, std::vector<int>{ENOSYS});
}

TEST_F(ListenerTest, WhoMayNotBeAcceptedStaysInTheQueue) {
  Listener& listener = listen(loopback());
  allowed = 1;
  const threads::UniqueFd first = connect_to(listener.socket());
  const threads::UniqueFd second = connect_to(listener.socket());
  turn();
  EXPECT_EQ(accepted.size(), 1U);
  allowed = 2;
  turn();
  EXPECT_EQ(accepted.size(), 2U);
}

TEST_F(ListenerTest, AListenerThatCannotBeRegisteredSaysSo) {
  kernel.register_errors = {ENOSPC};
  Listener listener(*loop, bind_one(loopback(), log.diag), 0, 64, *this);
  EXPECT_FALSE(listener.start());
}

class GateTest : public ListenerTest {
 protected:
  void open_all() {
    char directory[] = "/tmp/martlet-gate-XXXXXX";
    ASSERT_NE(::mkdtemp(directory), nullptr);
    directory_ = directory;
    NetSettings unix_socket;
    unix_socket.unix_path = directory_ + "/socket";
    gate.add(listen(loopback()));
    gate.add(listen(loopback()));
    gate.add(listen(unix_socket));
  }
  ~GateTest() override {
    gate.shut();
    listeners.clear();
    EXPECT_TRUE(directory_.empty() || ::rmdir(directory_.c_str()) == 0);  // the socket file went with its listener
  }
  std::vector<threads::UniqueFd> connect_everywhere() {
    std::vector<threads::UniqueFd> clients;
    for (const auto& each : listeners) clients.push_back(connect_to(each->socket()));
    return clients;
  }
  // Lets the backoff timer fire.
  void back_off() { event_base_loop(loop->base(), EVLOOP_ONCE); }

  support::ManualClock clock;
  threads::ConnLimit limit{2};
  AcceptGate gate{*loop, limit, clock, log.diag};

 private:
  std::string directory_;
};

TEST_F(GateTest, AllListenersGoQuietAndAllResumeWhenASlotComesBack) {
  open_all();
  threads::ConnSlot first = limit.try_take();
  threads::ConnSlot second = limit.try_take();
  gate.pause(AcceptGate::Reason::connections);
  gate.pause(AcceptGate::Reason::resources);  // once is enough
  EXPECT_FALSE(gate.accepting());
  EXPECT_EQ(gate.times_disabled(), 1U);
  const auto clients = connect_everywhere();
  clock.advance_ms(700);
  back_off();
  turn();
  EXPECT_TRUE(accepted.empty());
  EXPECT_FALSE(gate.accepting());
  first.release();
  back_off();
  turn();
  EXPECT_TRUE(gate.accepting());
  EXPECT_EQ(accepted.size(), 3U);  // they had waited in the queues: no new connect was needed
  EXPECT_EQ(gate.disabled_us(), 700'000U);
}

TEST_F(GateTest, WithoutDescriptorsItOpensWhenAnyConnectionEnds) {
  open_all();
  threads::ConnSlot slot = limit.try_take();
  gate.pause(AcceptGate::Reason::resources);
  const auto clients = connect_everywhere();
  back_off();
  EXPECT_FALSE(gate.accepting());
  slot.release();
  back_off();
  EXPECT_TRUE(gate.accepting());
  turn();
  EXPECT_EQ(accepted.size(), 3U);
}

TEST_F(GateTest, WithoutDescriptorsItTriesAgainAfterHalfASecondInAnyCase) {
  open_all();
  gate.pause(AcceptGate::Reason::resources);
  clock.advance_ms(499);
  back_off();
  EXPECT_FALSE(gate.accepting());
  clock.advance_ms(1);
  back_off();
  EXPECT_TRUE(gate.accepting());
}

// A listener whose event cannot be registered again is not lost: the gate closes and tries once more.
TEST_F(GateTest, AListenerThatCannotBeResumedIsTriedAgain) {
  open_all();
  gate.pause(AcceptGate::Reason::connections);
  kernel.register_errors = {0, ENOMEM};
  back_off();
  EXPECT_FALSE(gate.accepting());
  EXPECT_EQ(log.count("cannot be registered"), 1U);
  clock.advance_ms(500);
  back_off();
  EXPECT_TRUE(gate.accepting());
  const auto clients = connect_everywhere();
  turn();
  EXPECT_EQ(accepted.size(), 3U);
}

TEST_F(GateTest, OnceShutItStaysShut) {
  open_all();
  gate.pause(AcceptGate::Reason::connections);
  gate.shut();
  EXPECT_EQ(event_base_get_num_events(loop->base(), EVENT_BASE_COUNT_ADDED), 0);
  EXPECT_FALSE(gate.accepting());
}

}  // namespace
}  // namespace martlet::net
