// The rows of `stats`: memcached's keys in its order, with this server's own behind the ones they belong to. What each
// means is in docs/stats.md. Keys whose mechanism does not exist here are a true 0.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <string>
#include <string_view>
#include <utility>

#include "server/command/handlers.h"
#include "server/command/version.h"

namespace martlet::command {

using protocol::StatRows;

namespace {

constexpr size_t kExpectedRows = 128;

class RowWriter {
 public:
  RowWriter() { rows_.reserve(kExpectedRows); }
  void text(std::string_view key, std::string_view value) { rows_.emplace_back(key, value); }
  void number(std::string_view key, uint64_t value) { rows_.emplace_back(key, std::to_string(value)); }
  void signed_number(std::string_view key, int64_t value) { rows_.emplace_back(key, std::to_string(value)); }
  void flag(std::string_view key, bool value) { rows_.emplace_back(key, value ? "1" : "0"); }
  void seconds(std::string_view key, const timeval& value) {
    rows_.emplace_back(key, fmt::format("{}.{:06}", value.tv_sec, value.tv_usec));
  }
  template <size_t N>
  void zeros(const std::array<std::string_view, N>& keys) {
    for (const std::string_view key : keys) flag(key, false);
  }
  StatRows take() { return std::move(rows_); }

 private:
  StatRows rows_;
};

// Movers of slab pages.
constexpr std::array<std::string_view, 9> kSlabKeys{
    "slab_reassign_rescues",          "slab_reassign_chunk_rescues", "slab_reassign_inline_reclaim",
    "slab_reassign_busy_items",       "slab_reassign_busy_deletes",  "slab_reassign_busy_nomem",
    "slab_reassign_last_busy_status", "slab_reassign_running",       "slabs_moved"};

// The choice of a worker by network queue.
constexpr std::array<std::string_view, 2> kQueueKeys{"unexpected_napi_ids", "round_robin_fallback"};

// LRU lists.
constexpr std::array<std::string_view, 6> kLruKeys{"lrutail_reflocked", "moves_to_cold",   "moves_to_warm",
                                                   "moves_within_lru",  "direct_reclaims", "lru_bumps_dropped"};

void process_rows(const CommandContext& context, const ConnFigures& conns, RowWriter* out) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  out->signed_number("pid", getpid());
  out->number("uptime", context.clock.uptime());
  out->signed_number("time", context.clock.source().unix_seconds());
  out->text("version", kVersionText);
  out->text("libevent", conns.libevent_version);
  out->number("pointer_size", sizeof(void*) * CHAR_BIT);
  out->seconds("rusage_user", usage.ru_utime);
  out->seconds("rusage_system", usage.ru_stime);
}

void connection_rows(const ConnFigures& conns, const stats::CounterTotals& totals, RowWriter* out) {
  out->number("max_connections", conns.max_connections);
  out->number("curr_connections", conns.curr_connections);
  out->number("connections_in_use", conns.connections_in_use);
  out->number("total_connections", totals.total_connections);
  out->number("rejected_connections", totals.rejected_connections);
  out->number("connection_structures", conns.connection_structures);
  out->number("conn_free", conns.conn_free);
  out->number("conn_reused", conns.conn_reused);
  out->number("conn_pool_size", conns.conn_pool_size);
  out->number("response_obj_oom", totals.response_obj_oom);
  out->number("response_obj_count", conns.response_obj_count);
  out->number("response_obj_bytes", conns.response_obj_bytes);
  out->number("read_buf_count", conns.read_buf_count);
  out->number("read_buf_bytes", conns.read_buf_bytes);
  out->number("read_buf_bytes_free", conns.read_buf_bytes_free);
  out->number("read_buf_oom", totals.read_buf_oom);
  out->number("reserved_fds", conns.reserved_fds);
}

void command_rows(const stats::CounterTotals& totals, RowWriter* out) {
  out->number("cmd_get", totals.cmd_get);
  out->number("cmd_set", totals.cmd_set);
  out->number("cmd_flush", totals.cmd_flush);
  out->number("cmd_touch", totals.cmd_touch);
  out->number("cmd_meta", totals.cmd_meta);
  out->number("requests", totals.requests);
  out->number("get_hits", totals.get_hits);
  out->number("get_misses", totals.get_misses);
  out->number("get_expired", totals.get_expired);
  out->number("get_flushed", totals.get_flushed);
  out->number("delete_misses", totals.delete_misses);
  out->number("delete_hits", totals.delete_hits);
  out->number("incr_misses", totals.incr_misses);
  out->number("incr_hits", totals.incr_hits);
  out->number("decr_misses", totals.decr_misses);
  out->number("decr_hits", totals.decr_hits);
  out->number("cas_misses", totals.cas_misses);
  out->number("cas_hits", totals.cas_hits);
  out->number("cas_badval", totals.cas_badval);
  out->number("touch_hits", totals.touch_hits);
  out->number("touch_misses", totals.touch_misses);
  out->number("store_too_large", totals.store_too_large);
  out->number("store_no_memory", totals.store_no_memory);
  out->number("auth_cmds", totals.auth_cmds);
  out->number("auth_errors", totals.auth_errors);
}

void traffic_rows(const CommandContext& context, const ConnFigures& conns, const stats::CounterTotals& totals,
                  const cache::CacheFigures& figures, RowWriter* out) {
  if (context.settings.idle_timeout_enabled) out->number("idle_kicks", totals.idle_kicks);
  out->number("conns_reclaimed_idle", totals.conns_reclaimed_idle);
  out->number("request_timeouts", totals.request_timeouts);
  out->number("send_timeouts", totals.send_timeouts);
  out->number("udp_datagrams_dropped", totals.udp_datagrams_dropped);
  out->number("udp_replies_refused", totals.udp_replies_refused);
  out->number("udp_replies_lost", totals.udp_replies_lost);
  out->number("bytes_read", totals.bytes_read);
  out->number("bytes_written", totals.bytes_written);
  out->number("limit_maxbytes", figures.memory_limit);
  out->flag("accepting_conns", conns.accepting_conns);
  out->number("listen_disabled_num", conns.listen_disabled_num);
  out->number("time_in_listen_disabled_us", conns.time_in_listen_disabled_us);
  out->number("threads", conns.threads);
  out->number("conn_yields", totals.conn_yields);
  out->number("hash_power_level", figures.hash_buckets_power);
  out->number("hash_bytes", figures.hash_bytes);
  out->flag("hash_is_expanding", figures.hash_expanding);
}

void log_rows(const log::LogFigures& figures, RowWriter* out) {
  out->number("log_worker_dropped", figures.worker_dropped);
  out->number("log_worker_written", figures.worker_written);
  out->number("log_watcher_skipped", figures.watcher_skipped);
  out->number("log_watcher_sent", figures.watcher_sent);
  out->number("log_watchers", figures.watchers);
}

// What has come to `now` since `before`. The cache's sums are approximate while others write, so never below 0.
uint64_t since(uint64_t now, uint64_t before) { return now > before ? now - before : 0; }

void item_rows(const cache::CacheFigures& figures, const cache::CacheFigures& baseline, RowWriter* out) {
  out->number("bytes", figures.bytes);
  out->number("pinned_bytes", figures.pinned_bytes);
  out->number("curr_items", figures.items);
  out->number("total_items", since(figures.total_items, baseline.total_items));
  out->number("slab_global_page_pool", 0);
  out->number("expired_unfetched", since(figures.expired_unfetched, baseline.expired_unfetched));
  out->number("evicted_unfetched", since(figures.evicted_unfetched, baseline.evicted_unfetched));
  out->number("evicted_active", since(figures.evicted_active, baseline.evicted_active));
  out->number("evictions", since(figures.evictions, baseline.evictions));
  out->number("reclaimed", since(figures.reclaimed, baseline.reclaimed));
  out->number("crawler_reclaimed", since(figures.crawler_reclaimed, baseline.crawler_reclaimed));
  out->number("crawler_items_checked", since(figures.crawler_items_checked, baseline.crawler_items_checked));
}

}  // namespace

StatRows general_stats(const CommandContext& context) {
  const ConnFigures conns = context.control.conn_figures();
  const stats::CounterTotals totals = context.control.totals();
  const cache::CacheFigures baseline = context.control.cache_baseline();
  const cache::CacheFigures figures = context.cache.figures();
  RowWriter out;
  process_rows(context, conns, &out);
  connection_rows(conns, totals, &out);
  command_rows(totals, &out);
  traffic_rows(context, conns, totals, figures, &out);
  out.zeros(kSlabKeys);
  out.flag("lru_crawler_running", false);
  out.number("lru_crawler_starts", since(figures.crawler_starts, baseline.crawler_starts));
  out.flag("lru_maintainer_juggles", false);
  out.number("malloc_fails", totals.malloc_fails);
  log_rows(context.control.log_figures(), &out);
  out.zeros(kQueueKeys);
  item_rows(figures, baseline, &out);
  out.zeros(kLruKeys);
  return out.take();
}

}  // namespace martlet::command
