// Slow readers: 50 clients pipeline 2,000 gets each of one value of a million bytes and read nothing. The server's
// memory must not follow their backlog, writers must go on, and a client that reads in the end must get every reply.
#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "tests/bench/errors.h"
#include "tests/bench/load.h"
#include "tests/bench/scenarios/catalogue.h"
#include "tests/bench/server.h"

namespace martlet::bench {
namespace {

constexpr std::size_t kReaders = 50;
constexpr std::size_t kGets = 2'000;
constexpr std::size_t kValueSize = 1'000'000;
constexpr std::size_t kOverwrites = 200;

constexpr std::array kRows{
    Row{"growth",
        "RSS growth, 50 readers x 2,000 gets of 1 MB",
        "KiB",
        0,
        Combine::kMedian,
        {TargetKind::kAtMost, 2048}},
    Row{"written",
        "overwrites of the value stored meanwhile, of 200",
        "",
        0,
        Combine::kWorstLow,
        {TargetKind::kExactly, 200}},
    Row{"other", "slowest small get of another client", "ms", 1, Combine::kWorstHigh, {TargetKind::kAtMost, 100}},
    Row{"replies",
        "right replies of one reader that reads at last, of 2,000",
        "",
        0,
        Combine::kWorstLow,
        {TargetKind::kExactly, 2000}},
};

// Sends as much of the pipeline as the socket takes without blocking, and returns the bytes sent.
std::size_t send_without_waiting(TextClient& client, std::string_view bytes) {
  const ssize_t sent = ::send(client.socket().fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && errno != EAGAIN) throw BenchError("a slow reader was cut off");
  return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

std::size_t overwrite(TextClient& writer, const std::string& value, Sample& out) {
  std::size_t stored = 0;
  for (std::size_t i = 0; i < kOverwrites; ++i) {
    const std::string line = writer.exchange(set_request("big", value));
    if (line == "STORED") {
      ++stored;
    } else if (out.complaints.empty()) {
      out.complaints.push_back("set beside slow readers was answered " + line.substr(0, 60));
    }
  }
  return stored;
}

void run(const std::string& binary, const LoadOptions&, Sample& out) {
  const Server server = Server::start(binary, {"-m", "64"});
  const std::string value = patterned_value(7, kValueSize);
  TextClient other = server.connect();
  other.set("big", value);
  other.set("small", "x");
  std::vector<TextClient> readers = open_clients(server.endpoint(), kReaders);
  if (other.get("big") != value) throw BenchError("the stored value differs");
  const std::uint64_t start = server.process().settled_rss_kib();

  std::string pipeline;
  for (std::size_t i = 0; i < kGets; ++i) pipeline += "get big\r\n";
  std::vector<std::size_t> sent;
  for (TextClient& reader : readers) sent.push_back(send_without_waiting(reader, pipeline));
  const std::uint64_t grown = server.process().settled_rss_kib();
  out.figures["growth"] = static_cast<double>(grown) - static_cast<double>(start);
  const auto latencies = time_gets(other, "small", 1000);
  out.figures["other"] = *std::max_element(latencies.begin(), latencies.end()) / 1000;
  out.figures["written"] = static_cast<double>(overwrite(other, value, out));

  readers.front().send(std::string_view(pipeline).substr(sent.front()));
  std::size_t right = 0;
  for (std::size_t i = 0; i < kGets; ++i) right += readers.front().read_get_reply("big") == value;
  out.figures["replies"] = static_cast<double>(right);
}

}  // namespace

Scenario slow_readers() { return {"slow-read", "clients that ask for much and read nothing", 3, kRows, run}; }

}  // namespace martlet::bench
