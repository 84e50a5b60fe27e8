// What `stats conns` and `stats threads` show of clients, listeners and workers.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

#include "tests/lifecycle/running_server.h"

namespace martlet::lifecycle {
namespace {

using std::chrono::seconds;

// One connection's rows, by name.
using Row = std::map<std::string, std::string>;

// Rows by descriptor.
std::map<std::string, Row> conns(RunningServer& server) {
  std::map<std::string, Row> rows;
  for (const auto& [name, value] : server.stats("conns")) {
    const size_t colon = name.find(':');
    rows[name.substr(0, colon)][name.substr(colon + 1)] = value;
  }
  return rows;
}

// The row of the connection whose address is `peer`; empty when there is none.
Row row_of(RunningServer& server, const std::string& peer) {
  for (const auto& [fd, row] : conns(server)) {
    if (row.at("addr") == peer) return row;
  }
  return {};
}

std::string state_of(RunningServer& server, const std::string& peer) {
  const Row row = row_of(server, peer);
  return row.empty() ? "none" : row.at("state");
}

// As the server names the peer of this client.
std::string peer_name(const Client& client) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(client.fd(), reinterpret_cast<sockaddr*>(&address), &size);
  if (address.ss_family == AF_INET) {
    return "tcp:127.0.0.1:" + std::to_string(ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port));
  }
  return "tcp6:[::1]:" + std::to_string(ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port));
}

TEST(VisibleConnections, ListenersAndClientsOfEachTransport) {
  const auto server = RunningServer::start({.flags = {"-l", "127.0.0.1", "-l", "::1"}, .unix_socket = true});
  ASSERT_NE(server, nullptr);
  const auto tcp4 = server->connect_many(1, Transport::tcp4);
  const auto tcp6 = server->connect_many(1, Transport::tcp6);
  const auto local = server->connect_many(1, Transport::unix_stream);
  ASSERT_TRUE(tcp4.size() == 1 && tcp6.size() == 1 && local.size() == 1);

  const std::string port = std::to_string(server->port());
  const std::string unix_name = "unix:" + server->unix_path();
  std::map<std::string, int> listeners;
  int local_clients = 0;
  for (const auto& [fd, row] : conns(*server)) {
    if (row.at("state") == "conn_listening") {
      ++listeners[row.at("addr")];
    } else if (row.at("addr") == unix_name) {
      EXPECT_EQ(row.at("listen_addr"), unix_name);
      ++local_clients;
    }
  }
  EXPECT_EQ(listeners,
            (std::map<std::string, int>{{"tcp:127.0.0.1:" + port, 1}, {"tcp6:[::1]:" + port, 1}, {unix_name, 1}}));
  EXPECT_EQ(local_clients, 1);
  EXPECT_EQ(row_of(*server, peer_name(*tcp4[0]))["listen_addr"], "tcp:127.0.0.1:" + port);
  EXPECT_EQ(row_of(*server, peer_name(*tcp6[0]))["listen_addr"], "tcp6:[::1]:" + port);
  EXPECT_EQ(conns(*server).size(), 7U);
}

TEST(VisibleConnections, TheStateSaysWhatAClientIsDoing) {
  const auto server = RunningServer::start({.flags = {"-m", "100"}});
  ASSERT_NE(server, nullptr);
  auto clients = server->connect_many(6);
  ASSERT_EQ(clients.size(), 6U);
  ASSERT_TRUE(store(*clients[0], "large", 1'000'000));
  ASSERT_TRUE(clients[1]->send("set small 0 0 10\r\n12345"));
  ASSERT_TRUE(clients[2]->send("set big 0 0 900000\r\n" + std::string(1000, 'b')));
  ASSERT_TRUE(clients[3]->send("set huge 0 0 90000000\r\n" + std::string(1000, 'h')));
  std::string requests;
  for (int i = 0; i < 30; ++i) requests += "get large\r\n";
  ASSERT_TRUE(clients[4]->send(requests));
  ASSERT_TRUE(clients[5]->send("get half a li"));

  const std::vector<std::string> expected{"conn_waiting", "conn_nread",  "conn_nread",
                                          "conn_swallow", "conn_mwrite", "conn_waiting"};
  for (size_t i = 0; i < clients.size(); ++i) {
    const std::string peer = peer_name(*clients[i]);
    EXPECT_TRUE(eventually([&] { return state_of(*server, peer) == expected[i]; }, seconds(5)))
        << i << ": " << state_of(*server, peer);
  }
  // Shown once it sleeps: a moment earlier it was in the same state, still sending.
  EXPECT_TRUE(eventually([&] { return row_of(*server, peer_name(*clients[4]))["resps_waiting"] == "1"; }));
  EXPECT_EQ(row_of(*server, peer_name(*clients[0])).count("resps_waiting"), 0U);

  const std::string gone = peer_name(*clients[2]);
  clients[2].reset();
  EXPECT_TRUE(eventually([&] { return state_of(*server, gone) == "none"; }));
}

TEST(VisibleConnections, AgeAndSilenceAreCountedInSecondsAndRequestsOneByOne) {
  const auto server = RunningServer::start();
  ASSERT_NE(server, nullptr);
  const auto clients = server->connect_many(2);
  ASSERT_EQ(clients.size(), 2U);
  const std::string talker = peer_name(*clients[0]);
  const std::string silent = peer_name(*clients[1]);
  std::this_thread::sleep_for(std::chrono::milliseconds(2100));
  for (int i = 0; i < 9; ++i) EXPECT_EQ(ask(*clients[0], "get a"), "END");
  EXPECT_EQ(row_of(*server, talker)["secs_since_last_cmd"], "0");
  EXPECT_GE(std::stoi(row_of(*server, talker)["age"]), 2);
  EXPECT_EQ(row_of(*server, talker)["requests"], "10");
  EXPECT_GE(std::stoi(row_of(*server, silent)["secs_since_last_cmd"]), 2);
  EXPECT_LE(std::stoi(row_of(*server, silent)["secs_since_last_cmd"]), 4);
  EXPECT_EQ(row_of(*server, silent)["requests"], "1");
}

// Connections of each worker, in their order.
std::vector<uint64_t> loads(RunningServer& server) {
  const Stats rows = server.stats("threads");
  std::vector<uint64_t> found;
  for (size_t i = 0; rows.contains(std::to_string(i) + ":connections"); ++i) {
    found.push_back(std::stoull(rows.at(std::to_string(i) + ":connections")));
  }
  return found;
}

TEST(Dispatch, SpreadsEvenlyAndFillsUpTheWorkersThatHaveFewest) {
  const auto server = RunningServer::start({.flags = {"-t", "4"}});
  ASSERT_NE(server, nullptr);
  auto clients = server->connect_many(399);  // and the test's own
  ASSERT_EQ(clients.size(), 399U);
  EXPECT_EQ(loads(*server), (std::vector<uint64_t>{100, 100, 100, 100}));

  std::map<std::string, std::string> worker_of;
  for (const auto& [fd, row] : conns(*server)) {
    if (row.contains("worker")) worker_of[row.at("addr")] = row.at("worker");
  }
  std::erase_if(clients, [&](const auto& client) {
    const std::string worker = worker_of.at(peer_name(*client));
    return worker == "1" || worker == "3";
  });
  ASSERT_TRUE(eventually([&] { return server->stat("curr_connections") == clients.size() + 1; }));
  const std::vector<uint64_t> after = loads(*server);
  EXPECT_LE(after[1] + after[3], 1U);  // the test's own may be there
  EXPECT_GE(after[0] + after[2], 199U);

  const auto newcomers = server->connect_many(100);
  const std::vector<uint64_t> filled = loads(*server);
  EXPECT_EQ(filled[0], after[0]);
  EXPECT_EQ(filled[2], after[2]);
  EXPECT_EQ(filled[1] + filled[3], after[1] + after[3] + 100);
  EXPECT_LE(std::max(filled[1], filled[3]) - std::min(filled[1], filled[3]), 1U);
}

TEST(Dispatch, RequestsAreCountedOnTheirWorker) {
  const auto server = RunningServer::start({.flags = {"-t", "2"}});
  ASSERT_NE(server, nullptr);
  const auto clients = server->connect_many(1);
  ASSERT_EQ(clients.size(), 1U);
  const std::string worker = row_of(*server, peer_name(*clients[0]))["worker"];
  const uint64_t before = std::stoull(server->stats("threads").at(worker + ":requests"));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(ask(*clients[0], "get a"), "END");
  const uint64_t after = std::stoull(server->stats("threads").at(worker + ":requests"));
  EXPECT_GE(after - before, 50U);
  EXPECT_LE(after - before, 52U);  // the stats themselves may be asked of the same one
}

}  // namespace
}  // namespace martlet::lifecycle
