// Shared steps of the scenarios.
#include "tests/bench/load.h"

#include <fmt/format.h>

#include "tests/bench/errors.h"

namespace martlet::bench {
namespace {

constexpr std::size_t kConnectionsPerSource = 10'000;

}  // namespace

std::vector<TextClient> open_clients(const Endpoint& to, std::size_t count) {
  std::vector<TextClient> out;
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto step = static_cast<unsigned>(i / kConnectionsPerSource);
    out.push_back(TextClient::connect(to, kReplyTimeout, source_address(0, step)));
    out.back().version();
  }
  return out;
}

std::vector<double> time_gets(TextClient& client, const std::string& key, std::size_t count) {
  std::vector<double> out;
  out.reserve(count);
  const std::string request = fmt::format("get {}\r\n", key);
  for (std::size_t i = 0; i < count; ++i) {
    const auto begin = Clock::now();
    client.send(request);
    if (!client.read_get_reply(key)) throw BenchError("a stored key was not found");
    out.push_back(milliseconds_since(begin) * 1000);
  }
  return out;
}

std::string patterned_value(std::size_t number, std::size_t size) {
  std::string value = fmt::format("{}:{}:", number, size);
  std::size_t state = number * 2654435761U + size;
  while (value.size() < size) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    value.push_back(static_cast<char>('a' + (state >> 33) % 26));
  }
  value.resize(size);
  return value;
}

}  // namespace martlet::bench
