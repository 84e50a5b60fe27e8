// Client kills: 100 clients send random requests and are reset at a random byte of them, in the middle of a reply, or
// carry on, for some seconds. Afterwards connections, items and memory must be what they were, and no value torn.
//
// The server is warm first: its memory limit is filled with values of the same sizes and the load runs for a second, so
// that the resident memory before and after differs only by what is leaked.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <memory>
#include <random>
#include <thread>

#include "tests/bench/errors.h"
#include "tests/bench/load.h"
#include "tests/bench/scenarios/catalogue.h"
#include "tests/bench/server.h"

namespace martlet::bench {
namespace {

constexpr unsigned kThreads = 4;
constexpr std::size_t kClientsPerThread = 25;
constexpr std::size_t kSmallKeys = 500;
constexpr std::size_t kLargeKeys = 20;
constexpr std::size_t kKeys = kSmallKeys + kLargeKeys;
constexpr std::size_t kLargeSize = 100'000;
constexpr std::size_t kMegabytes = 64;
constexpr std::size_t kMultigetKeys = 50;

constexpr std::array kRows{
    Row{"kills", "clients killed, 100 at a time", "/s", 0, Combine::kMedian, {}},
    Row{"fds_back", "descriptors back to start", "ms", 0, Combine::kWorstHigh, {TargetKind::kAtMost, 1000}},
    Row{"left", "curr_connections above start", "", 0, Combine::kWorstHigh, {TargetKind::kExactly, 0}},
    Row{"growth", "RSS above start", "KiB", 0, Combine::kWorstHigh, {TargetKind::kAtMost, 2048}},
    Row{"items", "items beyond the keys ever written", "", 0, Combine::kWorstHigh, {TargetKind::kExactly, 0}},
};

using Random = std::mt19937_64;

std::size_t pick(Random& random, std::size_t below) {
  return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
}

std::vector<std::string> make_values() {
  std::vector<std::string> values;
  for (std::size_t i = 0; i < kKeys; ++i)
    values.push_back(patterned_value(i, i < kSmallKeys ? 16 + i * 7 : kLargeSize));
  return values;
}

enum class Kind { kSet, kSetQuietly, kGet, kMultiget, kDelete, kTouch, kIncrement };

struct Request {
  Kind kind = Kind::kGet;
  std::size_t number = 0;
  std::string bytes;
};

Request make_request(Random& random, const std::vector<std::string>& values) {
  const std::size_t number = pick(random, kKeys);
  const std::string& value = values[number];
  switch (pick(random, 10)) {
    case 0:
    case 1:
    case 2:
      return {Kind::kSet, number, set_request(fmt::format("k{}", number), value)};
    case 3:
      return {Kind::kSetQuietly, number, fmt::format("set k{} 0 0 {} noreply\r\n{}\r\n", number, value.size(), value)};
    case 4:
      return {Kind::kDelete, number, fmt::format("delete k{}\r\n", number)};
    case 5:
      return {Kind::kTouch, number, fmt::format("touch k{} 0\r\n", number)};
    case 6:
      return {Kind::kIncrement, number, "incr counter 1\r\n"};
    case 7: {
      std::string line = "get";
      for (std::size_t i = 0; i < kMultigetKeys; ++i) line += fmt::format(" k{}", pick(random, kKeys));
      return {Kind::kMultiget, number, line + "\r\n"};
    }
    default:
      return {Kind::kGet, number, fmt::format("get k{}\r\n", number)};
  }
}

void check_line(TextClient& client, std::initializer_list<std::string_view> allowed) {
  const std::string line = client.read_line();
  if (std::find(allowed.begin(), allowed.end(), line) == allowed.end()) {
    throw BenchError("unexpected reply " + line.substr(0, 60));
  }
}

// Every value of a multiget must be the one its key stands for, whole.
void check_values(TextClient& client, const std::vector<std::string>& values) {
  for (std::string head = client.read_line(); head != "END"; head = client.read_line()) {
    std::size_t number = kKeys;
    if (head.starts_with("VALUE k")) std::from_chars(head.data() + 7, head.data() + head.size(), number);
    if (number >= kKeys || head != fmt::format("VALUE k{} 0 {}", number, values[number].size()) ||
        client.read_exactly(values[number].size() + 2) != values[number] + "\r\n") {
      throw BenchError("torn or foreign value after " + head.substr(0, 60));
    }
  }
}

void check_reply(TextClient& client, const Request& request, const std::vector<std::string>& values) {
  switch (request.kind) {
    case Kind::kSet:
      return check_line(client, {"STORED"});
    case Kind::kSetQuietly:
      static_cast<void>(client.version());
      return;
    case Kind::kGet:
    case Kind::kMultiget:
      return check_values(client, values);
    case Kind::kDelete:
      return check_line(client, {"DELETED", "NOT_FOUND"});
    case Kind::kTouch:
      return check_line(client, {"TOUCHED", "NOT_FOUND"});
    case Kind::kIncrement: {
      // The counter may have been evicted.
      const std::string line = client.read_line();
      if (line == "NOT_FOUND") return;
      if (line.empty() || line.find_first_not_of("0123456789") != std::string::npos) {
        throw BenchError("incr was answered " + line.substr(0, 60));
      }
    }
  }
}

// One of the 100 clients: connected or not, perhaps with a request sent in part.
struct LoadClient {
  std::unique_ptr<TextClient> connection;
  Request request;
  std::size_t sent = 0;
};

struct ThreadResult {
  std::uint64_t kills = 0;
  std::vector<std::string> complaints;
};

void kill_client(LoadClient& client, ThreadResult& result) {
  client.connection->socket().abort();
  client.connection.reset();
  ++result.kills;
}

// Starts a request and stops at a random byte, or takes up one that stopped there: then it is killed, or completed and
// killed with the reply unread, or completed and its reply checked.
void step(LoadClient& client, Random& random, const std::vector<std::string>& values, const Endpoint& to,
          unsigned thread, ThreadResult& result) {
  if (!client.connection) {
    client.connection = std::make_unique<TextClient>(connect_to(to, kReplyTimeout, source_address(thread + 20, 0)));
    client.sent = 0;
  }
  if (client.sent == 0) {
    client.request = make_request(random, values);
    client.sent = pick(random, client.request.bytes.size());
    client.connection->send(std::string_view(client.request.bytes).substr(0, client.sent));
    return;
  }
  const std::size_t fate = pick(random, 4);
  if (fate <= 1) return kill_client(client, result);
  client.connection->send(std::string_view(client.request.bytes).substr(client.sent));
  client.sent = 0;
  if (fate == 2) return kill_client(client, result);
  check_reply(*client.connection, client.request, values);
}

ThreadResult run_load_thread(const Endpoint& to, unsigned thread, std::uint64_t seed,
                             const std::vector<std::string>& values, Clock::time_point end) {
  Random random(seed * 100 + thread);
  ThreadResult result;
  std::vector<LoadClient> clients(kClientsPerThread);
  while (Clock::now() < end) {
    LoadClient& client = clients[pick(random, clients.size())];
    try {
      step(client, random, values, to, thread, result);
    } catch (const BenchError& error) {
      if (result.complaints.size() < 20) result.complaints.push_back(error.what());
      client.connection.reset();
    }
  }
  for (LoadClient& client : clients) {
    if (client.connection) kill_client(client, result);
  }
  return result;
}

std::uint64_t run_load(const Endpoint& to, std::uint64_t seed, const std::vector<std::string>& values,
                       std::chrono::duration<double> length, Sample& out) {
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(length);
  std::vector<ThreadResult> results(kThreads);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] { results[i] = run_load_thread(to, i, seed, values, end); });
  }
  for (std::thread& thread : threads) thread.join();
  std::uint64_t kills = 0;
  for (const ThreadResult& result : results) {
    kills += result.kills;
    out.complaints.insert(out.complaints.end(), result.complaints.begin(), result.complaints.end());
  }
  return kills;
}

// Stores twice the memory limit in values of the load's sizes; returns how many keys that was.
std::size_t fill(TextClient& client, const std::vector<std::string>& values) {
  std::size_t written = 0;
  std::size_t keys = 0;
  for (; written < 2 * kMegabytes * 1024 * 1024; ++keys) {
    const std::string& value = values[keys % kKeys];
    client.set(fmt::format("filler{}", keys), value);
    written += value.size();
  }
  client.set("counter", "0");
  for (std::size_t i = 0; i < kKeys; ++i) client.set(fmt::format("k{}", i), values[i]);
  return keys + kKeys + 1;
}

void run(const std::string& binary, const LoadOptions& options, Sample& out) {
  const Server server = Server::start(binary, {"-m", std::to_string(kMegabytes)});
  const std::vector<std::string> values = make_values();
  TextClient observer = server.connect();
  const std::size_t keys = fill(observer, values);
  const std::uint64_t descriptors = server.process().descriptors();
  run_load(server.endpoint(), options.seed + 1000, values, std::chrono::seconds(1), out);
  if (!server.wait_for_descriptors(descriptors, Milliseconds(5000))) throw BenchError("descriptors stay in use");
  const std::uint64_t connections = observer.stat("curr_connections");
  const auto rss = static_cast<double>(server.process().settled_rss_kib());

  const double seconds = static_cast<double>(options.seconds) / options.rounds;
  const std::uint64_t kills =
      run_load(server.endpoint(), options.seed, values, std::chrono::duration<double>(seconds), out);
  if (const auto back = server.wait_for_descriptors(descriptors, Milliseconds(5000))) out.figures["fds_back"] = *back;
  out.figures["kills"] = static_cast<double>(kills) / seconds;
  out.figures["left"] = static_cast<double>(observer.stat("curr_connections")) - static_cast<double>(connections);
  out.figures["growth"] = static_cast<double>(server.process().settled_rss_kib()) - rss;
  const std::uint64_t items = observer.stat("curr_items");
  out.figures["items"] = items > keys ? static_cast<double>(items - keys) : 0;
  for (std::size_t i = 0; i < kKeys; ++i) {
    const auto value = observer.get(fmt::format("k{}", i));
    if (value && *value != values[i]) out.complaints.push_back(fmt::format("the value of k{} is torn", i));
  }
  // Items still held by clients that are gone would leave no room for these.
  fill(observer, values);
}

}  // namespace

Scenario client_kills() { return {"kills", "clients reset at any byte", 2, kRows, run}; }

}  // namespace martlet::bench
