#include "server/settings/listen_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace martlet::settings {
namespace {

using net::Endpoint;
using net::ListenProtocol;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr ListenProtocol kAuto = ListenProtocol::automatic;

std::vector<Endpoint> read(std::string_view list, std::vector<std::string>* notes = nullptr) {
  std::vector<Endpoint> endpoints;
  std::vector<std::string> ignored;
  const Status read = append_endpoints(list, {11211, kAuto}, &endpoints, notes == nullptr ? &ignored : notes);
  EXPECT_TRUE(read.ok()) << list << ": " << (read.ok() ? "" : read.error().message);
  return endpoints;
}

void expect_refused(std::string_view list, int exit_code) {
  std::vector<Endpoint> endpoints;
  std::vector<std::string> notes;
  const Status read = append_endpoints(list, {11211, kAuto}, &endpoints, &notes);
  ASSERT_FALSE(read.ok()) << list;
  EXPECT_EQ(read.error().exit_code, exit_code) << list;
  EXPECT_THAT(read.error().message, HasSubstr("-l")) << list;
}

TEST(ListenList, HostsMayCarryAPort) {
  EXPECT_THAT(read("127.0.0.1"), ElementsAre(Endpoint{"127.0.0.1", 11211, kAuto, ""}));
  EXPECT_THAT(read("localhost:99"), ElementsAre(Endpoint{"localhost", 99, kAuto, ""}));
  EXPECT_THAT(read("127.0.0.1:0"), ElementsAre(Endpoint{"127.0.0.1", -1, kAuto, ""}));
}

TEST(ListenList, Ipv6NeedsBracketsForAPort) {
  EXPECT_THAT(read("[::1]:99"), ElementsAre(Endpoint{"::1", 99, kAuto, ""}));
  EXPECT_THAT(read("[::1]"), ElementsAre(Endpoint{"::1", 11211, kAuto, ""}));
  EXPECT_THAT(read("fe80::1:99"), ElementsAre(Endpoint{"fe80::1:99", 11211, kAuto, ""}));
}

TEST(ListenList, AStarIsAnyAddress) {
  EXPECT_THAT(read("*"), ElementsAre(Endpoint{"", 11211, kAuto, ""}));
  EXPECT_THAT(read("*:99"), ElementsAre(Endpoint{"", 99, kAuto, ""}));
}

TEST(ListenList, CommasSemicolonsAndBlanksSeparate) {
  EXPECT_THAT(read("a, b;c;,"), ElementsAre(Endpoint{"a", 11211, kAuto, ""}, Endpoint{"b", 11211, kAuto, ""},
                                            Endpoint{"c", 11211, kAuto, ""}));
}

TEST(ListenList, PrefixesComeInTheirOrder) {
  EXPECT_THAT(read("notls:proto[ascii]:tag[front]:[::1]:99"),
              ElementsAre(Endpoint{"::1", 99, ListenProtocol::ascii, "front"}));
  EXPECT_THAT(read("tag_back_:10.0.0.1"), ElementsAre(Endpoint{"10.0.0.1", 11211, kAuto, "back"}));
  EXPECT_THAT(read("proto[negotiating]:h"), ElementsAre(Endpoint{"h", 11211, kAuto, ""}));
}

TEST(ListenList, AnUnknownProtocolNameIsIgnoredAndNoted) {
  std::vector<std::string> notes;
  EXPECT_THAT(read("proto[gopher]:h", &notes), ElementsAre(Endpoint{"h", 11211, kAuto, ""}));
  EXPECT_THAT(notes, ElementsAre(HasSubstr("gopher")));
}

TEST(ListenList, TheSameEndpointTwiceIsOneListener) {
  EXPECT_EQ(read("h:1,h:1,h:2").size(), 2U);
  EXPECT_EQ(read("h:0,h:0").size(), 2U);
}

TEST(ListenList, WhatCannotBeReadIsRefused) {
  for (const std::string_view list :
       {"",          ",",       "h:",     "h:x",    "h:99x",         "h:65536", "h:-2",
        "[::1",      "[::1]99", "[::1]:", "[]:99",  ":99",           "tag[]:h", "tag[123456789]:h",
        "tag[abc:h", "tag_abc", "btls:h", "mtls:h", "proto[ascii:h", "a b",     "h\x01",
        "h:99,[::1"}) {
    expect_refused(list, 71);
  }
  expect_refused(std::string(256, 'h'), 71);
}

TEST(ListenList, DialectsThatNoListenerServesAloneAreRefused) {
  expect_refused("proto[binary]:h", 64);
  expect_refused("proto[proxy]:h", 64);
}

}  // namespace
}  // namespace martlet::settings
