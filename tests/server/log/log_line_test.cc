#include "server/log/log_line.h"

#include <gtest/gtest.h>

#include <string>

namespace martlet::log {
namespace {

std::string line_of(const Event& event, std::string_view key) {
  LineBuffer buffer;
  return std::string(format_line(event, key, buffer));
}

Event event_of(Kind kind) {
  Event event;
  event.gid = 7;
  event.time_us = 1'700'000'001'000'203;
  event.kind = kind;
  event.size = 3;
  event.size_class = 2;
  event.client_fd = 31;
  return event;
}

constexpr char kHead[] = "ts=1700000001.000203 gid=7 type=";

TEST(LogLine, AFetchTellsItsStatusClassClientAndSize) {
  Event event = event_of(Kind::item_get);
  event.status = "found";
  EXPECT_EQ(line_of(event, "k"), std::string(kHead) + "item_get key=k status=found clsid=2 cfd=31 size=3\n");
}

TEST(LogLine, AStoreTellsItsCommandAndTimeToLiveToo) {
  Event event = event_of(Kind::item_store);
  event.status = "stored";
  event.command = "append";
  event.ttl = 99;
  EXPECT_EQ(line_of(event, "k"),
            std::string(kHead) + "item_store key=k status=stored cmd=append ttl=99 clsid=2 cfd=31 size=3\n");
}

TEST(LogLine, ADeletionNamesNoClient) {
  Event event = event_of(Kind::deleted);
  event.command = "delete";
  EXPECT_EQ(line_of(event, "k"), std::string(kHead) + "deleted key=k cmd=delete clsid=2 size=3\n");
}

TEST(LogLine, AnEvictionTellsWhatTheItemWasLike) {
  Event event = event_of(Kind::eviction);
  event.ttl = -1;
  event.idle_s = 44;
  EXPECT_EQ(line_of(event, "k"), std::string(kHead) + "eviction key=k fetch=no ttl=-1 la=44 clsid=2 size=3\n");
  event.fetched = true;
  EXPECT_EQ(line_of(event, "k"), std::string(kHead) + "eviction key=k fetch=yes ttl=-1 la=44 clsid=2 size=3\n");
}

TEST(LogLine, ConnectionsAreNamedByTheirPeer) {
  Event event = event_of(Kind::conn_new);
  event.command = "tcp";
  event.port = 5;
  EXPECT_EQ(line_of(event, "::1"), std::string(kHead) + "conn_new rip=::1 rport=5 transport=tcp cfd=31\n");
  event.kind = Kind::conn_close;
  event.status = "idle_timeout";
  EXPECT_EQ(line_of(event, "1.2.3.4"),
            std::string(kHead) + "conn_close rip=1.2.3.4 rport=5 transport=tcp reason=idle_timeout cfd=31\n");
}

TEST(LogLine, KeysAreEncodedSoThatTheyCannotForgeFieldsOrLines) {
  Event event = event_of(Kind::deleted);
  event.command = "delete";
  EXPECT_EQ(line_of(event, std::string_view("aZ0-._~ \n=%\0\xff", 13)),
            std::string(kHead) + "deleted key=aZ0-._~%20%0A%3D%25%00%FF cmd=delete clsid=2 size=3\n");
}

TEST(LogLine, TheLongestFitsItsBuffer) {
  Event event = event_of(Kind::item_store);
  event.gid = UINT64_MAX;
  event.time_us = INT64_MAX;
  event.status = "not_stored";
  event.command = "prepend";
  event.ttl = INT64_MIN;
  event.size = event.size_class = UINT32_MAX;
  event.client_fd = INT32_MIN;
  const std::string line = line_of(event, std::string(kMaxKey, '\xff'));
  EXPECT_LE(line.size(), kMaxLine);
  EXPECT_EQ(line.back(), '\n');
}

}  // namespace
}  // namespace martlet::log
