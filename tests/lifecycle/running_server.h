// RunningServer: the built server as a process of its own, and what these tests look at from outside: its figures, its
// memory and processor time, its log, how it ends.
//
// Unless told otherwise it listens on 127.0.0.1 and ::1 on a port the kernel picks, learnt from the port file, and has
// one connection open to itself: the test's own, by which it reads `stats`. As root it is run as nobody.
#pragma once

#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/client.h"
#include "tests/support/endpoint.h"

namespace martlet::lifecycle {

using support::Client;
using support::ClientOptions;
using support::Transport;

// Sanitizers keep memory of their own beside the server's: bounds on it hold in plain builds only.
inline constexpr bool kMemoryIsTheServers = MARTLET_PLAIN_BUILD;

struct ServerOptions {
  std::vector<std::string> flags = {};  // -p and -l may be among them, instead of the usual
  bool unix_socket = false;             // as well, or alone without `tcp`
  bool tcp = true;
  std::vector<std::pair<std::string, std::string>> environment = {};
  std::optional<rlimit> descriptors = {};  // RLIMIT_NOFILE at its start
};

using Stats = std::map<std::string, std::string>;

class RunningServer {
 public:
  // Fails the test and returns null when the server does not answer in time.
  static std::unique_ptr<RunningServer> start(const ServerOptions& options = {});
  ~RunningServer();
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  uint16_t port() const { return port_; }
  const std::string& unix_path() const { return unix_path_; }
  const std::string& directory() const { return directory_; }  // the test's own, writable by the server
  std::string port_file() const;
  support::ChildProcess& process() { return *child_; }

  // A new connection; null when refused.
  std::unique_ptr<Client> connect(Transport transport = Transport::tcp4, const ClientOptions& options = {}) const;
  // `count` of them, all of which have been served a request. Fails the test when one is not.
  std::vector<std::unique_ptr<Client>> connect_many(size_t count, Transport transport = Transport::tcp4) const;

  // Through the test's own connection. Empty when there is no answer, which fails the test.
  Stats stats(const std::string& topic = "");
  uint64_t stat(const std::string& name);
  // Closes the test's own connection; the next stats() opens it again.
  void hang_up() { observer_.reset(); }
  bool observe();  // opens it

  uint64_t memory() const;                           // resident bytes
  std::chrono::milliseconds processor_time() const;  // of all threads
  std::string log() const { return child_->output(); }
  bool limit_descriptors(uint64_t soft) const;  // of the running process

 private:
  RunningServer() = default;
  bool launch(const ServerOptions& options, std::string* error);
  bool answers(const ServerOptions& options);

  std::string directory_;
  std::string unix_path_;
  uint16_t port_ = 0;
  std::unique_ptr<support::ChildProcess> child_;
  std::unique_ptr<Client> observer_;
};

// The words of a command line for the built server, which is then run as nobody by root.
std::vector<std::string> command_line(const std::vector<std::string>& flags);

// Runs the server where it should refuse to start; its exit code (empty: it is still there after 5 s) and what it said.
std::pair<std::optional<int>, std::string> run_to_end(const support::ChildOptions& options);

// Polls until `condition` holds; false when it does not within `deadline`.
template <typename Condition>
bool eventually(Condition condition, std::chrono::milliseconds deadline = std::chrono::seconds(10)) {
  const auto until = std::chrono::steady_clock::now() + deadline;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

// One request and the first line of its answer, without the line end; the reason in angle brackets when there is none.
std::string ask(Client& client, const std::string& request);

// Is there something to read, or the end of the stream?
bool has_input(const Client& client);

// Stores a value of `size` bytes.
bool store(Client& client, const std::string& key, size_t size, char fill = 'x');

}  // namespace martlet::lifecycle
