// Connect storm: eight threads connect, send `version`, check the reply and close, as fast as they can.
//
// Connections are closed in order (no reset), from loopback source addresses that change before their ports run out, so
// that TIME_WAIT on the client's side limits nothing. A connection that is refused, late or answered wrongly is lost.
#include <fmt/format.h>

#include <array>
#include <thread>
#include <vector>

#include "tests/bench/errors.h"
#include "tests/bench/load.h"
#include "tests/bench/scenarios/catalogue.h"
#include "tests/bench/server.h"

namespace martlet::bench {
namespace {

constexpr unsigned kThreads = 8;
constexpr unsigned kConnectionsPerSource = 20'000;

constexpr std::array kRows{
    Row{"rate", "connect + version + close, 8 threads", "/s", 0, Combine::kMedian, {TargetKind::kAtLeast, 20'000}},
    Row{"cpu", "server CPU per connection", "us", 1, Combine::kMedian, {TargetKind::kRatioAtMost, 1.0}},
    Row{"lost", "lost connections", "", 0, Combine::kWorstHigh, {TargetKind::kExactly, 0}},
    Row{"fds_back", "descriptors back to start", "ms", 0, Combine::kWorstHigh, {TargetKind::kAtMost, 1000}},
    Row{"reuse", "connection structures reused", "%", 2, Combine::kWorstLow, {TargetKind::kAtLeast, 99}},
};

struct ThreadCount {
  std::uint64_t done = 0;
  std::uint64_t lost = 0;
  std::string first_loss;
};

void storm(const Endpoint& to, unsigned thread, Clock::time_point end, ThreadCount& count) {
  while (Clock::now() < end) {
    const auto step = static_cast<unsigned>((count.done + count.lost) / kConnectionsPerSource);
    try {
      TextClient::connect(to, kReplyTimeout, source_address(thread + 1, step)).version();
      ++count.done;
    } catch (const BenchError& error) {
      if (count.lost++ == 0) count.first_loss = error.what();
    }
  }
}

std::vector<ThreadCount> run_storm(const Endpoint& to, Clock::time_point end) {
  std::vector<ThreadCount> counts(kThreads);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kThreads; ++i) {
    threads.emplace_back([&to, i, end, &counts] { storm(to, i, end, counts[i]); });
  }
  for (std::thread& thread : threads) thread.join();
  return counts;
}

void run(const std::string& binary, const LoadOptions& options, Sample& out) {
  const Server server = Server::start(binary, {"-c", "1024"});
  const std::uint64_t descriptors = server.process().descriptors();
  const std::uint64_t cpu = server.process().cpu_time().total_ns;
  const auto begin = Clock::now();
  const auto length = std::chrono::duration<double>(static_cast<double>(options.seconds) / options.rounds);
  const auto counts = run_storm(server.endpoint(), begin + std::chrono::duration_cast<Clock::duration>(length));
  const double seconds = milliseconds_since(begin) / 1000;

  const auto back = server.wait_for_descriptors(descriptors, Milliseconds(5000));
  if (back) {
    out.figures["fds_back"] = *back;
  } else {
    out.complaints.push_back(
        fmt::format("{} descriptors before, {} 5 s after", descriptors, server.process().descriptors()));
  }
  const double cpu_us = static_cast<double>(server.process().cpu_time().total_ns - cpu) / 1000;
  std::uint64_t done = 0;
  std::uint64_t lost = 0;
  for (const ThreadCount& count : counts) {
    done += count.done;
    lost += count.lost;
    if (count.lost != 0) out.complaints.push_back("lost: " + count.first_loss);
  }
  if (done == 0) throw BenchError("no connection was answered");
  out.figures["rate"] = static_cast<double>(done) / seconds;
  out.figures["cpu"] = cpu_us / static_cast<double>(done);
  out.figures["lost"] = static_cast<double>(lost);
  TextClient client = server.connect();
  const auto structures = static_cast<double>(client.stat("connection_structures"));
  const auto total = static_cast<double>(client.stat("total_connections"));
  if (total < static_cast<double>(done)) out.complaints.push_back("total_connections is below the connections served");
  out.figures["reuse"] = 100 * (1 - structures / std::max(total, 1.0));
}

}  // namespace

Scenario connect_storm() { return {"storm", "connect storm of eight threads", 5, kRows, run}; }

}  // namespace martlet::bench
