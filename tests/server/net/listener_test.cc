// What accept may answer, and what a listener makes of it.
#include <fcntl.h>

#include "tests/server/net/listener_room.h"

namespace martlet::net {
namespace {

class ListenerTest : public ListenerRoom {};

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

}  // namespace
}  // namespace martlet::net
