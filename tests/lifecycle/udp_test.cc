// UDP as a whole server has it: off, on, its ports and sockets, and the end.
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <fstream>
#include <sstream>

#include "tests/lifecycle/running_server.h"
#include "tests/support/udp_client.h"

namespace martlet::lifecycle {
namespace {

using std::chrono::seconds;
using support::UdpClient;
using testing::ElementsAre;

std::string contents(const std::string& path) {
  std::ostringstream all;
  all << std::ifstream(path).rdbuf();
  return all.str();
}

// The port of the first line of the port file that begins so; 0 when there is none.
uint16_t port_of(const RunningServer& server, const std::string& kind) {
  const std::string all = contents(server.port_file());
  const size_t at = all.find(kind + ": ");
  return at == std::string::npos ? uint16_t{0} : static_cast<uint16_t>(std::atoi(all.c_str() + at + kind.size() + 2));
}

// A port that nobody else has for UDP or TCP on 127.0.0.1, kept from others as long as this lives.
class TakenPort {
 public:
  TakenPort() {
    for (int attempt = 0; attempt < 50 && port_ == 0; ++attempt) take_one();
  }
  std::string text() const { return std::to_string(port_); }
  uint16_t port() const { return port_; }
  void let_go() {
    udp_.reset();
    tcp_.reset();
  }

 private:
  void take_one() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    udp_ = threads::UniqueFd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    tcp_ = threads::UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::bind(udp_.get(), any, size) != 0 || ::getsockname(udp_.get(), any, &size) != 0) return;
    if (::bind(tcp_.get(), any, size) == 0) port_ = ntohs(address.sin_port);
  }

  threads::UniqueFd udp_;
  threads::UniqueFd tcp_;
  uint16_t port_ = 0;
};

// Served by all UDP sockets together, as their rows show it.
int udp_requests(RunningServer& server) {
  const Stats rows = server.stats("conns");
  int requests = 0;
  for (const auto& [name, value] : rows) {
    if (value == "UDP") requests += std::atoi(rows.at(name.substr(0, name.find(':')) + ":requests").c_str());
  }
  return requests;
}

TEST(UdpServer, IsOffUnlessAskedFor) {
  const auto server = RunningServer::start();
  ASSERT_NE(server, nullptr);
  EXPECT_EQ(port_of(*server, "UDP INET"), 0U);
  EXPECT_EQ(server->stats("settings")["udpport"], "0");
  for (const auto& [name, value] : server->stats("conns")) EXPECT_NE(value.substr(0, 3), "udp") << name;
}

TEST(UdpServer, ShowsASocketOfEachAddressForEachWorker) {
  const auto server = RunningServer::start({.flags = {"-U", "-1", "-t", "3", "-l", "127.0.0.1,[::1]"}});
  ASSERT_NE(server, nullptr);
  const uint16_t port = port_of(*server, "UDP INET");
  ASSERT_NE(port, 0U);
  EXPECT_EQ(port_of(*server, "UDP INET6"), port);
  Stats rows = server->stats("conns");
  std::map<std::string, int> sockets;
  for (const auto& [name, value] : rows) {
    if (value != "UDP") continue;
    const std::string fd = name.substr(0, name.find(':'));
    EXPECT_EQ(name, fd + ":UDP");
    EXPECT_EQ(rows[fd + ":state"], "conn_read");
    EXPECT_EQ(rows[fd + ":requests"], "0");
    ++sockets[rows[fd + ":addr"] + " of " + rows[fd + ":worker"]];
  }
  std::map<std::string, int> expected;
  for (const char* const worker : {" of 0", " of 1", " of 2"}) {
    expected["udp:127.0.0.1:" + std::to_string(port) + worker] = 1;
    expected["udp6:[::1]:" + std::to_string(port) + worker] = 1;
  }
  EXPECT_EQ(sockets, expected);
  EXPECT_EQ(server->stat("curr_connections"), 1U);
  EXPECT_EQ(server->stat("connections_in_use"), 1U + 2 + 6);
}

TEST(UdpServer, CountsWhatItServesAndDrops) {
  const auto server = RunningServer::start({.flags = {"-U", "-1"}});
  ASSERT_NE(server, nullptr);
  const auto client = UdpClient::connect(port_of(*server, "UDP INET"));
  ASSERT_NE(client, nullptr);
  EXPECT_THAT(client->ask("set a 0 0 1\r\nx\r\nget a\r\n"), ElementsAre("STORED\r\n", "VALUE a 0 1\r\nx\r\nEND\r\n"));
  EXPECT_THAT(client->ask("set a 0 0 10\r\nx\r\n"), ElementsAre());
  EXPECT_EQ(server->stat("udp_datagrams_dropped"), 1U);
  EXPECT_EQ(server->stat("cmd_set"), 1U);
  EXPECT_EQ(server->stat("curr_connections"), 1U) << "a peer is no connection";
  // With the two versions that say that there is no more. A row is written after the reply has gone.
  EXPECT_TRUE(eventually([&] { return udp_requests(*server) == 4; })) << udp_requests(*server);
}

TEST(UdpServer, TcpWithoutAPortOfItsOwnIsOnTheSamePort) {
  TakenPort port;
  ASSERT_NE(port.port(), 0U);
  port.let_go();
  std::string error;
  const auto child =
      support::ChildProcess::start({.words = command_line({"-U", port.text(), "-l", "127.0.0.1"})}, &error);
  ASSERT_NE(child, nullptr) << error;
  std::unique_ptr<Client> client;
  ASSERT_TRUE(eventually([&] {
    return (client = Client::connect({Transport::tcp4, port.port(), {}})) != nullptr;
  })) << child->output();
  EXPECT_EQ(ask(*client, "set a 0 0 1\r\nx"), "STORED");
  const auto peer = UdpClient::connect(port.port());
  ASSERT_NE(peer, nullptr);
  EXPECT_THAT(peer->ask("get a\r\n"), ElementsAre("VALUE a 0 1\r\nx\r\nEND\r\n"));
}

TEST(UdpServer, APortInUseIsAReasonNotToStart) {
  const TakenPort port;
  const auto [code, said] = run_to_end({.words = command_line({"-p", "-1", "-U", port.text()})});
  EXPECT_EQ(code, 71);
  EXPECT_THAT(said, testing::HasSubstr("failed to bind udp:127.0.0.1:" + port.text()));
}

TEST(UdpServer, EndsInTimeUnderAFloodOfDatagrams) {
  const auto server = RunningServer::start({.flags = {"-U", "-1"}});
  ASSERT_NE(server, nullptr);
  const auto client = UdpClient::connect(port_of(*server, "UDP INET"));
  ASSERT_NE(client, nullptr);
  server->hang_up();
  ASSERT_TRUE(server->process().signal(SIGTERM));
  const std::string datagram = support::framed(1, "get a\r\n");
  EXPECT_TRUE(eventually([&] {
    for (int i = 0; i < 100; ++i) (void)client->send(datagram);
    return !server->process().running();
  }));
  EXPECT_EQ(server->process().wait_for_end(seconds(1)), 0);
}

}  // namespace
}  // namespace martlet::lifecycle
