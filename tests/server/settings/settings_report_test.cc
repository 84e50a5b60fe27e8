#include "server/settings/settings_report.h"

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/server/settings/command_line.h"

namespace martlet::settings {
namespace {

std::map<std::string, std::string> report(const Words& words, const RunningValues& running = {}) {
  std::map<std::string, std::string> rows;
  for (const auto& [key, value] : settings_report(accepted(words), running)) rows[key] = value;
  return rows;
}

TEST(SettingsReport, KeysAreThoseOfMemcachedInItsOrder) {
  std::istringstream names(
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
      "ssl_min_version num_napi_ids memory_file client_flags_size");
  std::vector<std::string> expected;
  for (std::string name; names >> name;) expected.push_back(name);
  std::vector<std::string> actual;
  for (const auto& [key, value] : settings_report(Settings{}, {})) {
    actual.push_back(key);
    EXPECT_FALSE(value.empty()) << key;
  }
  EXPECT_EQ(actual, expected);
}

TEST(SettingsReport, DefaultsReadAsTheyAre) {
  auto rows = report({});
  EXPECT_EQ(rows["maxconns"], "1024");
  EXPECT_EQ(rows["tcpport"], "11211");
  EXPECT_EQ(rows["inter"], "127.0.0.1,::1");
  EXPECT_EQ(rows["evictions"], "on");
  EXPECT_EQ(rows["domain_socket"], "NULL");
  EXPECT_EQ(rows["umask"], "700");
  EXPECT_EQ(rows["binding_protocol"], "auto-negotiate");
  EXPECT_EQ(rows["item_size_max"], "1048576");
  EXPECT_EQ(rows["maxconns_fast"], "yes");
  EXPECT_EQ(rows["lru_crawler"], "yes");
  EXPECT_EQ(rows["client_flags_size"], "4");
  EXPECT_EQ(rows["growth_factor"], "1.25");
  EXPECT_EQ(rows["chunk_size"], "48");
  EXPECT_EQ(rows["track_sizes"], "no");
}

TEST(SettingsReport, TheCommandLineShows) {
  auto rows =
      report({"-l", "10.0.0.1,*", "-p",
              "99", "-s",         "/tmp/s",
              "-a", "777",        "-c",
              "5",  "-M",         "-A",
              "-t", "2",          "-D",
              "|",  "-R",         "7",
              "-C", "-f",         "1.5",
              "-n", "64",         "-b",
              "8",  "-B",         "ascii",
              "-I", "2m",         "-F",
              "-X", "-o",         "no_maxconns_fast,hashpower=16,idle_timeout=9,read_buf_mem_limit=2,track_sizes"});
  EXPECT_EQ(rows["inter"], "10.0.0.1,*");
  EXPECT_EQ(rows["tcpport"], "99");
  EXPECT_EQ(rows["domain_socket"], "/tmp/s");
  EXPECT_EQ(rows["umask"], "777");
  EXPECT_EQ(rows["maxconns"], "5");
  EXPECT_EQ(rows["evictions"], "off");
  EXPECT_EQ(rows["shutdown_command"], "yes");
  EXPECT_EQ(rows["num_threads"], "2");
  EXPECT_EQ(rows["stat_key_prefix"], "|");
  EXPECT_EQ(rows["reqs_per_event"], "7");
  EXPECT_EQ(rows["cas_enabled"], "no");
  EXPECT_EQ(rows["tcp_backlog"], "8");
  EXPECT_EQ(rows["binding_protocol"], "ascii");
  EXPECT_EQ(rows["item_size_max"], "2097152");
  EXPECT_EQ(rows["flush_enabled"], "no");
  EXPECT_EQ(rows["dump_enabled"], "no");
  EXPECT_EQ(rows["maxconns_fast"], "no");
  EXPECT_EQ(rows["hashpower_init"], "16");
  EXPECT_EQ(rows["growth_factor"], "1.50");
  EXPECT_EQ(rows["chunk_size"], "64");
  EXPECT_EQ(rows["track_sizes"], "yes");
  EXPECT_EQ(rows["idle_timeout"], "9");
  EXPECT_EQ(rows["read_buf_mem_limit"], "2097152");
}

TEST(SettingsReport, WhatChangesAtRunTimeIsShownAsItIs) {
  auto rows = report({"-v", "-m", "64"}, {.verbosity = 2, .memory_limit = 123456789, .oldest = 17});
  EXPECT_EQ(rows["verbosity"], "2");
  EXPECT_EQ(rows["maxbytes"], "123456789");
  EXPECT_EQ(rows["oldest"], "17");
}

TEST(SettingsReport, UdpShowsItsPortAndThatEveryWorkerServesIt) {
  auto off = report({"-p", "99", "-t", "3"});
  EXPECT_EQ(off["udpport"], "0");
  EXPECT_EQ(off["num_threads_per_udp"], "0");
  auto on = report({"-U", "98", "-t", "3", "-p", "0", "-l", "10.0.0.1"});
  EXPECT_EQ(on["udpport"], "98");
  EXPECT_EQ(on["num_threads_per_udp"], "3");
  EXPECT_EQ(on["tcpport"], "0");
  EXPECT_EQ(on["inter"], "10.0.0.1");
}

TEST(SettingsReport, WithoutTcpThereIsNoPort) {
  auto rows = report({"-s", "/tmp/s"});
  EXPECT_EQ(rows["tcpport"], "0");
  EXPECT_EQ(rows["inter"], "NULL");
}

}  // namespace
}  // namespace martlet::settings
