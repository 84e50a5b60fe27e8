// Where the load may go, and how connections end.
#include "tests/bench/socket.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/bench/errors.h"
#include "tests/bench/fake_peer.h"
#include "tests/bench/text_client.h"

namespace martlet::bench {
namespace {

TEST(BenchSocket, OnlyLoopbackAddressesAreConnectedTo) {
  const Endpoint elsewhere{.address = 0x0a000001, .port = 11211};
  EXPECT_THROW(static_cast<void>(connect_to(elsewhere, Milliseconds(10))), BenchError);
  EXPECT_THROW(static_cast<void>(begin_connect(elsewhere)), BenchError);
  EXPECT_THROW(static_cast<void>(connect_to({.port = 1}, Milliseconds(10), 0xc0a80001)), BenchError);
  EXPECT_FALSE(is_loopback(0x80000001));
  EXPECT_TRUE(is_loopback(source_address(1000, 1000)));
}

TEST(BenchSocket, ARefusedConnectIsAnError) {
  const Endpoint nobody{.port = pick_free_port()};
  EXPECT_THROW(static_cast<void>(connect_to(nobody, Milliseconds(100))), BenchError);
}

TEST(BenchSocket, ACloseEndsTheStreamAndAnAbortResetsIt) {
  FakePeer peer;
  Socket orderly = connect_to(peer.endpoint(), Milliseconds(1000));
  Socket seen = peer.accept();
  orderly.close();
  char byte = 0;
  EXPECT_EQ(::recv(seen.fd(), &byte, 1, 0), 0);

  Socket hard = connect_to(peer.endpoint(), Milliseconds(1000));
  seen = peer.accept();
  hard.abort();
  EXPECT_EQ(::recv(seen.fd(), &byte, 1, 0), -1);
  EXPECT_EQ(errno, ECONNRESET);
}

TEST(BenchSocket, ConnectionsComeFromTheSourceAddressAskedFor) {
  FakePeer peer;
  const Socket client = connect_to(peer.endpoint(), Milliseconds(1000), source_address(3, 7));
  const Socket seen = peer.accept();
  sockaddr_in from{};
  socklen_t size = sizeof(from);
  ASSERT_EQ(::getpeername(seen.fd(), reinterpret_cast<sockaddr*>(&from), &size), 0);
  EXPECT_EQ(ntohl(from.sin_addr.s_addr), 0x7f430701U);
}

}  // namespace
}  // namespace martlet::bench
