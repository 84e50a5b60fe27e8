// Stories about long binary pipelines: thousands of mixed packets in one write, every reply there and in order, and no
// byte of a body executed, however the headers lie.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/client.h"
#include "tests/support/conversation.h"
#include "tests/wire/binary_text.h"
#include "tests/wire/server_pool.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

using support::Client;
using support::Transport;

constexpr int kPackets = 10000;
constexpr int kLies = 1000;

// Packets, and the replies a correct server gives, by a model of a few keys.
class MixedPackets {
 public:
  explicit MixedPackets(uint32_t seed) : random_(seed) {
    for (int i = 0; i < kPackets; ++i) add_one();
    exchange(bare(kNoop), done(kNoop));
  }

  const std::string& sends() const { return sends_; }
  // One for each packet, empty where nothing is said.
  const std::vector<std::string>& replies() const { return replies_; }

 private:
  void exchange(const std::string& send, const std::string& answer) {
    sends_ += send;
    replies_.push_back(answer);
  }

  void add_one() {
    const std::string key = "key" + std::to_string(random_() % 50);
    const auto at = items_.find(key);
    const bool present = at != items_.end();
    const bool quiet = random_() % 2 == 0;
    switch (random_() % 8) {
      case 0:
        return store(quiet ? kSetQ : kSet, key, true, quiet, "");
      case 1:
        return store(quiet ? kAddQ : kAdd, key, !present, quiet, key_exists(quiet ? kAddQ : kAdd));
      case 2:
        return store(quiet ? kReplaceQ : kReplace, key, present, quiet, not_found(quiet ? kReplaceQ : kReplace));
      case 3:
        return remove(quiet ? kDeleteQ : kDelete, key, quiet);
      case 4:
        return append(quiet ? kAppendQ : kAppend, key, quiet);
      case 5:
        return exchange(ask(0x70, "", "", std::string(random_() % 100, '\x80')).bytes(), unknown(0x70));
      case 6:
        return get(quiet ? kGetKQ : kGetK, key, quiet ? "" : not_found_key(kGetK, key), key);
      default:
        return get(quiet ? kGetQ : kGet, key, quiet ? "" : not_found(kGet), "");
    }
  }

  void store(uint8_t op, const std::string& key, bool stores, bool quiet, const std::string& refusal) {
    const std::string value(random_() % 200, static_cast<char>('a' + random_() % 26));
    exchange(put(op, key, value), !stores ? refusal : quiet ? "" : put_done(op));
    if (stores) items_[key] = value;
  }

  void remove(uint8_t op, const std::string& key, bool quiet) {
    const bool removed = items_.erase(key) > 0;
    exchange(of_key(op, key), !removed ? not_found(op) : quiet ? "" : done(op));
  }

  void append(uint8_t op, const std::string& key, bool quiet) {
    const auto at = items_.find(key);
    exchange(join(op, key, "7"), at == items_.end() ? not_joined(op) : quiet ? "" : put_done(op));
    if (at != items_.end()) at->second += '7';
  }

  void get(uint8_t op, const std::string& key, const std::string& miss, const std::string& told) {
    const auto at = items_.find(key);
    exchange(of_key(op, key), at == items_.end() ? miss : hit_of(op, at->second, 0, told));
  }

  std::mt19937 random_;
  std::map<std::string, std::string> items_;
  std::string sends_;
  std::vector<std::string> replies_;
};

// The first packet that is answered otherwise; empty when there is none.
std::string first_difference(const std::vector<std::string>& expected, std::string_view received) {
  support::Values values;
  for (size_t i = 0; i < expected.size(); ++i) {
    size_t matched = 0;
    if (support::match(expected[i], received, &values, &matched) != support::Match::yes) {
      return "packet " + std::to_string(i) + ": expected " + support::readable(expected[i]) + "\n  received " +
             support::readable(received.substr(0, 150));
    }
    received.remove_prefix(matched);
  }
  return received.empty() ? std::string{} : "left over: " + support::readable(received);
}

TEST(WireBinaryPipelines, TenThousandMixedPacketsInOneWriteAreAnsweredInOrder) {
  const MixedPackets packets(20260103);
  std::vector<RunSetup> setups = {{Transport::tcp4, 4, 0}, {Transport::unix_stream, 4, 0}};
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
    ASSERT_TRUE(client->send(packets.sends())) << describe(setup) << ": " << client->last_error();
    const auto replies = client->receive_through(done(kNoop));
    ASSERT_TRUE(replies.has_value()) << describe(setup) << ": " << client->last_error();
    ASSERT_EQ(first_difference(packets.replies(), *replies), "") << describe(setup);
    ASSERT_TRUE(client->inbox().empty()) << describe(setup);
  }
}

// Packets whose bodies are full of other packets, with sizes, opcodes and ids that do not fit.
class Liar {
 public:
  explicit Liar(uint32_t seed) : random_(seed) {}

  std::string lie() {
    const std::string body = poison_packets();
    switch (below(6)) {
      case 0:  // too large
        return put(static_cast<uint8_t>(kSet + below(3)), "key", body + std::string(1024, '\x80'));
      case 1:  // not served
        return ask(static_cast<uint8_t>(0x40 + below(100)), key(), std::string(below(30), 'e'), body).bytes();
      case 2:  // more than an opcode takes
        return ask(static_cast<uint8_t>(below(0x25)), key(), std::string(below(30), 'e'), body).bytes();
      case 3:  // an id that nothing has
        return put(kSet, "guard", body, big64(1 + random_()));
      case 4:  // sizes that contradict each other
        return support::header(static_cast<uint8_t>(below(256)), 200 + below(1000), below(256), below(200)) + body;
      default:  // a body past belief
        return support::header(static_cast<uint8_t>(below(256)), 3, 8, (size_t{1} << 30) + 1 + below(1 << 20)) + body;
    }
  }

 private:
  size_t below(size_t limit) { return random_() % limit; }
  std::string key() { return std::string(below(4) == 0 ? 251 + below(300) : below(250), 'k'); }

  std::string poison_packets() {
    std::string body;
    const size_t count = 1 + below(5);
    for (size_t i = 0; i < count; ++i) {
      static const std::string kPoisons[] = {bare(kFlush), of_key(kDeleteQ, "guard"), expire(kTouch, "guard", 1),
                                             put(kSetQ, "guard", "bad"), join(kAppendQ, "guard", "bad")};
      body += kPoisons[below(5)];
    }
    return body;
  }

  std::mt19937 random_;
};

class WireBinarySmuggling : public testing::TestWithParam<size_t> {};

TEST_P(WireBinarySmuggling, BytesOfABodyAreNeverExecuted) {
  if (support::server_kind() == support::ServerKind::reference) GTEST_SKIP() << "memcached executes them";
  auto* server = fresh_server({"-I", "1k"}, {Transport::tcp4, 4, GetParam()});
  ASSERT_NE(server, nullptr);
  const auto keeper = connect(*server);
  ASSERT_NE(keeper, nullptr);
  ASSERT_TRUE(keeper->send(store("set", "guard", "100000") + "gets guard\r\n"));
  ASSERT_EQ(keeper->receive_line(), kStored);
  const auto guard = keeper->receive_through("END\r\n");
  ASSERT_TRUE(guard.has_value());

  Liar liar(20260104 + static_cast<uint32_t>(GetParam()));
  std::unique_ptr<Client> client;
  int kept = 0;
  for (int i = 0; i < kLies; ++i) {
    if (client == nullptr) client = connect(*server);
    ASSERT_NE(client, nullptr);
    const std::string lie = liar.lie();
    // Answered when the lie is over, unless it ended the connection.
    Packet mark = ask(kNoop);
    mark.opaque = 0x10000000U + static_cast<uint32_t>(i);
    Packet answer = reply(kNoop);
    answer.opaque = mark.opaque;
    bool open = client->send(lie + mark.bytes());
    while (open && client->inbox().find(answer.bytes()) == std::string_view::npos) {
      const Client::More more = client->receive_more();
      ASSERT_NE(more, Client::More::deadline)
          << support::readable(lie) << " was answered by " << support::readable(client->inbox());
      open = more == Client::More::bytes;
    }
    if (open) {
      client->consume(client->inbox().size());
      ++kept;
    } else {
      client.reset();
    }
    ASSERT_TRUE(keeper->send("gets guard\r\n"));
    ASSERT_EQ(keeper->receive_through("END\r\n"), guard) << "after " << support::readable(lie);
  }
  EXPECT_GT(kept, kLies / 4);  // many of the lies are dropped and the stream goes on
}

INSTANTIATE_TEST_SUITE_P(ReadsOf, WireBinarySmuggling, testing::Values(0, 1, 3, 64),
                         [](const testing::TestParamInfo<size_t>& split) {
                           return split.param == 0 ? std::string("Everything") : std::to_string(split.param) + "Bytes";
                         });

}  // namespace
}  // namespace martlet::wire
