// Stories about lru_crawler metadump and mgdump: complete, once each, in bounded memory, and in nobody's way.
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <string>

#include "tests/wire/server_pool.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

using support::Client;
using support::ClientOptions;

class WireDump : public testing::Test {
 protected:
  void SetUp() override {
    server_ = fresh_server({"-m", "256"});
    ASSERT_NE(server_, nullptr);
    client_ = connect(*server_);
    ASSERT_NE(client_, nullptr);
  }

  std::string ask(const std::string& text) {
    if (!client_->send(text)) return "(not sent)";
    return client_->receive_line().value_or("(nothing)");
  }
  void fill(int count, const std::string& prefix) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "set " + prefix + std::to_string(i) + " 0 0 1 noreply\r\nx\r\n";
    ASSERT_TRUE(client_->send(text + "version\r\n"));
    ASSERT_TRUE(client_->receive_through("VERSION").has_value());
    ASSERT_TRUE(client_->receive_line().has_value());
  }
  // How often each key was listed by a metadump.
  std::map<std::string, int> listed(Client& client) {
    std::map<std::string, int> keys;
    if (!client.send("lru_crawler metadump all\r\n")) return keys;
    for (auto line = client.receive_line(); line && *line != "END\r\n"; line = client.receive_line()) {
      if (line->rfind("key=", 0) == 0) ++keys[line->substr(4, line->find(' ') - 4)];
    }
    return keys;
  }

  support::ServerUnderTest* server_ = nullptr;
  std::unique_ptr<Client> client_;
};

TEST_F(WireDump, LinesTellWhatIsKnownOfAnItem) {
  ASSERT_EQ(ask("set a:b 5 100 3\r\nabc\r\n"), kStored);
  ASSERT_EQ(ask("lru_crawler metadump all\r\n"), "OK\r\n");
  const auto line = client_->receive_line();
  ASSERT_TRUE(line.has_value());
  const std::regex shape(R"(key=a%3Ab exp=(\d+) la=(\d+) cas=\d+ fetch=no cls=1 size=\d+ flags=5 \n)");
  std::smatch match;
  ASSERT_TRUE(std::regex_match(*line, match, shape)) << *line;
  EXPECT_EQ(std::stoll(match[1]) - std::stoll(match[2]), 100);
  EXPECT_EQ(client_->receive_line(), kEnd);
  EXPECT_EQ(ask("get in-step\r\n"), kEnd);
}

TEST_F(WireDump, EveryItemIsListedOnceWhileOthersComeAndGo) {
  constexpr int kItems = 20'000;
  fill(kItems, "stays");
  const auto writer = connect(*server_);
  ASSERT_NE(writer, nullptr);
  ASSERT_TRUE(client_->send("lru_crawler metadump all\r\n"));
  std::map<std::string, int> keys;
  int next = 0;
  for (auto line = client_->receive_line(); line && *line != "END\r\n"; line = client_->receive_line()) {
    if (line->rfind("key=stays", 0) == 0) ++keys[line->substr(4, line->find(' ') - 4)];
    if (++next % 4 != 0) continue;
    ASSERT_TRUE(writer->send("set comes" + std::to_string(next) + " 0 0 1 noreply\r\nx\r\n"));
  }
  EXPECT_EQ(keys.size(), static_cast<size_t>(kItems));
  for (const auto& [key, count] : keys) ASSERT_EQ(count, 1) << key;
}

TEST_F(WireDump, AClientThatDoesNotReadHoldsUpNobodyAndCostsLittle) {
  fill(100'000, "key");
  ClientOptions slow;
  slow.receive_buffer = 4096;
  const auto sleeper = connect(*server_, support::Transport::tcp4, slow);
  ASSERT_NE(sleeper, nullptr);
  ASSERT_TRUE(sleeper->send("lru_crawler metadump all\r\n"));
  ASSERT_EQ(sleeper->receive_line(), "OK\r\n");
  EXPECT_EQ(listed(*client_).size(), 100'000U);
  ASSERT_TRUE(client_->send("stats\r\n"));
  const auto stats = client_->receive_through(kEnd);
  ASSERT_TRUE(stats.has_value());
  std::smatch match;
  ASSERT_TRUE(std::regex_search(*stats, match, std::regex(R"(STAT response_obj_bytes (\d+))")));
  EXPECT_LT(std::stoull(match[1]), 256U << 10);
  ASSERT_TRUE(std::regex_search(*stats, match, std::regex(R"(STAT read_buf_bytes (\d+))")));
  EXPECT_LT(std::stoull(match[1]), 4U << 20);
  // It may take up reading whenever it likes.
  size_t lines = 0;
  for (auto line = sleeper->receive_line(); line && *line != "END\r\n"; line = sleeper->receive_line()) ++lines;
  EXPECT_EQ(lines, 100'000U);
}

TEST_F(WireDump, AClientMayLeaveInItsMidst) {
  fill(50'000, "key");
  for (int i = 0; i < 20; ++i) {
    const auto other = connect(*server_);
    ASSERT_NE(other, nullptr);
    ASSERT_TRUE(other->send("lru_crawler metadump all\r\n"));
    ASSERT_TRUE(other->receive_line().has_value());
    if (i % 2 == 0) other->reset();
  }
  EXPECT_EQ(ask("get in-step\r\n"), kEnd);
}

TEST_F(WireDump, OnlyTheClassesAskedForAreListed) {
  ASSERT_EQ(ask("set small 0 0 1\r\nx\r\n"), kStored);
  ASSERT_EQ(ask("set big 0 0 5000\r\n" + std::string(5000, 'b') + "\r\n"), kStored);
  ASSERT_EQ(ask("lru_crawler metadump 1\r\n"), "OK\r\n");
  EXPECT_EQ(client_->receive_line().value_or("").rfind("key=small ", 0), 0U);
  EXPECT_EQ(client_->receive_line(), kEnd);
  ASSERT_TRUE(client_->send("lru_crawler metadump hash\r\n"));
  const auto all = client_->receive_through(kEnd);
  ASSERT_TRUE(all.has_value());
  EXPECT_NE(all->find("key=small "), std::string::npos);
  EXPECT_NE(all->find("key=big "), std::string::npos);
}

TEST_F(WireDump, MgdumpGivesLinesThatCanBeSentBack) {
  ASSERT_EQ(ask(std::string("set with\x01"
                            "control 0 0 1\r\nx\r\n")),
            kStored);
  ASSERT_EQ(ask("lru_crawler mgdump all\r\n"), "OK\r\n");
  EXPECT_EQ(client_->receive_line(), "mg d2l0aAFjb250cm9s b\r\n");
  EXPECT_EQ(client_->receive_line(), "EN\r\n");
  EXPECT_EQ(ask("get in-step\r\n"), kEnd);
}

TEST_F(WireDump, ListingsRefuseToQueueBehindReplies) {
  ASSERT_TRUE(client_->send("version\r\nlru_crawler metadump all\r\nget in-step\r\n"));
  EXPECT_EQ(client_->receive_line().value_or("").rfind("VERSION", 0), 0U);
  EXPECT_EQ(client_->receive_line(), "ERROR cannot pipeline other commands before metadump\r\n");
  EXPECT_EQ(client_->receive_line(), kEnd);
}

TEST_F(WireDump, ClassesAreNamedByNumber) {
  EXPECT_EQ(ask("lru_crawler metadump\r\n"), kError);
  for (const char* const words : {"0", "64", "x", "-1", "1,,x"}) {
    EXPECT_EQ(ask("lru_crawler metadump " + std::string(words) + "\r\n"), "BADCLASS invalid class id\r\n") << words;
  }
  EXPECT_EQ(ask("get in-step\r\n"), kEnd);
}

TEST_F(WireDump, RequestsBehindAListingWaitForItsEnd) {
  ASSERT_EQ(ask("set only 0 0 1\r\nx\r\n"), kStored);
  ASSERT_TRUE(client_->send("lru_crawler metadump all\r\nget only\r\n"));
  ASSERT_EQ(client_->receive_line(), "OK\r\n");
  EXPECT_EQ(client_->receive_line().value_or("").rfind("key=only ", 0), 0U);
  EXPECT_EQ(client_->receive_line(), kEnd);
  EXPECT_EQ(client_->receive_through(kEnd), found("only", "x"));
}

}  // namespace
}  // namespace martlet::wire
