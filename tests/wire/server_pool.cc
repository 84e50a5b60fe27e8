// The pool, and the set of setups.
#include "tests/wire/server_pool.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>

#include "tests/support/binary_packet.h"

namespace martlet::wire {
namespace {

using support::Client;
using support::ServerKind;
using support::ServerUnderTest;
using support::TestServerOptions;
using support::Transport;

constexpr size_t kMaxRunning = 16;
constexpr Transport kTransports[] = {Transport::tcp4, Transport::tcp6, Transport::unix_stream};

class PoolEnvironment final : public testing::Environment {
 public:
  void TearDown() override { pool.stop_all(); }

  ServerPool pool;
};

// Empties the server behind the client.
bool flush(Client& client, bool in_binary) {
  if (!in_binary) return client.send("flush_all\r\n") && client.receive_line().has_value();
  support::Packet packet;
  packet.opcode = 0x08;
  const std::string question = packet.bytes();
  return client.send(question) && client.receive(question.size()).has_value();
}

// Owned by GoogleTest.
PoolEnvironment* pool_environment() {
  static PoolEnvironment* const environment = [] {
    auto* made = new PoolEnvironment;
    testing::AddGlobalTestEnvironment(made);
    return made;
  }();
  return environment;
}

// Added before main, so that GoogleTest tears it down.
[[maybe_unused]] const PoolEnvironment* const kRegistered = pool_environment();

}  // namespace

std::string describe(const RunSetup& setup) {
  return std::string(name_of(setup.transport)) + ", " + std::to_string(setup.workers) + " workers, " +
         (setup.split == 0 ? "reads as they come" : std::to_string(setup.split) + " bytes a read");
}

std::vector<RunSetup> all_setups() {
  const bool in_process = support::server_kind() == ServerKind::in_process;
  const std::vector<int> workers = in_process ? std::vector<int>{1, 4} : std::vector<int>{4};
  const std::vector<size_t> splits = in_process ? std::vector<size_t>{0, 1, 2, 3, 7, 64} : std::vector<size_t>{0, 1, 7};
  std::vector<RunSetup> setups;
  for (const int count : workers) {
    for (const size_t split : splits) {
      for (const Transport transport : kTransports) setups.push_back({transport, count, split});
    }
  }
  return setups;
}

ServerUnderTest* ServerPool::get(const std::vector<std::string>& flags, const RunSetup& setup, std::string* error) {
  const ServerKind kind = support::server_kind();
  TestServerOptions options;
  options.flags = flags;
  options.flags.insert(options.flags.end(), {"-t", std::to_string(setup.workers)});
  // The reference serves either a unix socket or TCP; ours serves both at once.
  options.unix_socket = kind != ServerKind::reference || setup.transport == Transport::unix_stream;
  options.max_read = kind == ServerKind::in_process ? setup.split : 0;

  std::string key = std::to_string(options.max_read) + (options.unix_socket ? "u" : "t");
  for (const std::string& flag : options.flags) key += ' ' + flag;
  for (const Entry& entry : running_) {
    if (entry.key == key) return entry.server.get();
  }
  auto server = support::start_server(options, error);
  if (server == nullptr) return nullptr;
  if (running_.size() >= kMaxRunning) running_.erase(running_.begin());
  running_.push_back({key, std::move(server)});
  return running_.back().server.get();
}

ServerPool& server_pool() { return pool_environment()->pool; }

ServerUnderTest* fresh_server(const std::vector<std::string>& flags, const RunSetup& setup) {
  std::string error;
  ServerUnderTest* server = server_pool().get(flags, setup, &error);
  if (server == nullptr) {
    ADD_FAILURE() << error;
    return nullptr;
  }
  const auto client = connect(*server, setup.transport);
  if (client == nullptr) return nullptr;
  if (!flush(*client, support::speaks_only_binary(flags))) {
    ADD_FAILURE() << "the server does not answer: " << client->last_error();
    return nullptr;
  }
  return server;
}

std::unique_ptr<support::Client> connect(const ServerUnderTest& server, Transport transport,
                                         const support::ClientOptions& options) {
  auto client = support::Client::connect(server.endpoint(transport), options);
  if (client == nullptr) ADD_FAILURE() << "no connection over " << name_of(transport) << ": " << std::strerror(errno);
  return client;
}

}  // namespace martlet::wire
