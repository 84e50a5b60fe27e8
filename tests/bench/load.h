// Steps that several scenarios share.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "tests/bench/socket.h"
#include "tests/bench/text_client.h"

namespace martlet::bench {

using Clock = std::chrono::steady_clock;

inline double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// `count` connections, each of which was answered `version`, so that the server holds every one of them.
std::vector<TextClient> open_clients(const Endpoint& to, std::size_t count);

// Latencies in microseconds of `count` gets of one present key, one at a time.
std::vector<double> time_gets(TextClient& client, const std::string& key, std::size_t count);

// Bytes of a value that depend on its number and size, so that a value torn, shifted or swapped is seen.
std::string patterned_value(std::size_t number, std::size_t size);

}  // namespace martlet::bench
