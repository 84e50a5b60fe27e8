// Property: the bytes of a value are never executed as commands, however the length lies about them.
//
// Random stores whose values are full of flush_all and delete are sent with lengths, flags, keys and ids that do not
// fit. What the guard holds is then read over another connection.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/support/client.h"
#include "tests/support/conversation.h"
#include "tests/wire/server_pool.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

using support::Client;
using support::Transport;

constexpr uint32_t kSeed = 20240612;
constexpr int kLies = 1000;

const char* const kVerbs[] = {"set", "add", "replace", "append", "prepend", "cas"};
const char* const kPoisons[] = {"flush_all", "delete guard", "touch guard -1", "incr guard 1", "gat -1 guard"};

class Liar {
 public:
  explicit Liar(uint32_t seed) : random_(seed) {}

  // A store and its value, as sent by someone who is mistaken, or worse, about one thing.
  std::string lie() {
    switch (random_() % 5) {
      case 0:
        return too_short_a_length();
      case 1:
        return bad_word();
      case 2:
        return line("key", "0", "0", unusable_length()) + poison_lines();
      case 3:
        return too_large();
      default:
        return too_long_a_length();
    }
  }

 private:
  size_t below(size_t limit) { return random_() % limit; }

  std::string line(const std::string& key, const std::string& flags, const std::string& exptime,
                   const std::string& length) {
    const std::string verb = kVerbs[below(6)];
    const std::string id = verb == "cas" ? " 1" : "";
    const std::string quiet = below(4) == 0 ? " noreply" : "";
    return verb + " " + key + " " + flags + " " + exptime + " " + length + id + quiet + "\r\n";
  }

  // A value of one line that hides commands: the whole of it must be dropped, from wherever the length cuts it.
  std::string one_line() {
    std::string text(below(20), 'v');
    do {
      text += kPoisons[below(5)];
      if (below(2) == 0) text += ' ';
    } while (below(3) != 0);
    return text;
  }

  std::string poison_lines() {
    std::string text;
    const size_t count = 1 + below(5);
    for (size_t i = 0; i < count; ++i) text += std::string(kPoisons[below(5)]) + "\r\n";
    return text;
  }

  // The length cuts the value off right before a command, or anywhere.
  std::string too_short_a_length() {
    const std::string value = one_line();
    const size_t at = below(2) == 0 ? value.find_first_not_of('v') : below(value.size());
    const size_t cut = at >= 2 ? at - 2 : 0;
    return line("key", "0", "0", std::to_string(cut)) + value + "\r\n";
  }

  // The value ends before its length does: what comes next belongs to it.
  std::string too_long_a_length() {
    const std::string value = poison_lines();
    const size_t more = 1 + below(300);
    return line("key", "0", "0", std::to_string(value.size() + more)) + value + std::string(more, 'z') + "\r\n";
  }

  std::string bad_word() {
    const std::string value = poison_lines();
    const std::string length = std::to_string(value.size());
    switch (below(5)) {
      case 0:
        return line(key_of(251 + below(300)), "0", "0", length) + value + "\r\n";
      case 1:
        return line("key", "-1", "0", length) + value + "\r\n";
      case 2:
        return line("key", "4294967296", "0", length) + value + "\r\n";
      case 3:
        return line("key", "0", "never", length) + value + "\r\n";
      default:
        return "cas key 0 0 " + length + " x\r\n" + value + "\r\n";
    }
  }

  std::string unusable_length() {
    switch (below(3)) {
      case 0:
        return "-" + std::to_string(1 + random_());
      case 1:
        return std::to_string(2147483646ULL + random_());
      default:
        return std::to_string(random_()) + std::to_string(1000000000ULL + random_()) + "0";
    }
  }

  std::string too_large() {
    const std::string value = poison(1025 + below(5000));
    return line("key", "0", "0", std::to_string(value.size())) + value + "\r\n";
  }

  std::mt19937 random_;
};

class WireSmuggling : public testing::TestWithParam<size_t> {};

TEST_P(WireSmuggling, BytesOfAValueAreNeverExecuted) {
  if (support::server_kind() == support::ServerKind::reference) GTEST_SKIP() << "memcached executes them";
  const RunSetup setup{Transport::tcp4, 4, GetParam()};
  auto* server = fresh_server({"-I", "1k"}, setup);
  ASSERT_NE(server, nullptr);
  const auto keeper = connect(*server);
  ASSERT_NE(keeper, nullptr);
  ASSERT_TRUE(keeper->send("set guard 7 0 6\r\n100000\r\n"));
  ASSERT_EQ(keeper->receive_line(), kStored);
  ASSERT_TRUE(keeper->send("gets guard\r\n"));
  const auto guard = keeper->receive_through("END\r\n");
  ASSERT_TRUE(guard.has_value());

  Liar liar(kSeed + static_cast<uint32_t>(setup.split));
  std::unique_ptr<Client> client;
  for (int i = 0; i < kLies; ++i) {
    if (client == nullptr) client = connect(*server);
    ASSERT_NE(client, nullptr);
    const std::string lie = liar.lie();
    // The mark is heard when the lie is over, unless it ended the connection. The empty line before it is for the
    // stores that still wait for the end of a line.
    const std::string mark = "in-step" + std::to_string(i);
    ASSERT_TRUE(keeper->send(store("set", mark, "m")));
    ASSERT_EQ(keeper->receive_line(), kStored);
    const std::string answer = found(mark, "m");
    bool open = client->send(lie + "\r\nget " + mark + "\r\n");
    while (open && client->inbox().find(answer) == std::string_view::npos) {
      const Client::More more = client->receive_more();
      ASSERT_NE(more, Client::More::deadline)
          << support::readable(lie) << " was answered by " << support::readable(client->inbox());
      open = more == Client::More::bytes;
    }
    if (open) {
      client->consume(client->inbox().size());
    } else {
      client.reset();
    }
    ASSERT_TRUE(keeper->send("gets guard\r\n"));
    ASSERT_EQ(keeper->receive_through("END\r\n"), guard) << "after " << support::readable(lie);
  }
}

INSTANTIATE_TEST_SUITE_P(ReadsOf, WireSmuggling, testing::Values(0, 1, 3, 64),
                         [](const testing::TestParamInfo<size_t>& split) {
                           return split.param == 0 ? std::string("Everything") : std::to_string(split.param) + "Bytes";
                         });

}  // namespace
}  // namespace martlet::wire
