// Stories about stats: which keys there are, that their figures are figures, and that they are true.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/client.h"
#include "tests/support/server_under_test.h"
#include "tests/wire/server_pool.h"
#include "tests/wire/stat_rows.h"

namespace martlet::wire {
namespace {

using support::Client;
using support::ServerKind;
using support::Transport;

// What every reader of memcached's statistics may ask for, in memcached's order.
const char kGeneralKeys[] =
    "pid uptime time version libevent pointer_size rusage_user rusage_system max_connections curr_connections "
    "total_connections rejected_connections connection_structures response_obj_oom response_obj_count "
    "response_obj_bytes read_buf_count read_buf_bytes read_buf_bytes_free read_buf_oom reserved_fds cmd_get cmd_set "
    "cmd_flush cmd_touch cmd_meta get_hits get_misses get_expired get_flushed delete_misses delete_hits incr_misses "
    "incr_hits decr_misses decr_hits cas_misses cas_hits cas_badval touch_hits touch_misses store_too_large "
    "store_no_memory auth_cmds auth_errors bytes_read bytes_written limit_maxbytes accepting_conns listen_disabled_num "
    "time_in_listen_disabled_us threads conn_yields hash_power_level hash_bytes hash_is_expanding "
    "slab_reassign_rescues slab_reassign_chunk_rescues slab_reassign_inline_reclaim slab_reassign_busy_items "
    "slab_reassign_busy_deletes slab_reassign_running slabs_moved lru_crawler_running lru_crawler_starts "
    "lru_maintainer_juggles malloc_fails log_worker_dropped log_worker_written log_watcher_skipped log_watcher_sent "
    "log_watchers unexpected_napi_ids round_robin_fallback bytes curr_items total_items slab_global_page_pool "
    "expired_unfetched evicted_unfetched evicted_active evictions reclaimed crawler_reclaimed crawler_items_checked "
    "lrutail_reflocked moves_to_cold moves_to_warm moves_within_lru direct_reclaims lru_bumps_dropped";

const char kSettingsKeys[] =
    "maxbytes maxconns tcpport udpport inter verbosity oldest evictions domain_socket umask shutdown_command "
    "growth_factor chunk_size num_threads num_threads_per_udp stat_key_prefix detail_enabled reqs_per_event "
    "cas_enabled tcp_backlog binding_protocol auth_enabled_sasl auth_enabled_ascii item_size_max maxconns_fast "
    "hashpower_init slab_reassign slab_automove slab_automove_ratio slab_automove_window slab_chunk_max lru_crawler "
    "lru_crawler_sleep lru_crawler_tocrawl tail_repair_time flush_enabled dump_enabled hash_algorithm "
    "lru_maintainer_thread lru_segmented hot_lru_pct warm_lru_pct hot_max_factor warm_max_factor temp_lru "
    "temporary_ttl idle_timeout watcher_logbuf_size worker_logbuf_size read_buf_mem_limit track_sizes "
    "inline_ascii_response ext_item_size ext_item_age ext_low_ttl ext_recache_rate ext_wbuf_size ext_compact_under "
    "ext_drop_under ext_max_sleep ext_max_frag slab_automove_freeratio ext_drop_unread ssl_enabled ssl_chain_cert "
    "ssl_key ssl_verify_mode ssl_keyformat ssl_ciphers ssl_ca_cert ssl_wbuf_size ssl_session_cache ssl_kernel_tls "
    "ssl_min_version num_napi_ids memory_file";
// Since the newest releases only.
const char kNewestSettingsKey[] = "client_flags_size";

// The first of `wanted` that is not in `keys` after the ones before it; empty when all are, in order.
std::string first_out_of_order(const std::vector<std::string>& wanted, const std::vector<std::string>& keys) {
  auto from = keys.begin();
  for (const std::string& key : wanted) {
    const auto at = std::find(from, keys.end(), key);
    if (at == keys.end()) return key;
    from = at + 1;
  }
  return {};
}

class WireStats : public testing::Test {
 protected:
  void SetUp() override {
    server_ = fresh_server();
    ASSERT_NE(server_, nullptr);
    client_ = connect(*server_);
    ASSERT_NE(client_, nullptr);
  }

  // A server that has never held an item: what flush_all has hidden may be counted for a while. The option changes
  // nothing that counts here.
  void use_unused_server(const std::string& backlog) {
    client_.reset();
    server_ = fresh_server({"-b", backlog});
    ASSERT_NE(server_, nullptr);
    client_ = connect(*server_);
    ASSERT_NE(client_, nullptr);
  }

  std::string ask(const std::string& command) {
    if (!client_->send(command)) return "not sent";
    return client_->receive_line().value_or("no answer");
  }

  support::ServerUnderTest* server_ = nullptr;
  std::unique_ptr<Client> client_;
};

TEST_F(WireStats, EveryGeneralKeyIsThereInMemcachedsOrder) {
  const auto rows = stats(*client_, "stats");
  ASSERT_TRUE(rows.has_value());
  EXPECT_EQ(first_out_of_order(words(kGeneralKeys), keys_of(*rows)), "");
}

TEST_F(WireStats, EveryGeneralFigureIsANumber) {
  const auto rows = stats(*client_, "stats");
  ASSERT_TRUE(rows.has_value());
  std::set<std::string> seen;
  for (const auto& [key, value] : *rows) {
    EXPECT_TRUE(seen.insert(key).second) << key << " comes twice";
    if (key == "version" || key == "libevent") continue;
    EXPECT_TRUE(is_number(value)) << key << " is " << value;
  }
}

TEST_F(WireStats, GeneralFiguresDescribeThisServer) {
  const auto rows = stats(*client_, "stats");
  ASSERT_TRUE(rows.has_value());
  EXPECT_EQ(value_of(*rows, "threads"), "4");
  EXPECT_EQ(value_of(*rows, "limit_maxbytes"), "67108864");
  EXPECT_EQ(value_of(*rows, "max_connections"), "1024");
  EXPECT_EQ(value_of(*rows, "pointer_size"), std::to_string(sizeof(void*) * 8));
  EXPECT_EQ(value_of(*rows, "accepting_conns"), "1");
  EXPECT_EQ("VERSION " + value_of(*rows, "version") + "\r\n", ask("version\r\n"));
}

TEST_F(WireStats, CountersCountWhatWasDone) {
  use_unused_server("1001");
  if (HasFatalFailure()) return;
  struct Step {
    std::string send;
    std::string answer;
  };
  const std::vector<Step> steps = {
      {"set a 0 0 1\r\n5\r\n", "STORED\r\n"},
      {"set b 0 0 1\r\nx\r\n", "STORED\r\n"},
      {"add a 0 0 1\r\nx\r\n", "NOT_STORED\r\n"},
      {"incr a 1\r\n", "6\r\n"},
      {"incr nope 1\r\n", "NOT_FOUND\r\n"},
      {"incr nope 1\r\n", "NOT_FOUND\r\n"},
      {"decr a 1\r\n", "5\r\n"},
      {"decr a 1\r\n", "4\r\n"},
      {"decr nope 1\r\n", "NOT_FOUND\r\n"},
      {"touch a 0\r\n", "TOUCHED\r\n"},
      {"touch nope 0\r\n", "NOT_FOUND\r\n"},
      {"delete b\r\n", "DELETED\r\n"},
      {"delete b\r\n", "NOT_FOUND\r\n"},
      {"delete b\r\n", "NOT_FOUND\r\n"},
      {"cas nope 0 0 1 1\r\nx\r\n", "NOT_FOUND\r\n"},
      {"cas a 0 0 1 0\r\nx\r\n", "EXISTS\r\n"},
      {"get nope\r\n", "END\r\n"},
      {"get nope nada nil\r\n", "END\r\n"},
      {"flush_all 1000\r\n", "OK\r\n"},
  };
  ASSERT_EQ(ask("stats reset\r\n"), "RESET\r\n");
  for (const Step& step : steps) ASSERT_EQ(ask(step.send), step.answer) << step.send;
  ASSERT_TRUE(client_->send("get a a\r\n"));
  ASSERT_EQ(client_->receive_through("END\r\n"), "VALUE a 0 1\r\n4\r\nVALUE a 0 1\r\n4\r\nEND\r\n");
  const auto rows = stats(*client_, "stats");
  ASSERT_TRUE(rows.has_value());
  const std::map<std::string, std::string> expected = {
      {"cmd_get", "6"},     {"get_hits", "2"},    {"get_misses", "4"},    {"cmd_set", "5"},    {"incr_hits", "1"},
      {"incr_misses", "2"}, {"decr_hits", "2"},   {"decr_misses", "1"},   {"touch_hits", "1"}, {"touch_misses", "1"},
      {"cmd_touch", "2"},   {"delete_hits", "1"}, {"delete_misses", "2"}, {"cas_misses", "1"}, {"cas_badval", "1"},
      {"cas_hits", "0"},    {"cmd_flush", "1"},   {"curr_items", "1"},    {"cmd_meta", "0"},
  };
  for (const auto& [key, value] : expected) EXPECT_EQ(value_of(*rows, key), value) << key;
  ASSERT_EQ(ask("flush_all\r\n"), "OK\r\n");
}

TEST_F(WireStats, ResetZeroesCountersAndKeepsGauges) {
  use_unused_server("1002");
  if (HasFatalFailure()) return;
  ASSERT_EQ(ask("set a 0 0 1\r\n5\r\n"), "STORED\r\n");
  ASSERT_EQ(ask("get nope\r\n"), "END\r\n");
  ASSERT_EQ(ask("stats reset\r\n"), "RESET\r\n");
  const auto rows = stats(*client_, "stats");
  ASSERT_TRUE(rows.has_value());
  for (const char* key : {"cmd_get", "cmd_set", "get_misses", "total_items", "evictions", "cmd_flush"}) {
    EXPECT_EQ(value_of(*rows, key), "0") << key;
  }
  EXPECT_EQ(value_of(*rows, "curr_items"), "1");
  EXPECT_NE(value_of(*rows, "curr_connections"), "0");
}

TEST_F(WireStats, SettingsKeysComeInMemcachedsOrder) {
  const auto rows = stats(*client_, "stats settings");
  ASSERT_TRUE(rows.has_value());
  std::vector<std::string> wanted = words(kSettingsKeys);
  if (server_->kind() != ServerKind::reference) wanted.emplace_back(kNewestSettingsKey);
  EXPECT_EQ(first_out_of_order(wanted, keys_of(*rows)), "");
}

TEST_F(WireStats, SettingsShowTheCommandLine) {
  auto* server = fresh_server({"-m", "128", "-c", "200", "-R", "7", "-F", "-I", "2m"});
  ASSERT_NE(server, nullptr);
  const auto client = connect(*server);
  ASSERT_NE(client, nullptr);
  const auto rows = stats(*client, "stats settings");
  ASSERT_TRUE(rows.has_value());
  EXPECT_EQ(value_of(*rows, "maxbytes"), "134217728");
  EXPECT_EQ(value_of(*rows, "maxconns"), "200");
  EXPECT_EQ(value_of(*rows, "reqs_per_event"), "7");
  EXPECT_EQ(value_of(*rows, "flush_enabled"), "no");
  EXPECT_EQ(value_of(*rows, "item_size_max"), "2097152");
  EXPECT_EQ(value_of(*rows, "num_threads"), "4");
  EXPECT_EQ(value_of(*rows, "cas_enabled"), "yes");
  // In process the kernel picks the port, and the setting says so.
  const bool picked = server->kind() == ServerKind::in_process;
  EXPECT_EQ(value_of(*rows, "tcpport"), picked ? "-1" : std::to_string(server->port()));
}

// How `stats conns` writes our end of the connection.
std::string own_address(const Client& client, Transport transport) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(client.fd(), reinterpret_cast<sockaddr*>(&address), &size);
  if (transport == Transport::tcp4) {
    return "tcp:127.0.0.1:" + std::to_string(ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port));
  }
  return "tcp6:[::1]:" + std::to_string(ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port));
}

TEST_F(WireStats, ConnsShowsEveryConnectionByItsDescriptor) {
  for (const Transport transport : {Transport::tcp4, Transport::tcp6}) {
    const auto client = connect(*server_, transport);
    ASSERT_NE(client, nullptr);
    const auto rows = stats(*client, "stats conns");
    ASSERT_TRUE(rows.has_value());
    std::map<std::string, std::map<std::string, std::string>> connections;
    for (const auto& [key, value] : *rows) {
      const size_t colon = key.find(':');
      ASSERT_NE(colon, std::string::npos) << key;
      ASSERT_TRUE(is_number(key.substr(0, colon))) << key;
      connections[key.substr(0, colon)][key.substr(colon + 1)] = value;
    }
    bool found = false;
    size_t listeners = 0;
    for (auto& [fd, fields] : connections) {
      EXPECT_EQ(fields.count("addr"), 1U) << fd;
      EXPECT_EQ(fields["state"].rfind("conn_", 0), 0U) << fd << " is " << fields["state"];
      EXPECT_TRUE(is_number(fields["secs_since_last_cmd"])) << fd;
      if (fields["state"] == "conn_listening") {
        ++listeners;
        EXPECT_EQ(fields.count("listen_addr"), 0U);
        continue;
      }
      if (fields["addr"] != own_address(*client, transport)) continue;
      found = true;
      EXPECT_EQ(fields["state"], "conn_parse_cmd");
      const std::string host = transport == Transport::tcp4 ? "tcp:127.0.0.1:" : "tcp6:[::1]:";
      EXPECT_EQ(fields["listen_addr"], host + std::to_string(server_->port()));
    }
    EXPECT_TRUE(found) << own_address(*client, transport);
    EXPECT_GE(listeners, 2U);
  }
}

TEST_F(WireStats, ThreadsShowsConnectionsAndRequestsOfEveryWorker) {
  if (server_->kind() == ServerKind::reference) GTEST_SKIP() << "memcached has no stats threads";
  const auto rows = stats(*client_, "stats threads");
  ASSERT_TRUE(rows.has_value());
  std::map<std::string, std::set<std::string>> workers;
  for (const auto& [key, value] : *rows) {
    const size_t colon = key.find(':');
    ASSERT_NE(colon, std::string::npos) << key;
    ASSERT_TRUE(is_number(key.substr(0, colon))) << key;
    EXPECT_TRUE(is_number(value)) << key << " is " << value;
    workers[key.substr(0, colon)].insert(key.substr(colon + 1));
  }
  EXPECT_EQ(workers.size(), 4U);
  for (const auto& [worker, fields] : workers) {
    EXPECT_EQ(fields.count("connections"), 1U) << worker;
    EXPECT_EQ(fields.count("requests"), 1U) << worker;
  }
}

}  // namespace
}  // namespace martlet::wire
