#include "server/conn/conn_row.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>
#include <thread>

namespace martlet::conn {
namespace {

TEST(PeerAddress, IsWrittenAsMemcachedWritesIt) {
  sockaddr_storage storage{};
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  v4.sin_family = AF_INET;
  v4.sin_port = htons(5);
  inet_pton(AF_INET, "1.2.3.4", &v4.sin_addr);
  EXPECT_EQ(PeerAddress::from(storage, sizeof v4).text(""), "tcp:1.2.3.4:5");

  storage = {};
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(11211);
  inet_pton(AF_INET6, "fe80::1:2", &v6.sin6_addr);
  EXPECT_EQ(PeerAddress::from(storage, sizeof v6).text(""), "tcp6:[fe80::1:2]:11211");

  storage = {};
  storage.ss_family = AF_UNIX;
  EXPECT_EQ(PeerAddress::from(storage, 2).text("/run/x"), "unix:/run/x");
}

TEST(ConnRow, IsSeenOnlyWhileOccupied) {
  ConnRow row;
  ConnRow::View view;
  EXPECT_FALSE(row.read(&view));
  row.occupy(9, 1, {}, 500);
  row.set_state(ConnState::waiting);
  row.set_requests(3);
  ASSERT_TRUE(row.read(&view));
  EXPECT_EQ(view.fd, 9);
  EXPECT_EQ(view.listener, 1U);
  EXPECT_EQ(view.state, ConnState::waiting);
  EXPECT_EQ(view.requests, 3U);
  EXPECT_EQ(view.opened_ms, 500U);
  row.vacate();
  EXPECT_FALSE(row.read(&view));
}

TEST(ConnRow, AReaderNeverMixesTwoOccupants) {
  ConnRow row;
  std::atomic<bool> stop{false};
  std::thread owner([&] {
    for (int i = 1; i < 50'000; ++i) {
      row.occupy(i, static_cast<uint32_t>(i), {static_cast<uint64_t>(i), 0, 0, 6}, static_cast<uint64_t>(i));
      row.vacate();
    }
    stop = true;
  });
  while (!stop) {
    ConnRow::View view;
    if (!row.read(&view)) continue;
    EXPECT_EQ(view.listener, static_cast<uint32_t>(view.fd));
    EXPECT_EQ(view.peer.high, static_cast<uint64_t>(view.fd));
    EXPECT_EQ(view.opened_ms, static_cast<uint64_t>(view.fd));
  }
  owner.join();
}

}  // namespace
}  // namespace martlet::conn
