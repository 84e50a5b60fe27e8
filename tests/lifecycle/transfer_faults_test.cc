// What reading and sending may meet: interruptions, short counts, a connection that breaks. No reply is lost, swapped
// or doubled by any of them.
#include <gtest/gtest.h>

#include <cerrno>
#include <ostream>

#include "tests/lifecycle/faults.h"

namespace martlet::lifecycle {
namespace {

constexpr size_t kClients = 4;

struct Disturbance {
  std::string name;
  FaultCall call;
  Fault fault;
};

// How GoogleTest shows it.
void PrintTo(const Disturbance& disturbance, std::ostream* out) { *out << disturbance.name; }

std::string name_of_disturbance(const testing::TestParamInfo<Disturbance>& info) { return info.param.name; }

std::string value_of(size_t client, size_t round) {
  const size_t size = round % 5 == 4 ? 100'000 : 10 + round * 37;
  return std::string(size, static_cast<char>('a' + (client * 7 + round) % 26));
}

// A pipeline of stores and reads with the replies it must have.
void converse(Client& client, size_t number, size_t round) {
  const std::string key = "k" + std::to_string(number) + "_" + std::to_string(round);
  const std::string value = value_of(number, round);
  const std::string size = std::to_string(value.size());
  const std::string hit = "VALUE " + key + " " + std::to_string(number) + " " + size + "\r\n" + value + "\r\n";
  const std::string requests = "set " + key + " " + std::to_string(number) + " 0 " + size + "\r\n" + value +
                               "\r\nget " + key + " missing " + key + "\r\nincr missing 1\r\nbogus\r\ndelete " + key +
                               "\r\nget " + key + "\r\n";
  const std::string replies = "STORED\r\n" + hit + hit + "END\r\nNOT_FOUND\r\nERROR\r\nDELETED\r\nEND\r\n";
  ASSERT_TRUE(client.send(requests)) << client.last_error();
  const auto got = client.receive(replies.size());
  ASSERT_TRUE(got.has_value()) << client.last_error() << " after " << client.inbox().size() << " bytes";
  ASSERT_TRUE(*got == replies) << "client " << number << " round " << round << ": " << got->substr(0, 200);
}

class Disturbed : public testing::TestWithParam<Disturbance> {};

TEST_P(Disturbed, TransfersGiveTheSameReplies) {
  const auto faults = Faults::create();
  ASSERT_NE(faults, nullptr);
  const auto server = RunningServer::start(faults->under({.flags = {"-t", "2"}, .unix_socket = true}));
  ASSERT_NE(server, nullptr);
  faults->arm(GetParam().call, GetParam().fault);
  std::vector<std::unique_ptr<Client>> clients;
  for (size_t i = 0; i < kClients; ++i) {
    clients.push_back(server->connect(i % 2 == 0 ? Transport::tcp4 : Transport::unix_stream));
    ASSERT_NE(clients.back(), nullptr);
  }
  for (size_t round = 0; round < 10; ++round) {
    for (size_t i = 0; i < kClients; ++i) ASSERT_NO_FATAL_FAILURE(converse(*clients[i], i, round));
  }
  EXPECT_GT(faults->hits(GetParam().call), 4U) << "nothing was disturbed";
  faults->disarm(GetParam().call);
  clients.clear();
  EXPECT_TRUE(eventually([&] { return server->stat("curr_connections") == 1; }));
  EXPECT_EQ(server->log(), "");
}

INSTANTIATE_TEST_SUITE_P(
    By, Disturbed,
    testing::Values(Disturbance{"InterruptedReads", FaultCall::recv, {.error = EINTR, .every = 2}},
                    Disturbance{"ReadsOfNothing", FaultCall::recv, {.error = EAGAIN, .every = 3}},
                    Disturbance{"ReadsOfSevenBytes", FaultCall::recv, {.bytes = 7, .every = 1}},
                    Disturbance{"ReadsOfOneByte", FaultCall::recv, {.bytes = 1, .every = 2}},
                    Disturbance{"InterruptedSends", FaultCall::send, {.error = EINTR, .every = 2}},
                    Disturbance{"SendsOfNothing", FaultCall::send, {.error = EAGAIN, .every = 3}},
                    Disturbance{"SendsOfOneByte", FaultCall::send, {.bytes = 1, .every = 2}},
                    Disturbance{"InterruptedSendmsg", FaultCall::sendmsg, {.error = EINTR, .every = 2}},
                    Disturbance{"SendmsgOfNothing", FaultCall::sendmsg, {.error = EAGAIN, .every = 3}},
                    Disturbance{"SendmsgOfThreeBytes", FaultCall::sendmsg, {.bytes = 3, .every = 2}}),
    name_of_disturbance);

class Broken : public testing::TestWithParam<Disturbance> {};

TEST_P(Broken, ConnectionsEndAloneAndEverythingIsGivenBack) {
  const auto faults = Faults::create();
  ASSERT_NE(faults, nullptr);
  const auto server = RunningServer::start(faults->under({.flags = {"-t", "1"}}));
  ASSERT_NE(server, nullptr);
  const auto bystander = server->connect();
  ASSERT_NE(bystander, nullptr);
  ASSERT_TRUE(store(*bystander, "large", 400'000));
  const std::string hit = "VALUE large 0 400000\r\n" + std::string(400'000, 'x') + "\r\nEND\r\n";
  uint64_t broken = 0;
  for (uint64_t skip = 0; skip < 12; ++skip) {
    const auto victim = server->connect();
    ASSERT_NE(victim, nullptr);
    EXPECT_TRUE(ask(*victim, "version").starts_with("VERSION"));
    Fault fault = GetParam().fault;
    fault.skip = skip;
    fault.count = 1;
    faults->arm(GetParam().call, fault);
    (void)victim->send("set a 0 0 300000\r\n" + std::string(300'000, 'a') + "\r\nget large\r\nget a large\r\n");
    victim->half_close();
    const std::string got = victim->receive_until_close().value_or("<not closed>");
    EXPECT_NE(got, "<not closed>");
    broken += faults->hits(GetParam().call);
    faults->disarm(GetParam().call);
    const std::string whole = "STORED\r\n" + hit + "VALUE a 0 300000\r\n" + std::string(300'000, 'a') + "\r\n" + hit;
    EXPECT_EQ(whole.substr(0, got.size()) == got, true) << "not a beginning of the replies, after " << skip;
    ASSERT_TRUE(eventually([&] { return server->stat("curr_connections") == 2; }));
    EXPECT_EQ(ask(*bystander, "version").substr(0, 7), "VERSION");
  }
  EXPECT_GT(broken, 0U);
  EXPECT_EQ(server->stat("pinned_bytes"), 0U);
  EXPECT_EQ(server->stat("conn_free") + 2, server->stat("connection_structures"));
}

INSTANTIATE_TEST_SUITE_P(By, Broken,
                         testing::Values(Disturbance{"ResetWhileReading", FaultCall::recv, {.error = ECONNRESET}},
                                         Disturbance{"ResetWhileSending", FaultCall::send, {.error = ECONNRESET}},
                                         Disturbance{"BrokenPipe", FaultCall::sendmsg, {.error = EPIPE}}),
                         name_of_disturbance);

// The request comes when the server has just looked for the last time: the client reads the end of the stream, not a
// reset, although what it sent was never read.
TEST(WordsThatComeTooLate, MeetAnOrderlyEnd) {
  for (const std::string flag : {"idle_timeout=1", "request_timeout=1"}) {
    const auto faults = Faults::create();
    ASSERT_NE(faults, nullptr);
    const auto server = RunningServer::start(faults->under({.flags = {"-o", flag}}));
    ASSERT_NE(server, nullptr);
    const auto clients = server->connect_many(1);
    ASSERT_EQ(clients.size(), 1U);
    if (flag.starts_with("request")) {
      ASSERT_TRUE(clients[0]->send("get half a li"));
      ASSERT_TRUE(eventually([&] { return server->stat("bytes_read") > 40; }));
    }
    server->hang_up();
    faults->arm(FaultCall::recv, {.error = EAGAIN});
    ASSERT_TRUE(clients[0]->send("get a\r\n"));
    EXPECT_EQ(clients[0]->receive_until_close(), "") << flag;
    EXPECT_EQ(clients[0]->last_error(), "closed by the server") << flag;
    faults->disarm(FaultCall::recv);
  }
}

}  // namespace
}  // namespace martlet::lifecycle
