// The gate: all listeners go quiet together, and all of them resume.
#include "server/net/accept_gate.h"

#include <cstdlib>

#include "tests/server/net/listener_room.h"
#include "tests/support/manual_clock.h"

namespace martlet::net {
namespace {

class GateTest : public ListenerRoom {
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
