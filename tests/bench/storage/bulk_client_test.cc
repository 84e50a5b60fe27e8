// The heavy load's client must neither lock up with its server nor lose the order of what it asked.
#include "tests/bench/storage/bulk_client.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/bench/errors.h"
#include "tests/bench/fake_peer.h"

namespace martlet::bench {
namespace {

class BenchBulkClient : public testing::Test {
 protected:
  BenchBulkClient() : client_(BulkClient::connect(peer_.endpoint())), server_(peer_.accept()) {}

  // What the client sends, up to and with `end`.
  std::string receive_until(std::string_view end) const {
    std::string out;
    std::vector<char> block(1U << 16);
    while (!out.ends_with(end)) {
      const ssize_t got = ::recv(server_.fd(), block.data(), block.size(), 0);
      if (got <= 0) break;
      out.append(block.data(), static_cast<std::size_t>(got));
    }
    return out;
  }

  FakePeer peer_;
  BulkClient client_;
  Socket server_;
};

TEST_F(BenchBulkClient, SetsAndGetsAreSentInTheOrderOfTheirQueue) {
  client_.queue_get("a");
  client_.queue_get("b");
  client_.queue_set("c", "value", 7);
  client_.queue_get("d");
  std::string sent;
  std::jthread server([&] {
    sent = receive_until("get d\r\n");
    say(server_, "VALUE b 0 1\r\nx\r\nEND\r\nVALUE d 0 1\r\ny\r\nEND\r\n");
  });
  std::vector<std::size_t> positions;
  client_.exchange([&](std::size_t position, std::string_view) { positions.push_back(position); });
  server.join();
  EXPECT_EQ(sent, "get a b\r\nset c 0 7 5 noreply\r\nvalue\r\nget d\r\n");
  EXPECT_EQ(positions, (std::vector<std::size_t>{1, 2}));
}

TEST_F(BenchBulkClient, AServerThatRepliesAtLengthBeforeItReadsOnDoesNotLockBothUp) {
  constexpr std::size_t kPieces = 16;  // of a megabyte each way: more than the sockets hold
  const std::string value(1U << 20, 'v');
  for (std::size_t i = 0; i < kPieces; ++i) client_.queue_get(fmt::format("k{}", i));
  for (std::size_t i = 0; i < kPieces; ++i) client_.queue_set("s", value);
  client_.queue_get("last");
  std::jthread server([&] {
    char byte = 0;
    static_cast<void>(::recv(server_.fd(), &byte, 1, 0));
    for (std::size_t i = 0; i < kPieces; ++i) {
      const std::string reply = fmt::format("VALUE k{} 0 {}\r\n{}\r\n", i, value.size(), value);
      for (std::size_t sent = 0; sent < reply.size();) {
        sent += static_cast<std::size_t>(::send(server_.fd(), reply.data() + sent, reply.size() - sent, MSG_NOSIGNAL));
      }
    }
    say(server_, "END\r\n");
    receive_until("get last\r\n");
    say(server_, "END\r\n");
  });
  std::size_t found = 0;
  client_.exchange([&](std::size_t, std::string_view got) { found += got == value ? 1U : 0U; });
  EXPECT_EQ(found, kPieces);
}

TEST_F(BenchBulkClient, AStreamThatEndsBeforeItsRepliesIsAnError) {
  client_.queue_get("a");
  server_.close();
  EXPECT_THROW(client_.exchange(), StreamEnded);
}

}  // namespace
}  // namespace martlet::bench
