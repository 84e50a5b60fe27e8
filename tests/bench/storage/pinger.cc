// The thread.
#include "tests/bench/storage/pinger.h"

#include <algorithm>
#include <utility>

#include "tests/bench/errors.h"
#include "tests/bench/load.h"
#include "tests/bench/text_client.h"

namespace martlet::bench {

Pinger::Pinger(const Endpoint& to) : thread_([this, to](const std::stop_token& stop) { run(stop, to); }) {}

void Pinger::ping(const std::stop_token& stop, const Endpoint& to) {
  TextClient client = TextClient::connect(to);
  for (bool set = true; !stop.stop_requested(); set = !set) {
    const auto begin = Clock::now();
    if (set) {
      client.set("pinger", "small");
    } else {
      static_cast<void>(client.get("pinger"));
    }
    const double took = milliseconds_since(begin);
    {
      const std::lock_guard lock(mutex_);
      longest_ = std::max(longest_, took);
      ++requests_;
    }
    ended_.notify_all();
    std::this_thread::sleep_for(kPingInterval);
  }
}

void Pinger::run(const std::stop_token& stop, const Endpoint& to) {
  try {
    ping(stop, to);
  } catch (const BenchError& error) {
    const std::lock_guard lock(mutex_);
    error_ = error.what();
    ended_.notify_all();
  }
}

double Pinger::take_longest() {
  std::unique_lock lock(mutex_);
  const std::uint64_t before = requests_;
  ended_.wait(lock, [&] { return requests_ > before || !error_.empty(); });
  if (!error_.empty()) throw BenchError("a client beside the load: " + error_);
  return std::exchange(longest_, 0);
}

}  // namespace martlet::bench
