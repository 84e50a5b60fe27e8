// Stories about monitoring: what the Prometheus exporter for memcached reads is there, plain, and adds up. It asks for
// `stats`, `stats settings`, `stats items` and `stats slabs`; a key that is missing it skips in silence, and a figure
// that it cannot read makes the server count as down.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
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
using Figures = std::map<std::string, std::string>;

const char kGeneral[] =
    "uptime time rusage_user rusage_system bytes bytes_read bytes_written limit_maxbytes curr_connections "
    "total_connections rejected_connections conn_yields listen_disabled_num accepting_conns curr_items total_items "
    "evictions reclaimed direct_reclaims store_too_large store_no_memory cmd_set cmd_flush get_hits get_misses "
    "delete_hits delete_misses incr_hits incr_misses decr_hits decr_misses cas_hits cas_misses cas_badval touch_hits "
    "touch_misses lru_crawler_starts crawler_items_checked crawler_reclaimed moves_to_cold moves_to_warm "
    "moves_within_lru round_robin_fallback unexpected_napi_ids";
// memcached shows number_temp beside these where it keeps short-lived items in a list of their own.
const char kOfItems[] =
    "number age evicted evicted_nonzero evicted_time evicted_unfetched expired_unfetched outofmemory reclaimed "
    "crawler_reclaimed tailrepairs moves_to_cold moves_to_warm moves_within_lru number_hot number_warm number_cold "
    "age_hot "
    "age_warm hits_to_hot hits_to_warm hits_to_cold hits_to_temp";
const char kOfSlabs[] =
    "chunk_size chunks_per_page total_pages total_chunks used_chunks free_chunks free_chunks_end get_hits cmd_set "
    "delete_hits incr_hits decr_hits cas_hits cas_badval touch_hits";
const char kOfCrawler[] =
    "lru_crawler_sleep lru_crawler_tocrawl hot_lru_pct warm_lru_pct hot_max_factor warm_max_factor";

// A figure that must be there, a whole number and not negative; fails the test and answers 0 otherwise.
int64_t figure(const Figures& figures, const std::string& key) {
  const auto at = figures.find(key);
  const bool whole = at != figures.end() && is_number(at->second) && at->second.find('.') == std::string::npos;
  EXPECT_TRUE(whole) << key << (at == figures.end() ? " is missing" : " is " + at->second);
  return whole ? std::stoll(at->second) : 0;
}

void expect_numbers(const Figures& figures, const std::string& keys, const std::string& where) {
  for (const std::string& key : words(keys)) {
    const auto at = figures.find(key);
    ASSERT_NE(at, figures.end()) << key << " is missing in " << where;
    EXPECT_TRUE(is_number(at->second)) << key << " of " << where << " is " << at->second;
  }
}

class WireExporter : public testing::Test {
 protected:
  void SetUp() override {
    server_ = fresh_server();
    ASSERT_NE(server_, nullptr);
    client_ = connect(*server_);
    ASSERT_NE(client_, nullptr);
    ask("stats reset\r\n", "RESET\r\n");
    for (const size_t size : {1U, 3000U, 300000U}) use_every_command(std::to_string(size), std::string(size, '7'));
  }

  // Sets, and a cas of every outcome; hits and misses of everything else.
  void use_every_command(const std::string& key, const std::string& value) {
    const std::string block = " 0 0 " + std::to_string(value.size());
    const std::string data = "\r\n" + value + "\r\n";
    ask("set " + key + block + data, "STORED\r\n");
    ask("add " + key + block + data, "NOT_STORED\r\n");
    ask("cas " + key + block + " " + id_of(key, value) + data, "STORED\r\n");
    ask("cas " + key + block + " 1" + data, "EXISTS\r\n");
    ask("cas nope" + block + " 1" + data, "NOT_FOUND\r\n");
    ask("touch " + key + " 0\r\n", "TOUCHED\r\n");
    ask("touch nope 0\r\n", "NOT_FOUND\r\n");
    ask("incr nope 1\r\n", "NOT_FOUND\r\n");
    ask("decr nope 1\r\n", "NOT_FOUND\r\n");
    ask("delete nope\r\n", "NOT_FOUND\r\n");
    ask("get nope\r\n", "END\r\n");
    if (value.size() > 20) return;  // no number
    ask("incr " + key + " 2\r\n", "9\r\n");
    ask("decr " + key + " 2\r\n", "7\r\n");
  }

  void ask(const std::string& command, const std::string& answer) {
    ASSERT_TRUE(client_->send(command));
    ASSERT_EQ(client_->receive_line().value_or("no answer"), answer) << command.substr(0, 40);
  }

  std::string id_of(const std::string& key, const std::string& value) {
    client_->send("gets " + key + "\r\n");
    const std::string answer = client_->receive_through("\r\nEND\r\n").value_or("");
    const size_t end = answer.find("\r\n" + value);
    if (end == std::string::npos) return "no id";
    return answer.substr(answer.rfind(' ', end) + 1, end - answer.rfind(' ', end) - 1);
  }

  Figures figures_of(const std::string& command) {
    const std::optional<Rows> rows = stats(*client_, command);
    EXPECT_TRUE(rows.has_value()) << command;
    return rows.has_value() ? Figures(rows->begin(), rows->end()) : Figures{};
  }

  // The rows of each class, by its number: `prefix`<number>:<name>. Others belong to no class.
  std::map<std::string, Figures> classes_of(const std::string& command, const std::string& prefix) {
    std::map<std::string, Figures> classes;
    for (const auto& [key, value] : figures_of(command)) {
      const size_t colon = key.find(':', prefix.size());
      if (key.rfind(prefix, 0) != 0 || colon == std::string::npos) continue;
      classes[key.substr(prefix.size(), colon - prefix.size())][key.substr(colon + 1)] = value;
    }
    return classes;
  }

  support::ServerUnderTest* server_ = nullptr;
  std::unique_ptr<Client> client_;
};

TEST_F(WireExporter, GeneralFiguresAreThereAndPlain) {
  const Figures general = figures_of("stats");
  expect_numbers(general, kGeneral, "stats");
  EXPECT_EQ(general.count("version"), 1U);
}

TEST_F(WireExporter, SetsThatAreNoCasAreNeverNegative) {
  const Figures general = figures_of("stats");
  const int64_t cas = figure(general, "cas_hits") + figure(general, "cas_misses") + figure(general, "cas_badval");
  EXPECT_EQ(cas, 9);
  EXPECT_EQ(figure(general, "cmd_set") - cas, 6);  // a set and an add of each size
}

TEST_F(WireExporter, SettingsTellOfConnectionsAndTheCrawler) {
  const Figures settings = figures_of("stats settings");
  EXPECT_EQ(figure(settings, "maxconns"), 1024);
  const auto crawler = settings.find("lru_crawler");
  ASSERT_NE(crawler, settings.end());
  ASSERT_TRUE(crawler->second == "yes" || crawler->second == "no") << crawler->second;
  expect_numbers(settings, kOfCrawler, "stats settings");
  const auto maintainer = settings.find("lru_maintainer_thread");
  ASSERT_NE(maintainer, settings.end());
  EXPECT_TRUE(maintainer->second == "yes" || maintainer->second == "no") << maintainer->second;
}

TEST_F(WireExporter, EveryClassOfItemsIsWhole) {
  const auto classes = classes_of("stats items", "items:");
  ASSERT_GE(classes.size(), 3U);
  int64_t number = 0;
  for (const auto& [id, figures] : classes) {
    EXPECT_TRUE(is_number(id)) << id;
    expect_numbers(figures, kOfItems, "class " + id);
    number += figure(figures, "number");
    EXPECT_EQ(figure(figures, "number"),
              figure(figures, "number_hot") + figure(figures, "number_warm") + figure(figures, "number_cold"));
  }
  EXPECT_EQ(number, figure(figures_of("stats"), "curr_items"));
}

TEST_F(WireExporter, EveryClassOfSlabsIsWholeAndItsSetsAreNeverNegative) {
  const auto classes = classes_of("stats slabs", "");
  ASSERT_GE(classes.size(), 3U);
  int64_t used = 0;
  int64_t sets = 0;
  for (const auto& [id, figures] : classes) {
    EXPECT_TRUE(is_number(id)) << id;
    expect_numbers(figures, kOfSlabs, "class " + id);
    if (server_->kind() != ServerKind::reference) figure(figures, "mem_requested");  // memcached 1.6.18 has it not
    EXPECT_GE(figure(figures, "cmd_set") - figure(figures, "cas_hits") - figure(figures, "cas_badval"), 0) << id;
    EXPECT_EQ(figure(figures, "total_chunks"),
              figure(figures, "used_chunks") + figure(figures, "free_chunks") + figure(figures, "free_chunks_end"));
    used += figure(figures, "used_chunks");
    sets += figure(figures, "cmd_set");
  }
  const Figures general = figures_of("stats");
  EXPECT_GE(used, figure(general, "curr_items"));
  EXPECT_GT(sets, 0);
  EXPECT_LE(sets, figure(general, "cmd_set"));
  EXPECT_GT(figure(figures_of("stats slabs"), "total_malloced"), 0);
}

}  // namespace
}  // namespace martlet::wire
