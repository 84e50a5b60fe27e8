// ConnRoom: everything a connection needs of its worker, over the doubles (or over the real cache), so that a test can
// drive connections by hand. HandDriven: one connection whose peer the test plays.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "server/conn/conn_context.h"
#include "server/conn/conn_row.h"
#include "server/conn/connection.h"
#include "tests/support/fake_cache.h"
#include "tests/support/fake_server_control.h"
#include "tests/support/fake_transport.h"
#include "tests/support/log_capture.h"
#include "tests/support/manual_clock.h"

namespace martlet::conn {

struct RoomOptions {
  ConnSettings conn{};
  cache::CacheSettings cache{};
  bool real_cache = false;
  size_t buffer_limit = 0;  // bytes, 0: none
  size_t max_read = BufferPool::kLargest;
  int verbosity = 0;
};

class ConnRoom {
 public:
  explicit ConnRoom(const RoomOptions& wanted = {})
      : options(wanted), log(wanted.verbosity), cache(make_cache()), buffers(wanted.buffer_limit) {}

  // Only over the double.
  support::FakeCache& fake() { return static_cast<support::FakeCache&>(*cache); }

  // Nothing is held for anybody any more.
  void expect_all_given_back() const {
    EXPECT_EQ(buffers.figures().blocks, 0U);
    EXPECT_EQ(cache->figures().pinned_bytes, 0U);
    EXPECT_EQ(limit.taken(), 0U);
  }

  const RoomOptions options;
  support::ManualClock clock;
  RelClock rel_clock{clock};
  support::LogCapture log;
  std::unique_ptr<cache::Cache> cache;
  std::unique_ptr<cache::CacheContext> cache_context = cache->make_context();
  stats::ThreadStats stats;
  support::FakeServerControl control{*cache, {&stats}};
  command::CommandSettings command;
  command::RunningTuning tuning{true, 100, 0};
  stats::PrefixTable prefixes{':', false};
  std::unique_ptr<log::LogDrain> drain = log::LogDrain::create({}, clock, 1);  // turned by hand
  WatchDesk watch{*drain, log.diag};
  command::Executor executor{
      {*cache, *cache_context, stats, rel_clock, control, command, tuning, prefixes, drain->ring(0)}};
  BufferPool buffers;
  ConnContext context{executor, *cache_context, stats,          buffers, clock,
                      log.diag, options.conn,   drain->ring(0), watch,   options.max_read};
  threads::ConnLimit limit{options.conn.max_connections};

 private:
  std::unique_ptr<cache::Cache> make_cache() {
    if (!options.real_cache) return std::make_unique<support::FakeCache>(options.cache, rel_clock);
    return cache::Cache::create(options.cache, rel_clock).take();
  }
};

class HandDriven {
 public:
  explicit HandDriven(ConnRoom& room) {
    row.occupy(transport.fd(), 0, {}, room.clock.monotonic_ms());
    connection.emplace(room.context, transport, row, room.limit.try_take());
  }

  // As the event loop would: on and on, until what it waits for is nothing that the peer offers.
  Wait run() {
    for (;;) {
      const Wait wait = connection->drive();
      if (wait == Wait::closed) return wait;
      if (wait == Wait::readable && transport.unread() == 0 && !ended_) return wait;
      if (wait == Wait::writable && (transport.write_room == 0 || transport.write_size == 0)) return wait;
    }
  }
  Wait say(std::string_view bytes) {
    transport.send(bytes);
    return run();
  }
  Wait hang_up() {
    transport.end();
    ended_ = true;
    return run();
  }
  void destroy() { connection.reset(); }

  support::FakeTransport transport;
  ConnRow row;
  std::optional<Connection> connection;

 private:
  bool ended_ = false;
};

}  // namespace martlet::conn
