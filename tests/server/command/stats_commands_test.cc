#include <gmock/gmock.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "tests/server/command/command_fixture.h"

namespace martlet::command {
namespace {

using protocol::Outcome;
using protocol::Response;
using protocol::StatRows;
using protocol::Verb;
using ::testing::MatchesRegex;

// memcached's keys, in the order in which it sends them.
constexpr std::array kMemcachedKeys = std::to_array<std::string_view>({
    "pid",
    "uptime",
    "time",
    "version",
    "libevent",
    "pointer_size",
    "rusage_user",
    "rusage_system",
    "max_connections",
    "curr_connections",
    "total_connections",
    "rejected_connections",
    "connection_structures",
    "response_obj_oom",
    "response_obj_count",
    "response_obj_bytes",
    "read_buf_count",
    "read_buf_bytes",
    "read_buf_bytes_free",
    "read_buf_oom",
    "reserved_fds",
    "cmd_get",
    "cmd_set",
    "cmd_flush",
    "cmd_touch",
    "cmd_meta",
    "get_hits",
    "get_misses",
    "get_expired",
    "get_flushed",
    "delete_misses",
    "delete_hits",
    "incr_misses",
    "incr_hits",
    "decr_misses",
    "decr_hits",
    "cas_misses",
    "cas_hits",
    "cas_badval",
    "touch_hits",
    "touch_misses",
    "store_too_large",
    "store_no_memory",
    "auth_cmds",
    "auth_errors",
    "idle_kicks",
    "bytes_read",
    "bytes_written",
    "limit_maxbytes",
    "accepting_conns",
    "listen_disabled_num",
    "time_in_listen_disabled_us",
    "threads",
    "conn_yields",
    "hash_power_level",
    "hash_bytes",
    "hash_is_expanding",
    "slab_reassign_rescues",
    "slab_reassign_chunk_rescues",
    "slab_reassign_inline_reclaim",
    "slab_reassign_busy_items",
    "slab_reassign_busy_deletes",
    "slab_reassign_busy_nomem",
    "slab_reassign_last_busy_status",
    "slab_reassign_running",
    "slabs_moved",
    "lru_crawler_running",
    "lru_crawler_starts",
    "lru_maintainer_juggles",
    "malloc_fails",
    "log_worker_dropped",
    "log_worker_written",
    "log_watcher_skipped",
    "log_watcher_sent",
    "log_watchers",
    "unexpected_napi_ids",
    "round_robin_fallback",
    "bytes",
    "curr_items",
    "total_items",
    "slab_global_page_pool",
    "expired_unfetched",
    "evicted_unfetched",
    "evicted_active",
    "evictions",
    "reclaimed",
    "crawler_reclaimed",
    "crawler_items_checked",
    "lrutail_reflocked",
    "moves_to_cold",
    "moves_to_warm",
    "moves_within_lru",
    "direct_reclaims",
    "lru_bumps_dropped",
});

// This server's own, each with the key it follows.
constexpr std::array kOwnKeys = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"connections_in_use", "curr_connections"},
    {"conn_free", "connection_structures"},
    {"conn_reused", "conn_free"},
    {"conn_pool_size", "conn_reused"},
    {"requests", "cmd_meta"},
    {"conns_reclaimed_idle", "idle_kicks"},
    {"request_timeouts", "conns_reclaimed_idle"},
    {"send_timeouts", "request_timeouts"},
    {"udp_datagrams_dropped", "send_timeouts"},
    {"udp_replies_refused", "udp_datagrams_dropped"},
    {"udp_replies_lost", "udp_replies_refused"},
    {"pinned_bytes", "bytes"},
});

class StatsCommands : public CommandTest {
 protected:
  StatRows rows(std::initializer_list<std::string_view> args = {}) {
    Response response = executor.execute(admin(Verb::stats, args));
    EXPECT_EQ(response.outcome, Outcome::stats);
    return response.rows == nullptr ? StatRows{} : *response.rows;
  }
  std::string row(std::string_view key) {
    for (const auto& [name, value] : rows()) {
      if (name == key) return value;
    }
    return "(absent)";
  }
};

TEST_F(StatsCommands, KeysComeInMemcachedsOrderWithOursBetween) {
  settings.idle_timeout_enabled = true;
  std::vector<std::string_view> expected(kMemcachedKeys.begin(), kMemcachedKeys.end());
  for (const auto& [own, after] : kOwnKeys) {
    const auto place = std::find(expected.begin(), expected.end(), after);
    ASSERT_NE(place, expected.end()) << after;
    expected.insert(place + 1, own);
  }
  std::vector<std::string> keys;
  const StatRows all = rows();
  for (const auto& [key, value] : all) keys.push_back(key);
  EXPECT_EQ(keys, std::vector<std::string>(expected.begin(), expected.end()));
}

TEST_F(StatsCommands, IdleKicksAreShownOnlyWithAnIdleTimeout) {
  EXPECT_EQ(row("idle_kicks"), "(absent)");
  settings.idle_timeout_enabled = true;
  thread_stats.idle_kicks.add(3);
  EXPECT_EQ(row("idle_kicks"), "3");
}

TEST_F(StatsCommands, NumbersArePlain) {
  for (const auto& [key, value] : rows()) {
    if (key == "version" || key == "libevent") continue;
    EXPECT_THAT(value, MatchesRegex("[0-9]+(\\.[0-9][0-9][0-9][0-9][0-9][0-9])?")) << key;
  }
}

TEST_F(StatsCommands, ProcessAndClockFiguresAreTrue) {
  control.figures.libevent_version = "2.1.12-stable";
  pass(42);
  EXPECT_EQ(row("pid"), std::to_string(getpid()));
  EXPECT_EQ(row("uptime"), "42");
  EXPECT_EQ(row("time"), std::to_string(clock.unix_seconds()));
  EXPECT_EQ(row("version"), "1.6.45-martlet-" MARTLET_VERSION);
  EXPECT_EQ(row("libevent"), "2.1.12-stable");
  EXPECT_EQ(row("pointer_size"), std::to_string(8 * sizeof(void*)));
}

TEST_F(StatsCommands, EveryConnectionFigureStandsUnderItsOwnKey) {
  ConnFigures& f = control.figures;
  uint64_t n = 100;
  const std::array places = std::to_array<std::pair<std::string_view, uint64_t*>>({
      {"max_connections", &f.max_connections},
      {"curr_connections", &f.curr_connections},
      {"connections_in_use", &f.connections_in_use},
      {"connection_structures", &f.connection_structures},
      {"conn_free", &f.conn_free},
      {"conn_reused", &f.conn_reused},
      {"conn_pool_size", &f.conn_pool_size},
      {"reserved_fds", &f.reserved_fds},
      {"read_buf_count", &f.read_buf_count},
      {"read_buf_bytes", &f.read_buf_bytes},
      {"read_buf_bytes_free", &f.read_buf_bytes_free},
      {"response_obj_count", &f.response_obj_count},
      {"response_obj_bytes", &f.response_obj_bytes},
      {"listen_disabled_num", &f.listen_disabled_num},
      {"time_in_listen_disabled_us", &f.time_in_listen_disabled_us},
      {"threads", &f.threads},
  });
  for (const auto& [key, place] : places) *place = ++n;
  n = 100;
  for (const auto& [key, place] : places) EXPECT_EQ(row(key), std::to_string(++n)) << key;
  f.accepting_conns = false;
  EXPECT_EQ(row("accepting_conns"), "0");
}

TEST_F(StatsCommands, EveryCounterStandsUnderItsOwnKey) {
  settings.idle_timeout_enabled = true;
  uint64_t n = 1000;
#define COUNTER(name) thread_stats.name.add(++n);
#include "server/stats/counters.def"
#undef COUNTER
  const StatRows all = rows();
  n = 1000;
  const auto expect_row = [&all](std::string_view key, uint64_t value) {
    const auto found = std::find_if(all.begin(), all.end(), [key](const auto& one) { return one.first == key; });
    ASSERT_NE(found, all.end()) << key;
    const uint64_t own = key == "requests" ? 1 : 0;  // asking is a request, too
    EXPECT_EQ(found->second, std::to_string(value + own)) << key;
  };
#define COUNTER(name) expect_row(#name, ++n);
#include "server/stats/counters.def"
#undef COUNTER
}

TEST_F(StatsCommands, CacheFiguresStandUnderTheirKeys) {
  set("k", "value");
  cache.extra.evictions = 11;
  cache.extra.evicted_unfetched = 12;
  cache.extra.evicted_active = 13;
  cache.extra.expired_unfetched = 14;
  cache.extra.reclaimed = 15;
  cache.extra.hash_buckets_power = 16;
  cache.extra.hash_bytes = 17;
  cache.extra.hash_expanding = true;
  EXPECT_EQ(row("bytes"), "6");
  EXPECT_EQ(row("curr_items"), "1");
  EXPECT_EQ(row("total_items"), "1");
  EXPECT_EQ(row("evictions"), "11");
  EXPECT_EQ(row("evicted_unfetched"), "12");
  EXPECT_EQ(row("evicted_active"), "13");
  EXPECT_EQ(row("expired_unfetched"), "14");
  EXPECT_EQ(row("reclaimed"), "15");
  EXPECT_EQ(row("hash_power_level"), "16");
  EXPECT_EQ(row("hash_bytes"), "17");
  EXPECT_EQ(row("hash_is_expanding"), "1");
  EXPECT_EQ(row("limit_maxbytes"), std::to_string(64ULL << 20));
}

TEST_F(StatsCommands, ResetZeroesCountersAndLeavesGauges) {
  set("k", "value");
  executor.execute(get_request("k"));
  cache.extra.evictions = 5;
  EXPECT_EQ(executor.execute(admin(Verb::stats, {"reset"})).outcome, Outcome::reset);
  EXPECT_EQ(control.resets, 1);
  EXPECT_EQ(row("cmd_set"), "0");
  EXPECT_EQ(row("get_hits"), "0");
  EXPECT_EQ(row("evictions"), "0");
  EXPECT_EQ(row("total_items"), "0");
  EXPECT_EQ(row("curr_items"), "1");
  EXPECT_EQ(row("bytes"), "6");
  cache.extra.evictions = 7;
  EXPECT_EQ(row("evictions"), "2");
}

TEST_F(StatsCommands, TheLogsFiguresAreTheServers) {
  control.log = {11, 12, 13, 14, 15};
  EXPECT_EQ(row("log_worker_written"), "11");
  EXPECT_EQ(row("log_worker_dropped"), "12");
  EXPECT_EQ(row("log_watcher_sent"), "13");
  EXPECT_EQ(row("log_watcher_skipped"), "14");
  EXPECT_EQ(row("log_watchers"), "15");
}

TEST_F(StatsCommands, SubCommandsComeFromTheServer) {
  EXPECT_EQ(rows({"settings"}), control.settings_rows());
  EXPECT_EQ(rows({"conns"}), control.conn_rows());
  EXPECT_EQ(rows({"threads"}), control.thread_rows());
}

TEST_F(StatsCommands, SlabFormsAreAnsweredWithoutSlabs) {
  set("k", "value");
  cache.extra.hash_bytes = 100;
  EXPECT_EQ(rows({"slabs"}), (StatRows{{"active_slabs", "0"}, {"total_malloced", "106"}}));
  EXPECT_EQ(rows({"items"}), StatRows{});
  EXPECT_EQ(rows({"sizes"}), (StatRows{{"sizes_status", "disabled"}}));
  EXPECT_EQ(rows({"extstore"}), StatRows{});
}

TEST_F(StatsCommands, ClassesWithItemsAreListed) {
  cache.class_rows.resize(3);
  for (uint32_t i = 0; i < 3; ++i) cache.class_rows[i].item_size = 1000 * (i + 1);
  cache.class_rows[1].items = 5;
  cache.class_rows[1].bytes = 7777;
  cache.class_rows[1].evicted = 3;
  const StatRows items = rows({"items"});
  const auto has = [](const StatRows& rows, const std::string& key, const std::string& value) {
    return std::find(rows.begin(), rows.end(), std::pair(key, value)) != rows.end();
  };
  EXPECT_EQ(items.size(), 28U);
  EXPECT_TRUE(has(items, "items:2:number", "5"));
  EXPECT_TRUE(has(items, "items:2:mem_requested", "7777"));
  EXPECT_TRUE(has(items, "items:2:evicted", "3"));
  EXPECT_TRUE(has(items, "items:2:age", "0"));
  const StatRows slabs = rows({"slabs"});
  EXPECT_TRUE(has(slabs, "2:chunk_size", "2000"));
  EXPECT_TRUE(has(slabs, "2:used_chunks", "5"));
  EXPECT_TRUE(has(slabs, "active_slabs", "1"));
}

TEST_F(StatsCommands, TheEngineIsShownAsItIs) {
  const StatRows segments = rows({"segments"});
  for (const char* const name : {"segments_free", "live_share", "bytes_written", "bytes_copied", "index_load"}) {
    EXPECT_TRUE(std::any_of(segments.begin(), segments.end(), [&](const auto& row) { return row.first == name; }))
        << name;
  }
}

TEST_F(StatsCommands, SizesAreListedWhenTheyAreTracked) {
  settings.sizes_tracked = true;
  cache.size_rows = {{96, 2}, {384, 1}};
  EXPECT_EQ(rows({"sizes"}), (StatRows{{"96", "2"}, {"384", "1"}}));
  EXPECT_EQ(rows({"extstore"}), StatRows{});
}

TEST_F(StatsCommands, OnlyExactNamesAreKnown) {
  for (const std::string_view name : {"s", "re", "rese", "resets", "RESET", "conn", "maps", "malloc", ""}) {
    EXPECT_EQ(executor.execute(admin(Verb::stats, {name})).outcome, Outcome::error) << name;
  }
  EXPECT_EQ(control.resets, 0);
}

}  // namespace
}  // namespace martlet::command
