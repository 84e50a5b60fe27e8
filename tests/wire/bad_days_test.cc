// Stories about clients that leave in the middle, close halfway or never read: the server serves the others.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/client.h"
#include "tests/support/conversation.h"
#include "tests/wire/server_pool.h"
#include "tests/wire/table_text.h"

namespace martlet::wire {
namespace {

using support::Client;
using support::ClientOptions;
using support::Transport;

constexpr Transport kTransports[] = {Transport::tcp4, Transport::tcp6, Transport::unix_stream};

// The client asks and the answer comes within its deadline.
void expect_served(Client& client, const std::string& send, const std::string& answer) {
  ASSERT_TRUE(client.send(send)) << client.last_error();
  const auto reply = client.receive(answer.size());
  ASSERT_TRUE(reply.has_value()) << client.last_error() << " after " << support::readable(client.inbox());
  EXPECT_EQ(*reply, answer);
}

// The figure of one key of `stats`; empty when there is no answer.
std::string stat(Client& client, const std::string& key) {
  if (!client.send("stats\r\n")) return {};
  const std::string text = client.receive_through("END\r\n").value_or("");
  const std::string mark = "STAT " + key + " ";
  const size_t at = text.find(mark);
  if (at == std::string::npos) return {};
  const size_t from = at + mark.size();
  return text.substr(from, text.find('\r', from) - from);
}

TEST(WireBadDays, DisconnectAtEveryByteLeavesTheServerServing) {
  const std::string recorded =
      "set a 1 0 5\r\nhello\r\nget a nope\r\ngets a\r\nincr n 1\r\nadd b 0 100 3 noreply\r\nxyz\r\n"
      "append a 0 0 2\r\n!!\r\ncas a 0 0 2 5\r\nno\r\ngat 100 a b\r\ntouch a 50\r\nbogus\r\n"
      "set c 0 0 3\r\nabcdef\r\ndelete b\r\nstats\r\nverbosity 0\r\nversion\r\nset guard 0 0 9\r\nnot whole";
  for (const Transport transport : kTransports) {
    const RunSetup setup{transport, 4, 0};
    auto* server = fresh_server({}, setup);
    ASSERT_NE(server, nullptr);
    const auto neighbour = connect(*server, transport);
    ASSERT_NE(neighbour, nullptr);
    expect_served(*neighbour, store("set", "guard", "x"), kStored);
    for (size_t size = 0; size <= recorded.size(); ++size) {
      const auto client = connect(*server, transport);
      ASSERT_NE(client, nullptr) << "after " << size << " bytes";
      ASSERT_TRUE(client->send(recorded.substr(0, size)));
      if (size % 2 == 0) client->reset();
    }
    expect_served(*neighbour, "get guard\r\n", found("guard", "x"));
    const auto newcomer = connect(*server, transport);
    ASSERT_NE(newcomer, nullptr);
    expect_served(*newcomer, "get guard\r\n", found("guard", "x"));

    // Every one of them is noticed: in the end only the two that stayed are counted.
    // Memcached counts all listeners but one with them.
    const bool extra = server->kind() == support::ServerKind::reference && transport != Transport::unix_stream;
    const std::string expected = extra ? "3" : "2";
    std::string connections;
    for (int attempt = 0; attempt < 500 && connections != expected; ++attempt) {
      if (attempt > 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      connections = stat(*neighbour, "curr_connections");
    }
    EXPECT_EQ(connections, expected) << name_of(transport);
  }
}

TEST(WireBadDays, HalfClosedClientGetsAllItsReplies) {
  for (const Transport transport : kTransports) {
    auto* server = fresh_server({}, {transport, 4, 0});
    ASSERT_NE(server, nullptr);
    const auto client = connect(*server, transport);
    ASSERT_NE(client, nullptr);
    const std::string value(1000, 'v');
    std::string sends = store("set", "a", value);
    std::string replies = kStored;
    for (int i = 0; i < 2000; ++i) {
      sends += "get a\r\n";
      replies += found("a", value);
    }
    ASSERT_TRUE(client->send(sends));
    client->half_close();
    const auto received = client->receive_until_close();
    ASSERT_TRUE(received.has_value()) << client->last_error();
    EXPECT_EQ(received->size(), replies.size()) << name_of(transport);
    EXPECT_TRUE(*received == replies) << name_of(transport);
  }
}

TEST(WireBadDays, HalfClosedInTheMiddleOfACommandClosesWithoutExecutingIt) {
  auto* server = fresh_server();
  ASSERT_NE(server, nullptr);
  const auto neighbour = connect(*server);
  ASSERT_NE(neighbour, nullptr);
  expect_served(*neighbour, store("set", "guard", "x"), kStored);
  for (const char* half :
       {"delete guard", "flush_all", "set guard 0 0 3\r\nabc", "set guard 0 0 3\r\nabc\r", "get guard\r"}) {
    const auto client = connect(*server);
    ASSERT_NE(client, nullptr);
    ASSERT_TRUE(client->send("get nope\r\n" + std::string(half)));
    client->half_close();
    EXPECT_EQ(client->receive_until_close(), kEnd) << half;
  }
  expect_served(*neighbour, "get guard\r\n", found("guard", "x"));
}

// A client that asks for more than sockets hold and reads nothing.
class Hog {
 public:
  Hog(const support::ServerUnderTest& server, const std::string& request) {
    ClientOptions options;
    options.receive_buffer = 4096;
    client_ = connect(server, Transport::tcp4, options);
    if (client_ == nullptr) return;
    // Until neither the server nor the sockets in between take any more.
    auto last_progress = std::chrono::steady_clock::now();
    std::string_view rest = request;
    while (std::chrono::steady_clock::now() - last_progress < std::chrono::milliseconds(50) && !rest.empty()) {
      const size_t sent = client_->send_some(rest);
      rest.remove_prefix(sent);
      if (sent > 0) last_progress = std::chrono::steady_clock::now();
      if (sent == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    unsent_ = std::string(rest);
  }

  Client* client() { return client_.get(); }
  const std::string& unsent() const { return unsent_; }

 private:
  std::unique_ptr<Client> client_;
  std::string unsent_;
};

TEST(WireBadDays, PeerThatNeverReadsDoesNotHurtItsNeighbours) {
  auto* server = fresh_server({}, {Transport::tcp4, 1, 0});
  ASSERT_NE(server, nullptr);
  const auto neighbour = connect(*server);
  ASSERT_NE(neighbour, nullptr);
  const std::string large(500000, 'L');
  expect_served(*neighbour, store("set", "large", large), kStored);
  std::string request;
  for (int i = 0; i < 200; ++i) request += "get large\r\n";
  for (int i = 0; i < 20000; ++i) request += "get small nope\r\n";
  Hog hog(*server, request);
  ASSERT_NE(hog.client(), nullptr);

  for (int i = 0; i < 200; ++i) {
    const std::string key = "key" + std::to_string(i);
    expect_served(*neighbour, store("set", key, "v") + "get " + key + "\r\n", kStored + found(key, "v"));
  }
  // What it asked for can be replaced and deleted under it.
  expect_served(*neighbour, "delete large\r\n", "DELETED\r\n");
  expect_served(*neighbour, store("set", "large", "small"), kStored);
  expect_served(*neighbour, "get large\r\n", found("large", "small"));
  hog.client()->reset();
  const auto newcomer = connect(*server);
  ASSERT_NE(newcomer, nullptr);
  expect_served(*newcomer, "get large\r\n", found("large", "small"));
}

TEST(WireBadDays, ManyReferencesToOneItemOutliveItsDeletion) {
  auto* server = fresh_server({}, {Transport::tcp4, 1, 0});
  ASSERT_NE(server, nullptr);
  const auto neighbour = connect(*server);
  ASSERT_NE(neighbour, nullptr);
  const std::string value(100, 'v');
  expect_served(*neighbour, store("set", "k", value), kStored);
  std::string line = "get";
  constexpr size_t kReferences = 70000;
  for (size_t i = 0; i < kReferences; ++i) line += " k";
  Hog hog(*server, line + "\r\n");
  ASSERT_NE(hog.client(), nullptr);
  expect_served(*neighbour, "delete k\r\n", "DELETED\r\n");
  expect_served(*neighbour, store("set", "other", std::string(100, 'o')), kStored);
  expect_served(*neighbour, "get k\r\n", kEnd);

  // The hog reads at last: some hits with the old value, whole ones, then END.
  ASSERT_TRUE(hog.client()->send(hog.unsent())) << hog.client()->last_error();
  const auto reply = hog.client()->receive_through("END\r\n");
  ASSERT_TRUE(reply.has_value()) << hog.client()->last_error();
  const std::string one = hit("k", value);
  const std::string hits = reply->substr(0, reply->size() - 5);
  ASSERT_EQ(hits.size() % one.size(), 0U);
  EXPECT_LE(hits.size() / one.size(), kReferences);
  for (size_t i = 0; i < hits.size(); i += one.size()) ASSERT_EQ(hits.compare(i, one.size(), one), 0) << "hit at " << i;
}

TEST(WireBadDays, ThousandsOfConnectionsOneAfterTheOther) {
  auto* server = fresh_server();
  ASSERT_NE(server, nullptr);
  for (int i = 0; i < 2000; ++i) {
    const auto client = connect(*server, kTransports[i % 2]);
    ASSERT_NE(client, nullptr) << i;
    ASSERT_TRUE(client->send("get nope\r\n"));
    ASSERT_EQ(client->receive_line(), kEnd) << i << ": " << client->last_error();
  }
}

}  // namespace
}  // namespace martlet::wire
