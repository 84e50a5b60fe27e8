// Termination: SIGTERM and SIGINT under load, with -o idle_timeout, beside clients that do not read, and twice.
//
// The load is eight connections that pipeline gets, one of them of a large value, and sets. The stream each of them
// read when the server ended must stop between two replies: a reply begun and not finished is counted as cut.
#include <fmt/format.h>
#include <signal.h>

#include <array>
#include <atomic>
#include <thread>

#include "tests/bench/errors.h"
#include "tests/bench/load.h"
#include "tests/bench/scenarios/catalogue.h"
#include "tests/bench/server.h"

namespace martlet::bench {
namespace {

constexpr std::size_t kConnections = 8;
constexpr std::size_t kBatch = 16;
constexpr std::size_t kSmallSize = 1'000;
constexpr std::size_t kLargeSize = 300'000;
constexpr std::size_t kStuck = 8;
constexpr std::size_t kIdle = 20;
constexpr Milliseconds kPatience{10'000};

constexpr Target kWithinSecond{TargetKind::kAtMost, 1000};
constexpr Target kZero{TargetKind::kExactly, 0};

constexpr std::array kRows{
    Row{"term_ms", "SIGTERM under load to exit", "ms", 0, Combine::kWorstHigh, kWithinSecond},
    Row{"term_code", "its exit code", "", 0, Combine::kWorstHigh, kZero},
    Row{"term_cut", "replies cut in the middle", "", 0, Combine::kWorstHigh, kZero},
    Row{"int_ms", "SIGINT under load to exit", "ms", 0, Combine::kWorstHigh, kWithinSecond},
    Row{"int_code", "its exit code", "", 0, Combine::kWorstHigh, kZero},
    Row{"int_cut", "replies cut in the middle", "", 0, Combine::kWorstHigh, kZero},
    Row{"idle_ms", "SIGTERM with -o idle_timeout=60, under load", "ms", 0, Combine::kWorstHigh, kWithinSecond},
    Row{"idle_code", "its exit code", "", 0, Combine::kWorstHigh, kZero},
    Row{"idle_cut", "replies cut in the middle", "", 0, Combine::kWorstHigh, kZero},
    Row{"stuck_ms", "SIGTERM beside clients that do not read", "ms", 0, Combine::kWorstHigh, kWithinSecond},
    Row{"stuck_code", "its exit code", "", 0, Combine::kWorstHigh, kZero},
    Row{"second_ms", "second SIGTERM beside them to exit", "ms", 0, Combine::kWorstHigh, {TargetKind::kAtMost, 100}},
};

struct StreamResult {
  std::uint64_t replies = 0;
  bool cut = false;
  std::string wrong;
};

struct Values {
  std::string small = patterned_value(1, kSmallSize);
  std::string large = patterned_value(2, kLargeSize);
};

std::string make_batch(const Values& values) {
  std::string batch;
  for (std::size_t i = 0; i < kBatch - 2; ++i) batch += "get small\r\n";
  return batch + set_request("written", values.small) + "get large\r\n";
}

void read_batch(TextClient& client, const Values& values, StreamResult& result) {
  for (std::size_t i = 0; i < kBatch; ++i) {
    client.mark();
    if (i == kBatch - 2) {
      if (client.read_line() != "STORED") throw BenchError("set was not answered STORED");
    } else {
      const bool large = i == kBatch - 1;
      const auto value = client.read_get_reply(large ? "large" : "small");
      if (value != (large ? values.large : values.small)) throw BenchError("a value differs from the one stored");
    }
    ++result.replies;
  }
  client.mark();
}

// Pipelines batches until the server ends the stream; replies to what was sent are read also when sending fails.
void stream(TextClient& client, const Values& values, std::atomic<unsigned>& running, StreamResult& result) {
  const std::string batch = make_batch(values);
  try {
    for (bool counted = false;; counted = true) {
      try {
        client.send(batch);
      } catch (const BenchError&) {
        // The server is going; what it sent before is still to be read.
      }
      read_batch(client, values, result);
      if (!counted) ++running;
    }
  } catch (const StreamEnded&) {
    result.cut = client.bytes_since_mark() != 0;
  } catch (const BenchError& error) {
    result.wrong = error.what();
  }
}

void store_values(const Server& server, const Values& values) {
  TextClient writer = server.connect();
  writer.set("small", values.small);
  writer.set("large", values.large);
}

// Sends `number` and fills in <prefix>_ms and <prefix>_code.
void end_server(Server& server, int number, const std::string& prefix, Sample& out) {
  const auto begin = Clock::now();
  server.process().signal(number);
  const std::optional<int> code = server.process().wait(kPatience);
  if (!code) {
    server.process().signal(SIGKILL);
    out.complaints.push_back(fmt::format("the server still runs 10 s after signal {}", number));
    return;
  }
  out.figures[prefix + "_ms"] = milliseconds_since(begin);
  out.figures[prefix + "_code"] = *code;
}

void under_load(const std::string& binary, const std::vector<std::string>& flags, int number, const std::string& prefix,
                Sample& out) {
  Server server = Server::start(binary, flags);
  const Values values;
  store_values(server, values);
  std::vector<TextClient> idle = open_clients(server.endpoint(), kIdle);
  std::vector<TextClient> clients = open_clients(server.endpoint(), kConnections);
  std::vector<StreamResult> results(kConnections);
  std::atomic<unsigned> running{0};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kConnections; ++i) {
    threads.emplace_back([&, i] { stream(clients[i], values, running, results[i]); });
  }
  const auto begin = Clock::now();
  while (running < kConnections && milliseconds_since(begin) < 5000) std::this_thread::sleep_for(Milliseconds(1));
  std::this_thread::sleep_for(Milliseconds(200));
  end_server(server, number, prefix, out);
  for (std::thread& thread : threads) thread.join();
  unsigned cut = 0;
  for (const StreamResult& result : results) {
    cut += result.cut;
    if (!result.wrong.empty()) out.complaints.push_back(result.wrong);
    if (result.replies == 0) out.complaints.push_back("a connection of the load was never answered");
  }
  out.figures[prefix + "_cut"] = cut;
}

// Clients that asked for far more than the sockets hold, and read none of it.
std::vector<TextClient> open_stuck_clients(const Server& server) {
  std::vector<TextClient> clients = open_clients(server.endpoint(), kStuck);
  for (TextClient& client : clients) {
    for (std::size_t i = 0; i < 100; ++i) client.send("get large\r\n");
  }
  std::this_thread::sleep_for(Milliseconds(200));
  return clients;
}

void run(const std::string& binary, const LoadOptions&, Sample& out) {
  under_load(binary, {}, SIGTERM, "term", out);
  under_load(binary, {}, SIGINT, "int", out);
  under_load(binary, {"-o", "idle_timeout=60"}, SIGTERM, "idle", out);
  {
    Server server = Server::start(binary, {});
    store_values(server, Values());
    const std::vector<TextClient> stuck = open_stuck_clients(server);
    end_server(server, SIGTERM, "stuck", out);
  }
  Server server = Server::start(binary, {});
  store_values(server, Values());
  const std::vector<TextClient> stuck = open_stuck_clients(server);
  server.process().signal(SIGTERM);
  if (server.process().wait(Milliseconds(20))) {
    out.figures["second_ms"] = 0;
    out.notes["second SIGTERM"] = "the server had ended within 20 ms of the first";
    return;
  }
  end_server(server, SIGTERM, "second", out);
}

}  // namespace

Scenario termination() { return {"terminate", "signals that end the server", 3, kRows, run}; }

}  // namespace martlet::bench
