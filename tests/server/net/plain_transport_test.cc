// A socket's bytes as the state machine sees them.
#include "server/net/plain_transport.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <string>

#include "tests/server/net/peer.h"

namespace martlet::net {
namespace {

using Status = IoResult::Status;

class PlainTransportTest : public testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    peer.reset(ends[0]);
    transport.emplace(threads::UniqueFd(ends[1]));
  }
  void say(std::string_view bytes) {
    ASSERT_EQ(::send(peer.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }

  threads::UniqueFd peer;
  std::optional<PlainTransport> transport;
  std::array<char, 8> room{};
};

TEST_F(PlainTransportTest, AReadSaysWhetherMoreMayBeWaiting) {
  say("0123456789");
  const IoResult first = transport->read(room);
  EXPECT_EQ(first.status, Status::ok);
  EXPECT_EQ(first.bytes, 8U);
  EXPECT_FALSE(first.drained);
  const IoResult second = transport->read(room);
  EXPECT_EQ(second.bytes, 2U);
  EXPECT_TRUE(second.drained);
  EXPECT_EQ(transport->read(room).status, Status::again);
  peer.reset();
  EXPECT_EQ(transport->read(room).status, Status::end);
}

TEST_F(PlainTransportTest, PiecesAreWrittenTogetherAndAFullSocketSaysAgain) {
  std::string hello = "hello";
  std::string world = ", world";
  const std::array<iovec, 2> pieces{{{hello.data(), hello.size()}, {world.data(), world.size()}}};
  EXPECT_EQ(transport->write(pieces).bytes, 12U);
  std::array<char, 64> got{};
  EXPECT_EQ(::recv(peer.get(), got.data(), got.size(), 0), 12);
  IoResult result{Status::ok, 0, false};
  while (result.status == Status::ok) result = transport->write(pieces);
  EXPECT_EQ(result.status, Status::again);
}

TEST_F(PlainTransportTest, AWriteToNobodyIsAnErrorAndNoSignal) {
  peer.reset();
  std::string line = "x";
  const std::array<iovec, 1> piece{{{line.data(), line.size()}}};
  EXPECT_EQ(transport->write(piece).status, Status::error);
}

// Closing over bytes that nobody read would reset the connection and destroy the reply under way.
TEST_F(PlainTransportTest, TheLastReplyArrivesThoughThePeerSentMoreThanWasRead) {
  const BoundSocket listening = bind_one(loopback(), Diag(0));
  const threads::UniqueFd client = connect_to(listening);
  threads::UniqueFd served(::accept4(listening.fd.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  transport.emplace(std::move(served));
  const std::string more(100'000, 'm');
  ASSERT_EQ(::send(client.get(), more.data(), more.size(), 0), static_cast<ssize_t>(more.size()));
  std::string line = "goodbye";
  const std::array<iovec, 1> piece{{{line.data(), line.size()}}};
  ASSERT_EQ(transport->write(piece).bytes, line.size());
  transport->finish();
  transport.reset();
  EXPECT_EQ(read_to_end(client.get()), "goodbye");
  int reset = -1;
  socklen_t size = sizeof reset;
  ASSERT_EQ(::getsockopt(client.get(), SOL_SOCKET, SO_ERROR, &reset, &size), 0);
  EXPECT_EQ(reset, 0);
}

}  // namespace
}  // namespace martlet::net
