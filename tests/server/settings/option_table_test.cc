#include "server/settings/option_table.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

namespace martlet::settings {
namespace {

TEST(OptionTable, EveryFlagOfMemcachedIsKnown) {
  for (const char letter : std::string("pUsaAldrumMckvhiVPfnLDtRCbBISFXWYeZNo")) {
    EXPECT_NE(find_flag(letter), nullptr) << letter;
  }
}

TEST(OptionTable, EverySubOptionOfMemcachedIsKnown) {
  std::istringstream names(
      "maxconns_fast no_maxconns_fast hashpower no_hashexpand hash_algorithm tail_repair_time slab_reassign "
      "no_slab_reassign slab_automove no_slab_automove slab_automove_ratio slab_automove_window slab_sizes "
      "slab_chunk_max no_chunked_items lru_crawler no_lru_crawler lru_crawler_sleep lru_crawler_tocrawl lru_maintainer "
      "no_lru_maintainer hot_lru_pct warm_lru_pct hot_max_factor warm_max_factor temporary_ttl idle_timeout "
      "watcher_logbuf_size worker_logbuf_size track_sizes read_buf_mem_limit drop_privileges no_drop_privileges modern "
      "no_modern inline_ascii_resp no_inline_ascii_resp resp_obj_mem_limit sock_cookie_id ssl_chain_cert ssl_key "
      "ssl_ca_cert ssl_ciphers ssl_keyformat ssl_verify_mode ssl_min_version ssl_wbuf_size ssl_session_cache "
      "ssl_kernel_tls ext_path ext_page_size ext_wbuf_size ext_threads ext_io_depth ext_item_size ext_item_age "
      "ext_low_ttl ext_recache_rate ext_drop_unread ext_compact_under ext_drop_under ext_max_frag ext_max_sleep "
      "slab_automove_freeratio proxy_config proxy_arg proxy_uring proxy_memprofile relaxed_privileges");
  std::string name;
  while (names >> name) EXPECT_NE(find_sub_option(name), nullptr) << name;
}

TEST(OptionTable, NamesAreUnique) {
  std::set<std::string> seen;
  for (const OptionRow& row : flags()) {
    EXPECT_TRUE(seen.insert(std::string("-") + row.letter).second) << row.letter;
    if (*row.name != '\0') {
      EXPECT_TRUE(seen.insert(std::string("--") + row.name).second) << row.name;
    }
  }
  for (const OptionRow& row : sub_options()) EXPECT_TRUE(seen.insert(row.name).second) << row.name;
}

TEST(OptionTable, ARowEitherSetsSomethingOrSaysWhyNot) {
  for (const auto rows : {flags(), sub_options()}) {
    for (const OptionRow& row : rows) {
      const std::string name = std::string(1, row.letter) + row.name;
      EXPECT_EQ(row.set == nullptr, row.status == OptionStatus::not_built) << name;
      EXPECT_EQ(*row.reason == '\0', row.status == OptionStatus::works) << name;
      EXPECT_EQ(*row.argument == '\0', row.kind == ArgumentKind::none) << name;
      EXPECT_NE(*row.words, '\0') << name;
    }
  }
}

}  // namespace
}  // namespace martlet::settings
