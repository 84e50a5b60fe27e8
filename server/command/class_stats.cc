// stats items, stats slabs: figures by size class, in memcached's form. Classes only sort items for these listings:
// nothing is kept by class, so rows that tell of lists and pages say what is so here (docs/stats.md).
#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "server/command/handlers.h"

namespace martlet::command {

using cache::ClassFigures;
using protocol::StatRows;

namespace {

constexpr uint64_t kPage = 1 << 20;  // bytes, what memcached counts a class's memory in

// LRU lists that do not exist here.
constexpr std::array<std::string_view, 9> kListMoves{"lrutail_reflocked", "moves_to_cold",   "moves_to_warm",
                                                     "moves_within_lru",  "direct_reclaims", "hits_to_hot",
                                                     "hits_to_warm",      "hits_to_cold",    "hits_to_temp"};

void add_item_rows(size_t number, const ClassFigures& row, StatRows* rows) {
  const auto add = [&](std::string_view name, uint64_t value) {
    rows->emplace_back(fmt::format("items:{}:{}", number, name), std::to_string(value));
  };
  add("number", row.items);
  add("number_hot", 0);
  add("number_warm", 0);
  add("number_cold", row.items);
  add("age_hot", 0);
  add("age_warm", 0);
  add("age", 0);
  add("mem_requested", row.bytes);
  add("evicted", row.evicted);
  add("evicted_nonzero", row.evicted_nonzero);
  add("evicted_time", row.evicted_age);
  add("outofmemory", row.out_of_memory);
  add("tailrepairs", 0);
  add("reclaimed", row.reclaimed);
  add("expired_unfetched", row.expired_unfetched);
  add("evicted_unfetched", row.evicted_unfetched);
  add("evicted_active", row.evicted_active);
  add("crawler_reclaimed", row.crawler_reclaimed);
  add("crawler_items_checked", row.crawler_checked);
  for (const std::string_view name : kListMoves) add(name, 0);
}

// Chunks are items as they are: none is free, for what an item leaves is used again by any other.
void add_slab_rows(size_t number, const ClassFigures& row, const stats::ClassTotals& commands, StatRows* rows) {
  const auto add = [&](std::string_view name, uint64_t value) {
    rows->emplace_back(fmt::format("{}:{}", number, name), std::to_string(value));
  };
  add("chunk_size", row.item_size);
  add("chunks_per_page", kPage / row.item_size);
  add("total_pages", (row.bytes + kPage - 1) / kPage);
  add("total_chunks", row.items);
  add("used_chunks", row.items);
  add("free_chunks", 0);
  add("free_chunks_end", 0);
  add("mem_requested", row.bytes);
  add("get_hits", commands.get_hits);
  add("cmd_set", commands.cmd_set);
  add("delete_hits", commands.delete_hits);
  add("incr_hits", commands.incr_hits);
  add("decr_hits", commands.decr_hits);
  add("cas_hits", commands.cas_hits);
  add("cas_badval", commands.cas_badval);
  add("touch_hits", commands.touch_hits);
}

}  // namespace

StatRows item_class_rows(const CommandContext& context) {
  StatRows rows;
  const std::vector<ClassFigures> classes = context.cache.class_figures();
  for (size_t i = 0; i < classes.size(); ++i) {
    if (classes[i].items != 0) add_item_rows(i + 1, classes[i], &rows);
  }
  return rows;
}

StatRows slab_class_rows(const CommandContext& context) {
  StatRows rows;
  const std::vector<ClassFigures> classes = context.cache.class_figures();
  const stats::AllClassTotals commands = context.control.class_totals();
  uint64_t active = 0;
  for (size_t i = 0; i < classes.size(); ++i) {
    if (classes[i].items == 0) continue;
    add_slab_rows(i + 1, classes[i], commands[i + 1], &rows);
    ++active;
  }
  const cache::CacheFigures figures = context.cache.figures();
  rows.emplace_back("active_slabs", std::to_string(active));
  rows.emplace_back("total_malloced", std::to_string(figures.bytes + figures.hash_bytes));
  return rows;
}

}  // namespace martlet::command
