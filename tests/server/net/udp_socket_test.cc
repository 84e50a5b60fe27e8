// UDP sockets: bound once, shared by the workers and by nobody else.
#include "server/net/udp_socket.h"

#include <fcntl.h>

#include <set>

#include "server/net/socket_address.h"
#include "tests/server/net/peer.h"
#include "tests/support/fake_datagram_socket.h"
#include "tests/support/log_capture.h"

namespace martlet::net {
namespace {

using Status = DatagramSocket::Status;

NetSettings udp_loopback(int port = -1) {
  NetSettings settings;
  settings.udp_endpoints.push_back({"127.0.0.1", port, ListenProtocol::automatic, {}});
  settings.default_addresses = false;
  settings.udp_port = port;
  return settings;
}

BoundSocket bind_one_udp(const NetSettings& settings, const Diag& diag) {
  Result<std::vector<BoundSocket>> bound = bind_udp(settings, diag);
  EXPECT_TRUE(bound.ok()) << (bound.ok() ? "" : bound.error().message);
  return bound.ok() ? std::move(bound.value().front()) : BoundSocket{};
}

std::vector<UdpSocket> share(BoundSocket bound, size_t count) {
  Result<std::vector<threads::UniqueFd>> shared = share_udp(std::move(bound), count);
  EXPECT_TRUE(shared.ok()) << (shared.ok() ? "" : shared.error().message);
  std::vector<UdpSocket> sockets;
  if (shared.ok()) {
    for (threads::UniqueFd& fd : shared.value()) sockets.emplace_back(std::move(fd));
  }
  return sockets;
}

// Sends to 127.0.0.1:`port` and waits until it has arrived somewhere: on loopback it has when send returns.
void send_to(const UdpSocket& from, uint16_t port, std::string_view bytes) {
  const DatagramPeer to = support::peer_at("127.0.0.1", port);
  ASSERT_EQ(::sendto(from.fd(), bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to.address), to.size),
            static_cast<ssize_t>(bytes.size()));
}

class UdpSocketTest : public testing::Test {
 protected:
  support::LogCapture log{1};
};

TEST_F(UdpSocketTest, ADatagramComesWholeWithItsSenderAndGoesBackToIt) {
  BoundSocket bound = bind_one_udp(udp_loopback(), log.diag);
  EXPECT_EQ(bound.address, "udp:127.0.0.1:" + std::to_string(bound.port));
  const uint16_t port = bound.port;
  auto server = share(std::move(bound), 1);
  auto client = share(bind_one_udp(udp_loopback(), log.diag), 1);
  ASSERT_TRUE(server.size() == 1 && client.size() == 1);
  const std::string largest(65'507, 'x');
  send_to(client[0], port, "hello");
  send_to(client[0], port, largest);
  send_to(client[0], port, "");

  std::vector<char> buffer(kMaxDatagram);
  DatagramPeer peer;
  DatagramSocket::Received got = server[0].receive(buffer, &peer);
  ASSERT_EQ(got.status, Status::datagram);
  EXPECT_EQ(std::string(buffer.data(), got.bytes), "hello");
  EXPECT_TRUE(is_loopback(peer.address));
  EXPECT_TRUE(server[0].send(std::span(buffer.data(), 5), peer));
  got = server[0].receive(buffer, &peer);
  EXPECT_EQ(got.bytes, largest.size());
  EXPECT_TRUE(got.whole);
  got = server[0].receive(buffer, &peer);
  EXPECT_EQ(got.status, Status::datagram);
  EXPECT_EQ(got.bytes, 0U);
  EXPECT_EQ(server[0].receive(buffer, &peer).status, Status::none);

  got = client[0].receive(buffer, &peer);
  EXPECT_EQ(std::string(buffer.data(), got.bytes), "hello");
  EXPECT_EQ(port_of(peer.address), port);
}

TEST_F(UdpSocketTest, WhatDoesNotFitIsSaidToBeCutOff) {
  BoundSocket bound = bind_one_udp(udp_loopback(), log.diag);
  const uint16_t port = bound.port;
  auto server = share(std::move(bound), 1);
  send_to(server[0], port, "12345678");
  std::vector<char> buffer(4);
  DatagramPeer peer;
  const DatagramSocket::Received got = server[0].receive(buffer, &peer);
  EXPECT_EQ(got.bytes, 4U);
  EXPECT_FALSE(got.whole);
}

TEST_F(UdpSocketTest, WorkersShareAnAddressAndAPeerKeepsItsWorker) {
  BoundSocket bound = bind_one_udp(udp_loopback(), log.diag);
  const uint16_t port = bound.port;
  auto workers = share(std::move(bound), 4);
  ASSERT_EQ(workers.size(), 4U);
  for (const UdpSocket& worker : workers) {
    EXPECT_NE(::fcntl(worker.fd(), F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(::fcntl(worker.fd(), F_GETFD) & FD_CLOEXEC, 0);
  }
  std::set<size_t> busy;
  for (int i = 0; i < 64; ++i) {
    auto client = share(bind_one_udp(udp_loopback(), log.diag), 1);
    send_to(client[0], port, "one");
    send_to(client[0], port, "two");
    std::vector<char> buffer(kMaxDatagram);
    DatagramPeer peer;
    for (size_t w = 0; w < workers.size(); ++w) {
      if (workers[w].receive(buffer, &peer).status != Status::datagram) continue;
      busy.insert(w);
      EXPECT_EQ(workers[w].receive(buffer, &peer).status, Status::datagram) << "both went the same way";
    }
  }
  EXPECT_EQ(busy.size(), 4U);
}

TEST_F(UdpSocketTest, APortThatAnotherServerSharesAmongItsWorkersIsInUse) {
  BoundSocket bound = bind_one_udp(udp_loopback(), log.diag);
  const uint16_t port = bound.port;
  const auto workers = share(std::move(bound), 2);
  const Result<std::vector<BoundSocket>> second = bind_udp(udp_loopback(port), log.diag);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().exit_code, 71);
  EXPECT_NE(second.error().message.find("failed to bind udp:127.0.0.1:"), std::string::npos);
}

TEST_F(UdpSocketTest, BothFamiliesShareThePortThatTheKernelPicked) {
  NetSettings settings = udp_loopback();
  settings.udp_endpoints.push_back({"::1", -1, ListenProtocol::automatic, {}});
  settings.default_addresses = true;  // a host without IPv6 has one of the two
  Result<std::vector<BoundSocket>> bound = bind_udp(settings, log.diag);
  ASSERT_TRUE(bound.ok());
  EXPECT_EQ(bound.value().size() + log.count("(not served)"), 2U);
  for (BoundSocket& each : bound.value()) {
    EXPECT_EQ(each.port, bound.value().front().port);
    EXPECT_EQ(share(std::move(each), 3).size(), 3U);
  }
}

TEST_F(UdpSocketTest, WithoutUdpNothingIsBound) {
  NetSettings settings = udp_loopback();
  settings.endpoints = std::exchange(settings.udp_endpoints, {});
  const Result<std::vector<BoundSocket>> bound = bind_udp(settings, log.diag);
  ASSERT_TRUE(bound.ok());
  EXPECT_TRUE(bound.value().empty());
}

TEST_F(UdpSocketTest, ThisHostIsKnownByItsLoopbackAddresses) {
  for (const char* const own : {"127.0.0.1", "127.1.2.3", "::1"}) {
    EXPECT_TRUE(is_loopback(support::peer_at(own).address)) << own;
  }
  for (const char* const other : {"126.255.255.255", "128.0.0.1", "10.0.0.127", "::2", "::ffff:127.0.0.1", "fe80::1"}) {
    EXPECT_FALSE(is_loopback(support::peer_at(other).address)) << other;
  }
}

}  // namespace
}  // namespace martlet::net
