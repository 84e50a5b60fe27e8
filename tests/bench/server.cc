// Start and readiness of the server under test.
#include "tests/bench/server.h"

#include <fmt/format.h>
#include <unistd.h>

#include <thread>

#include "tests/bench/errors.h"

namespace martlet::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr Milliseconds kStartTimeout{5000};

bool answers(const Endpoint& endpoint) {
  try {
    TextClient::connect(endpoint, Milliseconds(500)).version();
    return true;
  } catch (const BenchError&) {
    return false;
  }
}

// The readiness probe's connections must be gone before anything is counted: waits until three readings in a row agree.
void wait_until_steady(const ChildProcess& process) {
  std::uint64_t last = process.descriptors();
  for (int equal = 0, tries = 0; equal < 3 && tries < 50; ++tries) {
    std::this_thread::sleep_for(Milliseconds(20));
    const std::uint64_t count = process.descriptors();
    equal = count == last ? equal + 1 : 0;
    last = count;
  }
}

}  // namespace

Server Server::start(const std::string& binary, const std::vector<std::string>& flags, std::optional<unsigned> cpu) {
  const Endpoint endpoint{.address = INADDR_LOOPBACK, .port = pick_free_port()};
  std::vector<std::string> argv{binary, "-l", "127.0.0.1", "-p", std::to_string(endpoint.port), "-U", "0"};
  if (geteuid() == 0) argv.insert(argv.end(), {"-u", "nobody"});
  argv.insert(argv.end(), flags.begin(), flags.end());
  Server server(ChildProcess::start(argv, cpu), endpoint);
  const auto deadline = Clock::now() + kStartTimeout;
  while (!answers(endpoint)) {
    if (const auto code = server.process_.wait(Milliseconds(10))) {
      throw BenchError(fmt::format("server ended at once with {}: {}", *code, server.process_.error_output()));
    }
    if (Clock::now() > deadline) throw BenchError("server does not answer");
  }
  wait_until_steady(server.process());
  return server;
}

std::optional<double> Server::wait_for_descriptors(std::uint64_t count, Milliseconds timeout) const {
  const auto begin = Clock::now();
  for (;;) {
    const bool reached = process_.descriptors() <= count;
    const auto passed = Clock::now() - begin;
    if (reached) return std::chrono::duration<double, std::milli>(passed).count();
    if (passed > timeout) return std::nullopt;
    std::this_thread::sleep_for(Milliseconds(2));
  }
}

}  // namespace martlet::bench
