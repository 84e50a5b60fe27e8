// Stories about long pipelines: thousands of mixed commands in one write, every reply there and in order.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/support/conversation.h"
#include "tests/wire/server_pool.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

using support::Transport;

constexpr int kCommands = 10000;
constexpr uint32_t kSeed = 20240611;

// Commands, and the replies a correct server gives, by a model of a few keys.
class MixedCommands {
 public:
  explicit MixedCommands(int count) : random_(kSeed) {
    for (int i = 0; i < count; ++i) add_one();
  }

  const std::string& sends() const { return sends_; }
  const std::string& replies() const { return replies_; }

 private:
  void add_one() {
    const std::string key = "key" + std::to_string(random_() % 50);
    const auto at = items_.find(key);
    const bool present = at != items_.end();
    switch (random_() % 9) {
      case 0:
        return put("set", key, true);
      case 1:
        return put("add", key, !present);
      case 2:
        return put("replace", key, present);
      case 3:
        sends_ += "set " + key + " 0 0 4 noreply\r\n1234\r\n";
        items_[key] = "1234";
        return;
      case 4:
        sends_ += "delete " + key + "\r\n";
        replies_ += items_.erase(key) > 0 ? "DELETED\r\n" : "NOT_FOUND\r\n";
        return;
      case 5:
        sends_ += "append " + key + " 0 0 1\r\n7\r\n";
        replies_ += present ? kStored : "NOT_STORED\r\n";
        if (present) at->second += '7';
        return;
      case 6:
        sends_ += "touch " + key + " 0\r\n";
        replies_ += present ? "TOUCHED\r\n" : "NOT_FOUND\r\n";
        return;
      case 7:
        sends_ += "bogus " + key + "\r\n";
        replies_ += kError;
        return;
      default:
        return get_three();
    }
  }

  void put(const std::string& verb, const std::string& key, bool stores) {
    const std::string value(random_() % 200, static_cast<char>('a' + random_() % 26));
    sends_ += store(verb, key, value);
    replies_ += stores ? kStored : "NOT_STORED\r\n";
    if (stores) items_[key] = value;
  }

  void get_three() {
    sends_ += "get";
    for (int i = 0; i < 3; ++i) {
      const std::string key = "key" + std::to_string(random_() % 50);
      sends_ += ' ' + key;
      const auto at = items_.find(key);
      if (at != items_.end()) replies_ += hit(key, at->second);
    }
    sends_ += "\r\n";
    replies_ += kEnd;
  }

  std::mt19937 random_;
  std::map<std::string, std::string> items_;
  std::string sends_;
  std::string replies_;
};

// The first place where two texts part, with what is around it; empty when they are equal.
std::string difference(const std::string& expected, const std::string& received) {
  if (expected == received) return {};
  size_t at = 0;
  while (at < expected.size() && at < received.size() && expected[at] == received[at]) ++at;
  const size_t from = at < 60 ? 0 : at - 60;
  return "at byte " + std::to_string(at) + "\n  expected " + support::readable(expected.substr(from, 150)) +
         "\n  received " + support::readable(received.substr(from, 150));
}

TEST(WirePipelines, TenThousandMixedCommandsInOneWriteAreAnsweredInOrder) {
  const MixedCommands commands(kCommands);
  std::vector<RunSetup> setups = {{Transport::tcp4, 4, 0}, {Transport::tcp6, 1, 0}, {Transport::unix_stream, 4, 0}};
  if (support::server_kind() == support::ServerKind::in_process) {
    setups.push_back({Transport::tcp4, 1, 1});
    setups.push_back({Transport::unix_stream, 4, 7});
    setups.push_back({Transport::tcp6, 4, 64});
  }
  for (const RunSetup& setup : setups) {
    auto* server = fresh_server({}, setup);
    ASSERT_NE(server, nullptr);
    const auto client = connect(*server, setup.transport);
    ASSERT_NE(client, nullptr);
    ASSERT_TRUE(client->send(commands.sends())) << describe(setup) << ": " << client->last_error();
    const auto replies = client->receive(commands.replies().size());
    ASSERT_TRUE(replies.has_value()) << describe(setup) << ": " << client->last_error() << ", "
                                     << difference(commands.replies(), std::string(client->inbox()));
    ASSERT_EQ(difference(commands.replies(), *replies), "") << describe(setup);
    ASSERT_TRUE(client->inbox().empty()) << describe(setup);
  }
}

TEST(WirePipelines, SeveralClientsAtOnceEachGetTheirOwnReplies) {
  auto* server = fresh_server();
  ASSERT_NE(server, nullptr);
  std::vector<std::unique_ptr<support::Client>> clients;
  for (int i = 0; i < 16; ++i) clients.push_back(connect(*server));
  for (int round = 0; round < 50; ++round) {
    for (size_t i = 0; i < clients.size(); ++i) {
      ASSERT_NE(clients[i], nullptr);
      const std::string key = "client" + std::to_string(i);
      const std::string value = key + " in round " + std::to_string(round);
      ASSERT_TRUE(clients[i]->send(store("set", key, value) + "get " + key + " client0\r\n"));
    }
    for (size_t i = 0; i < clients.size(); ++i) {
      const std::string key = "client" + std::to_string(i);
      const std::string value = key + " in round " + std::to_string(round);
      const auto reply = clients[i]->receive_through("END\r\n");
      ASSERT_TRUE(reply.has_value());
      EXPECT_EQ(reply->rfind(kStored + hit(key, value), 0), 0U) << *reply;
    }
  }
}

TEST(WirePipelines, OverlongKeyFarBackInALongGetLineEndsInOneErrorLine) {
  auto* server = fresh_server();
  ASSERT_NE(server, nullptr);
  const auto client = connect(*server);
  ASSERT_NE(client, nullptr);
  ASSERT_TRUE(client->send(store("set", "a", "x")));
  ASSERT_EQ(client->receive_line(), kStored);
  std::string line = "get";
  for (int i = 0; i < 30000; ++i) line += " a";
  ASSERT_TRUE(client->send(line + " " + key_of(251) + " a\r\nget a\r\nquit\r\n"));
  const auto reply = client->receive_until_close();
  ASSERT_TRUE(reply.has_value()) << client->last_error();
  // Hits may come before the error, where the line was longer than what is buffered; then the error, nothing else.
  const std::string end = kBadLine + found("a", "x");
  ASSERT_GE(reply->size(), end.size());
  EXPECT_EQ(reply->substr(reply->size() - end.size()), end);
  const std::string hits = reply->substr(0, reply->size() - end.size());
  const std::string one = hit("a", "x");
  ASSERT_EQ(hits.size() % one.size(), 0U) << support::readable(hits);
  for (size_t i = 0; i < hits.size(); i += one.size()) ASSERT_EQ(hits.substr(i, one.size()), one);
}

}  // namespace
}  // namespace martlet::wire
