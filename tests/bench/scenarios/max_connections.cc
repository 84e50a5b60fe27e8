// Connection limit: 60 clients at -c 50. How many are served, what the others read, and what the statistics say.
#include <fmt/format.h>

#include <array>
#include <optional>

#include "tests/bench/errors.h"
#include "tests/bench/load.h"
#include "tests/bench/scenarios/catalogue.h"
#include "tests/bench/server.h"

namespace martlet::bench {
namespace {

constexpr unsigned kLimit = 50;
constexpr unsigned kClients = 60;
constexpr std::string_view kRefusal = "ERROR Too many open connections";

constexpr std::array kRows{
    Row{"served", "clients served at -c 50, of 60", "", 0, Combine::kMedian, {TargetKind::kExactly, kLimit}},
    Row{"told",
        "clients told 'ERROR Too many open connections' and closed",
        "",
        0,
        Combine::kMedian,
        {TargetKind::kExactly, kClients - kLimit}},
    Row{"rejected", "rejected_connections", "", 0, Combine::kMedian, {TargetKind::kExactly, kClients - kLimit}},
    Row{"again", "served after one client closed", "", 0, Combine::kWorstLow, {TargetKind::kExactly, 1}},
};

enum class Outcome { kServed, kTold, kSilent };

// What a fresh connection reads: a version, or an error line followed by the end of the stream.
Outcome outcome_of(TextClient& client, Sample& out) {
  std::string line;
  try {
    client.send("version\r\n");
  } catch (const BenchError&) {
    // A refused client may be closed before it asks; its error line is still to be read.
  }
  try {
    line = client.read_line();
    if (line.starts_with("VERSION ")) return Outcome::kServed;
  } catch (const BenchError& error) {
    out.notes["a client too many read"] = error.what();
    return Outcome::kSilent;
  }
  out.notes["a client too many read"] = line;
  if (line != kRefusal) out.complaints.push_back("a client too many was told " + line.substr(0, 60));
  try {
    static_cast<void>(client.read_line());
    out.complaints.push_back("a client too many was told more than one line");
  } catch (const StreamEnded&) {
    return Outcome::kTold;
  } catch (const BenchError&) {
    out.complaints.push_back("a client too many was told, but not closed");
  }
  return Outcome::kTold;
}

// Whether a client is served within a second of another's close; it may be refused until the server has seen the close.
bool served_soon(const Server& server, Sample& out) {
  const auto begin = Clock::now();
  while (milliseconds_since(begin) < 1000) {
    TextClient client = TextClient::connect(server.endpoint(), Milliseconds(500));
    if (outcome_of(client, out) == Outcome::kServed) return true;
  }
  return false;
}

void run(const std::string& binary, const LoadOptions&, Sample& out) {
  const Server server = Server::start(binary, {"-c", std::to_string(kLimit)});
  std::vector<TextClient> served;
  unsigned told = 0;
  for (unsigned i = 0; i < kClients; ++i) {
    TextClient client = TextClient::connect(server.endpoint(), Milliseconds(500));
    const Outcome outcome = outcome_of(client, out);
    if (outcome == Outcome::kServed) served.push_back(std::move(client));
    told += outcome == Outcome::kTold;
  }
  out.figures["served"] = static_cast<double>(served.size());
  out.figures["told"] = told;
  if (served.size() < 2) throw BenchError("next to no client was served");
  out.figures["rejected"] = static_cast<double>(served.front().stat("rejected_connections"));
  served.pop_back();
  out.figures["again"] = served_soon(server, out) ? 1 : 0;
  for (TextClient& client : served) client.version();
}

}  // namespace

Scenario max_connections() { return {"max-conns", "the connection limit", 3, kRows, run}; }

}  // namespace martlet::bench
