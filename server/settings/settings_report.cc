#include "server/settings/settings_report.h"

#include <fmt/format.h>

#include <concepts>
#include <string>
#include <string_view>

namespace martlet::settings {
namespace {

constexpr const char* kUnset = "NULL";
constexpr const char* kUnsetPointer = "(null)";  // the form memcached gives some unset strings

std::string binding_protocol(protocol::Dialect dialect) {
  switch (dialect) {
    case protocol::Dialect::ascii:
      return "ascii";
    case protocol::Dialect::binary:
      return "binary";
    case protocol::Dialect::automatic:
      break;
  }
  return "auto-negotiate";
}

// The hosts listened on, in order.
std::string interfaces(const net::NetSettings& net) {
  std::string out;
  for (const net::Endpoint& endpoint : net.endpoints.empty() ? net.udp_endpoints : net.endpoints) {
    if (!out.empty()) out += ',';
    out += endpoint.host.empty() ? "*" : endpoint.host;
  }
  return out.empty() ? kUnset : out;
}

class Report {
 public:
  void add(std::string_view key, std::string value) { rows_.emplace_back(key, std::move(value)); }
  void add(std::string_view key, const char* value) { rows_.emplace_back(key, value); }
  void add(std::string_view key, std::integral auto value) { add(key, fmt::format("{}", value)); }
  void add_yes_no(std::string_view key, bool value) { add(key, value ? "yes" : "no"); }

  protocol::StatRows take() { return std::move(rows_); }

 private:
  protocol::StatRows rows_;
};

void add_basics(Report& report, const Settings& settings, const RunningValues& running) {
  const net::NetSettings& net = settings.net;
  report.add("maxbytes", running.memory_limit);
  report.add("maxconns", settings.conn.max_connections);
  report.add("tcpport", net.endpoints.empty() ? 0 : net.tcp_port);
  report.add("udpport", net.udp_endpoints.empty() ? 0 : net.udp_port);
  report.add("inter", interfaces(net));
  report.add("verbosity", running.verbosity);
  report.add("oldest", running.oldest);
  report.add("evictions", settings.cache.evict ? "on" : "off");
  report.add("domain_socket", net.unix_path.empty() ? kUnset : net.unix_path);
  report.add("umask", fmt::format("{:o}", net.unix_mask));
  report.add_yes_no("shutdown_command", settings.command.shutdown_enabled);
  report.add("growth_factor", fmt::format("{:.2f}", settings.cache.class_factor));
  report.add("chunk_size", settings.cache.smallest_class - cache::kClassHeader);
  report.add("num_threads", settings.threads);
  report.add("num_threads_per_udp", net.udp_endpoints.empty() ? 0U : settings.threads);
  report.add("stat_key_prefix", std::string(1, settings.stat_prefix_delimiter));
  report.add_yes_no("detail_enabled", running.prefix_stats);
  report.add("reqs_per_event", settings.conn.reqs_per_event);
  report.add_yes_no("cas_enabled", settings.cache.cas_enabled);
  report.add("tcp_backlog", net.backlog);
  report.add("binding_protocol", binding_protocol(settings.conn.protocol));
  report.add_yes_no("auth_enabled_sasl", false);
  report.add_yes_no("auth_enabled_ascii", false);
  report.add("item_size_max", settings.cache.item_size_max);
  report.add_yes_no("maxconns_fast", net.maxconns_fast);
  report.add("hashpower_init", settings.cache.hash_power);
}

// memcached's slab classes and LRU lists, of which there are none, and what stands among them.
void add_engine(Report& report, const Settings& settings, const RunningValues& running) {
  report.add_yes_no("slab_reassign", false);
  report.add("slab_automove", 0);
  report.add("slab_automove_ratio", "0.00");
  report.add("slab_automove_window", 0);
  report.add("slab_chunk_max", 0);
  report.add_yes_no("lru_crawler", running.lru_crawler);
  report.add("lru_crawler_sleep", running.lru_crawler_sleep_us);
  report.add("lru_crawler_tocrawl", running.lru_crawler_tocrawl);
  report.add("tail_repair_time", 0);
  report.add_yes_no("flush_enabled", settings.command.flush_enabled);
  report.add_yes_no("dump_enabled", settings.command.dumping_enabled);
  report.add("hash_algorithm", "xxh3");
  report.add_yes_no("lru_maintainer_thread", false);
  report.add_yes_no("lru_segmented", false);
  report.add("hot_lru_pct", 0);
  report.add("warm_lru_pct", 0);
  report.add("hot_max_factor", "0.00");
  report.add("warm_max_factor", "0.00");
  report.add_yes_no("temp_lru", false);
  report.add("temporary_ttl", 0);
  report.add("idle_timeout", settings.conn.idle_timeout_s);
  report.add("watcher_logbuf_size", settings.log.watcher_buffer);
  report.add("worker_logbuf_size", settings.log.worker_buffer);
  report.add("read_buf_mem_limit", settings.conn.read_buf_mem_limit);
  report.add_yes_no("track_sizes", settings.cache.track_sizes);
  report.add_yes_no("inline_ascii_response", false);
}

// Flash and TLS, neither of them built.
void add_not_built(Report& report) {
  for (const char* const key : {"ext_item_size", "ext_item_age", "ext_low_ttl", "ext_recache_rate", "ext_wbuf_size",
                                "ext_compact_under", "ext_drop_under", "ext_max_sleep"}) {
    report.add(key, 0);
  }
  report.add("ext_max_frag", "0.00");
  report.add("slab_automove_freeratio", "0.000");
  report.add_yes_no("ext_drop_unread", false);
  report.add_yes_no("ssl_enabled", false);
  report.add("ssl_chain_cert", kUnsetPointer);
  report.add("ssl_key", kUnsetPointer);
  report.add("ssl_verify_mode", 0);
  report.add("ssl_keyformat", 0);
  report.add("ssl_ciphers", kUnset);
  report.add("ssl_ca_cert", kUnset);
  report.add("ssl_wbuf_size", 0);
  report.add_yes_no("ssl_session_cache", false);
  report.add_yes_no("ssl_kernel_tls", false);
  report.add("ssl_min_version", kUnset);
}

}  // namespace

protocol::StatRows settings_report(const Settings& settings, const RunningValues& running) {
  Report report;
  add_basics(report, settings, running);
  add_engine(report, settings, running);
  add_not_built(report);
  report.add("num_napi_ids", 0);
  report.add("memory_file", kUnsetPointer);
  report.add("client_flags_size", sizeof(uint32_t));  // client flags are 32 bits wide
  return report.take();
}

}  // namespace martlet::settings
