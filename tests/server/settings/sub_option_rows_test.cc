#include "server/settings/option_table.h"
#include "tests/server/settings/command_line.h"

namespace martlet::settings {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(SubOptions, EachReachesItsSetting) {
  const Settings settings = accepted({"-o", "no_maxconns_fast,idle_timeout=10,request_timeout=20,send_timeout=30", "-o",
                                      "idle_reclaim,read_buf_mem_limit=3,sock_cookie_id=99,hashpower=20"});
  EXPECT_FALSE(settings.net.maxconns_fast);
  EXPECT_EQ(settings.conn.idle_timeout_s, 10U);
  EXPECT_EQ(settings.conn.request_timeout_s, 20U);
  EXPECT_EQ(settings.conn.send_timeout_s, 30U);
  EXPECT_TRUE(settings.conn.idle_reclaim);
  EXPECT_EQ(settings.conn.read_buf_mem_limit, 3U << 20);
  EXPECT_EQ(settings.net.sock_cookie_id, 99U);
  EXPECT_EQ(settings.cache.hash_power, 20U);
  EXPECT_TRUE(settings.command.idle_timeout_enabled);
}

TEST(SubOptions, NoModernStopsAcceptingAtTheLimit) {
  EXPECT_FALSE(accepted({"-o", "no_modern"}).net.maxconns_fast);
  EXPECT_TRUE(accepted({"-o", "modern"}).net.maxconns_fast);
}

TEST(SubOptions, EveryValueIsChecked) {
  expect_refused({
      {{"-o", "hashpower=11"}, 1, "hashpower"},
      {{"-o", "hashpower=33"}, 1, "hashpower"},
      {{"-o", "hash_algorithm=md5"}, 1, "hash_algorithm"},
      {{"-o", "tail_repair_time=9"}, 1, "tail_repair_time"},
      {{"-o", "slab_automove=3"}, 1, "slab_automove"},
      {{"-o", "slab_automove=-1"}, 1, "slab_automove"},
      {{"-o", "slab_automove="}, 1, "slab_automove"},
      {{"-o", "slab_automove_ratio=0"}, 1, "slab_automove_ratio"},
      {{"-o", "slab_automove_ratio=1.1"}, 1, "slab_automove_ratio"},
      {{"-o", "slab_automove_window=2"}, 1, "slab_automove_window"},
      {{"-o", "slab_automove_window=1801"}, 1, "slab_automove_window"},
      {{"-o", "slab_automove_freeratio=x"}, 1, "slab_automove_freeratio"},
      {{"-o", "slab_chunk_max=0"}, 1, "slab_chunk_max"},
      {{"-o", "slab_chunk_max=1025"}, 1, "slab_chunk_max"},
      {{"-o", "lru_crawler_sleep=-1"}, 1, "lru_crawler_sleep"},
      {{"-o", "lru_crawler_sleep=1000001"}, 1, "lru_crawler_sleep"},
      {{"-o", "lru_crawler_tocrawl=4294967296"}, 1, "lru_crawler_tocrawl"},
      {{"-o", "hot_lru_pct=0"}, 1, "hot_lru_pct"},
      {{"-o", "hot_lru_pct=80"}, 1, "hot_lru_pct"},
      {{"-o", "warm_lru_pct=80"}, 1, "warm_lru_pct"},
      {{"-o", "hot_max_factor=0"}, 1, "hot_max_factor"},
      {{"-o", "warm_max_factor=-1"}, 1, "warm_max_factor"},
      {{"-o", "temporary_ttl=abc"}, 1, "temporary_ttl"},
      {{"-o", "watcher_logbuf_size=abc"}, 1, "watcher_logbuf_size"},
      {{"-o", "worker_logbuf_size=1k"}, 1, "worker_logbuf_size"},
      {{"-o", "read_buf_mem_limit=abc"}, 1, "read_buf_mem_limit"},
      {{"-o", "sock_cookie_id=abc"}, 1, "sock_cookie_id"},
      {{"-o", "idle_timeout=abc"}, 1, "idle_timeout"},
      {{"-o", "idle_timeout=-1"}, 1, "idle_timeout"},
      {{"-o", "request_timeout=5s"}, 1, "request_timeout"},
      {{"-o", "send_timeout=4294967296"}, 1, "send_timeout"},
  });
}

TEST(SubOptions, EdgesOfTheRangesAreAccepted) {
  expect_accepted({{"-o", "hashpower=13"},
                   {"-o", "hashpower=32"},
                   {"-o", "tail_repair_time=10"},
                   {"-o", "slab_automove"},
                   {"-o", "slab_automove=0"},
                   {"-o", "slab_automove=2"},
                   {"-o", "slab_automove_ratio=1"},
                   {"-o", "slab_automove_window=3"},
                   {"-o", "slab_automove_window=1800"},
                   {"-o", "slab_chunk_max=1"},
                   {"-o", "slab_chunk_max=1024"},
                   {"-o", "lru_crawler_sleep=0,lru_crawler_sleep=1000000,lru_crawler_tocrawl=4294967295"},
                   {"-o", "hot_lru_pct=1,warm_lru_pct=79"},
                   {"-o", "hash_algorithm=jenkins,hash_algorithm=murmur3,hash_algorithm=xxh3"}});
}

TEST(SubOptions, AMissingValueIsRefused) {
  for (const OptionRow& row : sub_options()) {
    if (row.kind != ArgumentKind::required || row.status == OptionStatus::not_built) continue;
    expect_refused({"-o", row.name}, 1, row.name);
    const std::string with_nothing = std::string(row.name) + "=";
    expect_refused({"-o", with_nothing.c_str()}, 1, row.name);
  }
}

TEST(SubOptions, UnknownOnesAreRefused) {
  expect_refused({{{"-o", "no_such_thing"}, 1, "no_such_thing"},
                  {{"-o", "idle_timeou=3"}, 1, "idle_timeou"},
                  {{"-o", "modern,,modern"}, 1, "unknown"},
                  {{"-o", ",modern"}, 1, "unknown"},
                  {{"-o", "=3"}, 1, "unknown"}});
  expect_accepted({{"-o", "modern,"}, {"-o", ""}});
}

TEST(SubOptions, WhatIsNotBuiltIsRefusedWithOrWithoutAValue) {
  int seen = 0;
  for (const OptionRow& row : sub_options()) {
    if (row.status != OptionStatus::not_built) continue;
    expect_refused({"-o", row.name}, 64, "not built");
    const std::string with_value = std::string(row.name) + "=1";
    expect_refused({"-o", with_value.c_str()}, 64, row.name);
    ++seen;
  }
  EXPECT_GT(seen, 25);
  for (const char* const name : {"ssl_chain_cert", "ssl_min_version", "ext_path", "ext_max_frag", "proxy_config"}) {
    expect_refused({"-o", name}, 64, name);
  }
}

TEST(SubOptions, TuningOfOtherEnginesIsAcceptedAndSaysSo) {
  const Result<ParsedCommandLine> parsed =
      parse({"-o", "slab_reassign,no_slab_reassign,no_slab_automove,no_chunked_items,lru_crawler,no_lru_crawler", "-o",
             "lru_maintainer,no_lru_maintainer,no_hashexpand,inline_ascii_resp,no_inline_ascii_resp", "-o",
             "resp_obj_mem_limit=5"});
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(parsed.value().notes.size(), 10U);
  EXPECT_THAT(parsed.value().notes, Contains(AllOf(HasSubstr("-o no_hashexpand"), HasSubstr("without effect"))));
  EXPECT_THAT(parsed.value().warnings, IsEmpty());
}

TEST(SubOptions, AValueThatASwitchDoesNotTakeIsNoted) {
  const Result<ParsedCommandLine> parsed = parse({"-o", "maxconns_fast=1"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_THAT(parsed.value().notes, ElementsAre(HasSubstr("takes no value")));
}

}  // namespace
}  // namespace martlet::settings
