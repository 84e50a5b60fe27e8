// How much a datagram is answered with: never much more than it was, unless it comes from this host.
#include "server/conn/udp_allowance.h"

#include <gmock/gmock.h>

#include "tests/server/conn/udp_room.h"

namespace martlet::conn {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kRefusal[] = "SERVER_ERROR reply too large for UDP\r\n";

class UdpAllowanceTest : public testing::Test {
 protected:
  void store(const std::string& key, size_t size) {
    std::string request = "set " + key + " 0 0 " + std::to_string(size) + "\r\n";
    request += std::string(size, 'x') + "\r\n";
    ASSERT_THAT(room.ask(request), ElementsAre("STORED\r\n"));
  }
  static std::string found(const std::string& key, size_t size) {
    return "VALUE " + key + " 0 " + std::to_string(size) + "\r\n" + std::string(size, 'x') + "\r\nEND\r\n";
  }
  // What the last answer was on the wire.
  size_t bytes_on_the_wire(size_t headers) const { return room.bytes + room.datagrams * headers; }

  UdpRoom room;
};

TEST_F(UdpAllowanceTest, AForgedSenderIsNeverSentMoreThanThreeTimesWhatWasReceived) {
  store("k", 50'000);
  for (const std::string host : {"10.1.2.3", "2001:db8::1", "fe80::1", "128.0.0.1", "126.255.255.255"}) {
    const size_t headers = host.find(':') != std::string::npos ? 48 : 28;
    for (const size_t spaces : {0U, 100U, 1000U, 10'000U, 16'000U, 20'000U}) {
      const std::string request = "get k" + std::string(spaces, ' ') + "\r\n";
      const auto answer = room.ask(request, host);
      const size_t received = support::kFrameSize + request.size() + headers;
      EXPECT_LE(bytes_on_the_wire(headers), 3 * received) << host << ' ' << spaces;
      EXPECT_THAT(answer, ElementsAre(spaces < 17'000 ? kRefusal : found("k", 50'000))) << host << ' ' << spaces;
    }
  }
  EXPECT_EQ(room.refused(), 5U * 5);
}

TEST_F(UdpAllowanceTest, ASmallValueNeedsNoPadding) {
  store("k", 72);
  EXPECT_THAT(room.ask("get k\r\n", "10.1.2.3"), ElementsAre(found("k", 72)));
  store("k", 73);
  EXPECT_THAT(room.ask("get k\r\n", "10.1.2.3"), ElementsAre(kRefusal));
}

TEST_F(UdpAllowanceTest, ManySmallAnswersCountWithTheirHeaders) {
  std::string request;
  for (int i = 0; i < 300; ++i) request += "mn\r\n";
  const auto answers = room.ask(request, "10.1.2.3");
  EXPECT_LE(bytes_on_the_wire(28), 3 * (support::kFrameSize + request.size() + 28));
  EXPECT_GT(answers.size(), 50U);
  EXPECT_LT(answers.size(), 300U);
  EXPECT_EQ(room.refused(), 1U);
  EXPECT_EQ(room.dropped(), 1U) << "the rest of the datagram";
}

TEST_F(UdpAllowanceTest, BehindARefusedReplyNothingOfTheDatagramIsServed) {
  store("k", 1000);
  EXPECT_THAT(room.ask("get k\r\nset other 0 0 1\r\nx\r\n", "10.1.2.3"), ElementsAre(kRefusal));
  EXPECT_THAT(room.ask("get nope k nope k\r\nset other 0 0 1\r\nx\r\n", "10.1.2.3"), ElementsAre(kRefusal));
  EXPECT_THAT(room.ask("get other\r\n"), ElementsAre("END\r\n"));
}

TEST_F(UdpAllowanceTest, StatisticsAreRefusedToStrangersAndToldOnThisHost) {
  EXPECT_THAT(room.ask("stats\r\n", "10.1.2.3"), ElementsAre(kRefusal));
  const auto told = room.ask("stats\r\n");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_THAT(told[0], testing::EndsWith("STAT lru_bumps_dropped 0\r\nEND\r\n"));
}

TEST_F(UdpAllowanceTest, ThisHostIsBoundToTwoMebibytesADatagram) {
  for (const std::string host : {"127.0.0.1", "127.255.255.254", "::1"}) {
    store("k", 60'000);
    std::string request = "get";
    for (int i = 0; i < 30; ++i) request += " k";
    EXPECT_EQ(room.ask(request + "\r\n", host)[0].size(), 30 * (60'000U + 19) + 5) << host;
    for (int i = 0; i < 10; ++i) request += " k";
    EXPECT_THAT(room.ask(request + "\r\n", host), ElementsAre(kRefusal)) << host;
  }
}

TEST_F(UdpAllowanceTest, WhatTheRefusalItselfDoesNotFitIntoIsNotAnswered) {
  // The first answers leave no room for it.
  std::string request = "mn\r\nmn\r\nmn\r\nget k\r\n";
  store("k", 1000);
  const auto answers = room.ask(request, "10.1.2.3");
  EXPECT_THAT(answers, ElementsAre("MN\r\n", "MN\r\n", "MN\r\n"));
  EXPECT_EQ(room.refused(), 1U);
  room.expect_all_given_back();
}

}  // namespace
}  // namespace martlet::conn
