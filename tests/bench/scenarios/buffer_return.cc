// Buffer return: eight clients send one multiget of 40,000 missing keys each at the same time; the memory that took
// must be given back while they stay connected.
#include <fmt/format.h>

#include <array>
#include <thread>

#include "tests/bench/errors.h"
#include "tests/bench/load.h"
#include "tests/bench/scenarios/catalogue.h"
#include "tests/bench/server.h"

namespace martlet::bench {
namespace {

constexpr std::size_t kClients = 8;
constexpr std::size_t kKeys = 40'000;

constexpr std::array kRows{
    Row{"before", "RSS before eight multigets of 40,000 keys", "KiB", 0, Combine::kMedian, {}},
    Row{"after", "RSS one second after them", "KiB", 0, Combine::kMedian, {}},
    Row{"kept", "RSS not given back", "KiB", 0, Combine::kMedian, {TargetKind::kAtMost, 2048}},
};

std::string multiget(std::size_t client) {
  std::string line = "get";
  for (std::size_t i = 0; i < kKeys; ++i) line += fmt::format(" missing-{}-{:05}", client, i);
  return line + "\r\n";
}

void run(const std::string& binary, const LoadOptions&, Sample& out) {
  const Server server = Server::start(binary, {"-m", "64"});
  std::vector<TextClient> clients = open_clients(server.endpoint(), kClients);
  const auto before = static_cast<double>(server.process().settled_rss_kib());

  std::vector<std::string> answers(kClients);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kClients; ++i) {
    threads.emplace_back([&clients, &answers, i] {
      try {
        answers[i] = clients[i].exchange(multiget(i));
      } catch (const BenchError& error) {
        answers[i] = error.what();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& answer : answers) {
    if (answer != "END") out.complaints.push_back("multiget was answered " + answer.substr(0, 60));
  }
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const auto after = static_cast<double>(server.process().settled_rss_kib());
  for (TextClient& client : clients) client.version();
  out.figures["before"] = before;
  out.figures["after"] = after;
  out.figures["kept"] = after - before;
}

}  // namespace

Scenario buffer_return() { return {"buffers", "memory of large multigets given back", 3, kRows, run}; }

}  // namespace martlet::bench
