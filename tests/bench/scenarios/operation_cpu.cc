// Server CPU per operation under memcaslap (libmemcached-tools): 90 % get, 10 % set, 50 connections, values of 100
// bytes; a server with one worker thread on processor 0, the load on processor 1.
//
// CPU time is the scheduler's for the whole server process, operations are the server's own cmd_get and cmd_set; the
// load's own count must agree with them.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "tests/bench/errors.h"
#include "tests/bench/load.h"
#include "tests/bench/scenarios/catalogue.h"
#include "tests/bench/server.h"

namespace martlet::bench {
namespace {

constexpr std::array kRows{
    Row{"cpu", "server CPU per operation, memcaslap 90/10", "us", 2, Combine::kMedian, {TargetKind::kRatioAtMost, 1.0}},
    Row{"user", "of which user", "us", 2, Combine::kMedian, {}},
    Row{"system", "of which system", "us", 2, Combine::kMedian, {}},
    Row{"rate", "operations", "/s", 0, Combine::kMedian, {}},
};

// The number after "name: " in memcaslap's summary.
std::uint64_t summary_number(const std::string& text, std::string_view name) {
  const std::string label = fmt::format("\n{}: ", name);
  const std::size_t at = text.find(label);
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  if (at == std::string::npos || std::from_chars(text.data() + at + label.size(), end, value).ec != std::errc()) {
    throw BenchError(fmt::format("memcaslap printed no {}", name));
  }
  return value;
}

// Runs memcaslap for `seconds` and returns the operations it counted.
std::uint64_t run_memcaslap(const Endpoint& to, unsigned seconds, Sample& out) {
  auto load = ChildProcess::start({"memcaslap", "-s", fmt::format("127.0.0.1:{}", to.port), "-T", "1", "-c", "50", "-w",
                                   "1k", "-X", "100", "-v", "0.01", "-t", fmt::format("{}s", seconds)},
                                  1);
  const auto code = load.wait(Milliseconds((seconds + 30) * 1000));
  if (code != 0) throw BenchError("memcaslap failed: " + (load.error_output() + load.output()).substr(0, 200));
  const std::string text = load.output();
  for (const std::string_view name : {"get_misses", "verify_misses", "verify_failed"}) {
    const std::uint64_t count = summary_number(text, name);
    if (count != 0) out.complaints.push_back(fmt::format("memcaslap counted {} {}", count, name));
  }
  return summary_number(text, "cmd_get") + summary_number(text, "cmd_set");
}

void run(const std::string& binary, const LoadOptions& options, Sample& out) {
  if (sysconf(_SC_NPROCESSORS_ONLN) < 2) throw BenchError("two processors are needed");
  const Server server = Server::start(binary, {"-t", "1", "-m", "1024"}, 0);
  TextClient observer = server.connect();
  const auto operations = [&observer] { return observer.stat("cmd_get") + observer.stat("cmd_set"); };
  const std::uint64_t operations_before = operations();
  const CpuTime before = server.process().cpu_time();
  const auto begin = Clock::now();
  const std::uint64_t counted = run_memcaslap(server.endpoint(), std::max(2U, options.seconds / 4), out);
  const double seconds = milliseconds_since(begin) / 1000;
  const CpuTime after = server.process().cpu_time();
  const auto done = static_cast<double>(operations() - operations_before);
  if (done < 1000 || std::abs(done - static_cast<double>(counted)) > 0.01 * done) {
    throw BenchError(fmt::format("memcaslap counted {} operations, the server {}", counted, done));
  }
  out.figures["cpu"] = static_cast<double>(after.total_ns - before.total_ns) / 1000 / done;
  out.figures["user"] = static_cast<double>(after.user_ns - before.user_ns) / 1000 / done;
  out.figures["system"] = static_cast<double>(after.system_ns - before.system_ns) / 1000 / done;
  out.figures["rate"] = done / seconds;
}

}  // namespace

Scenario operation_cpu() { return {"cpu", "server CPU per operation under memcaslap", 101, kRows, run}; }

}  // namespace martlet::bench
