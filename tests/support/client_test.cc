// The client against a peer made by hand: pieces arrive apart, receives are exact, deadlines hold.
#include "tests/support/client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "threads/unique_fd.h"

namespace martlet::support {
namespace {

using threads::UniqueFd;

// A listening socket of the wanted kind, and where to reach it.
class Listener {
 public:
  explicit Listener(Transport transport) {
    endpoint_.transport = transport;
    if (transport == Transport::unix_stream) {
      listen_unix();
    } else if (transport == Transport::tcp4) {
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      listen_tcp(reinterpret_cast<sockaddr*>(&address), sizeof address, &address.sin_port);
    } else {
      sockaddr_in6 address{};
      address.sin6_family = AF_INET6;
      address.sin6_addr = in6addr_loopback;
      listen_tcp(reinterpret_cast<sockaddr*>(&address), sizeof address, &address.sin6_port);
    }
  }
  ~Listener() {
    if (!endpoint_.path.empty()) ::unlink(endpoint_.path.c_str());
  }

  const Endpoint& endpoint() const { return endpoint_; }
  UniqueFd accept() { return UniqueFd(::accept(fd_.get(), nullptr, nullptr)); }

 private:
  void listen_tcp(sockaddr* address, socklen_t size, const in_port_t* port) {
    fd_.reset(::socket(address->sa_family, SOCK_STREAM, 0));
    ASSERT_EQ(::bind(fd_.get(), address, size), 0);
    ASSERT_EQ(::listen(fd_.get(), 4), 0);
    ASSERT_EQ(::getsockname(fd_.get(), address, &size), 0);
    endpoint_.port = ntohs(*port);
  }

  void listen_unix() {
    char name[] = "/tmp/martlet-client-XXXXXX";
    const UniqueFd file(::mkstemp(name));
    ::unlink(name);
    endpoint_.path = name;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name, sizeof name);
    fd_.reset(::socket(AF_UNIX, SOCK_STREAM, 0));
    ASSERT_EQ(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(fd_.get(), 4), 0);
  }

  UniqueFd fd_;
  Endpoint endpoint_;
};

class ClientOver : public testing::TestWithParam<Transport> {
 protected:
  void SetUp() override {
    ClientOptions options;
    options.deadline = std::chrono::milliseconds(2000);
    client_ = Client::connect(listener_.endpoint(), options);
    ASSERT_NE(client_, nullptr);
    peer_ = listener_.accept();
    ASSERT_TRUE(peer_.valid());
  }

  void peer_says(std::string_view bytes) {
    ASSERT_EQ(::send(peer_.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }

  Listener listener_{GetParam()};
  std::unique_ptr<Client> client_;
  UniqueFd peer_;
};

TEST_P(ClientOver, PiecesAreReadsOfTheirOwnHoweverSlowThePeer) {
  const std::string text = "0123456789abcdefg";
  std::vector<std::string> reads;
  std::thread reader([&] {
    char buffer[100];
    size_t total = 0;
    while (total < text.size()) {
      if (reads.size() % 3 == 1) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      const ssize_t got = ::recv(peer_.get(), buffer, sizeof buffer, 0);
      if (got <= 0) return;
      reads.emplace_back(buffer, static_cast<size_t>(got));
      total += static_cast<size_t>(got);
    }
  });
  EXPECT_TRUE(client_->send_in_pieces(text, 3)) << client_->last_error();
  reader.join();
  EXPECT_EQ(reads, (std::vector<std::string>{"012", "345", "678", "9ab", "cde", "fg"}));
}

TEST_P(ClientOver, ReceivesAreExactAndKeepTheRest) {
  peer_says("one\r\ntwo\r\nEND\r\nrest");
  EXPECT_EQ(client_->receive_line(), "one\r\n");
  EXPECT_EQ(client_->receive_through("END\r\n"), "two\r\nEND\r\n");
  EXPECT_EQ(client_->receive(2), "re");
  peer_.reset();
  EXPECT_EQ(client_->receive_until_close(), "st");
}

TEST_P(ClientOver, EndBeforeTheLastByteIsNoAnswer) {
  peer_says("abc");
  peer_.reset();
  EXPECT_EQ(client_->receive(4), std::nullopt);
  EXPECT_EQ(client_->last_error(), "closed by the server");
  EXPECT_EQ(client_->inbox(), "abc");
}

TEST_P(ClientOver, SilentPeerMeetsTheDeadline) {
  ClientOptions options;
  options.deadline = std::chrono::milliseconds(30);
  const auto hasty = Client::connect(listener_.endpoint(), options);
  ASSERT_NE(hasty, nullptr);
  EXPECT_EQ(hasty->receive_line(), std::nullopt);
  EXPECT_EQ(hasty->last_error(), "deadline");
  EXPECT_EQ(hasty->receive_until_close(), std::nullopt);
}

TEST_P(ClientOver, PieceThatIsNeverReadMeetsTheDeadline) {
  ClientOptions options;
  options.deadline = std::chrono::milliseconds(30);
  const auto hasty = Client::connect(listener_.endpoint(), options);
  ASSERT_NE(hasty, nullptr);
  EXPECT_FALSE(hasty->send_in_pieces("abcd", 2));
  EXPECT_EQ(hasty->last_error(), "deadline");
}

TEST_P(ClientOver, LongSendTakesRepliesOnTheWay) {
  const std::string text(8 << 20, 'x');
  std::thread echo([&] {
    std::string buffer(65536, '\0');
    for (size_t total = 0; total < text.size();) {
      const ssize_t got = ::recv(peer_.get(), buffer.data(), buffer.size(), 0);
      if (got <= 0 || ::send(peer_.get(), buffer.data(), static_cast<size_t>(got), MSG_NOSIGNAL) != got) return;
      total += static_cast<size_t>(got);
    }
  });
  EXPECT_TRUE(client_->send(text)) << client_->last_error();
  const auto reply = client_->receive(text.size());
  EXPECT_TRUE(reply.has_value() && *reply == text);
  client_.reset();
  echo.join();
}

TEST_P(ClientOver, HalfCloseLetsThePeerAnswer) {
  client_->half_close();
  char byte = 0;
  EXPECT_EQ(::recv(peer_.get(), &byte, 1, 0), 0);
  peer_says("bye");
  peer_.reset();
  EXPECT_EQ(client_->receive_until_close(), "bye");
}

std::string name_of_transport(const testing::TestParamInfo<Transport>& param) { return name_of(param.param); }

INSTANTIATE_TEST_SUITE_P(Transports, ClientOver,
                         testing::Values(Transport::tcp4, Transport::tcp6, Transport::unix_stream), name_of_transport);

}  // namespace
}  // namespace martlet::support
