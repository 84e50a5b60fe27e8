#include "server/command/command_table.h"

#include <array>
#include <cstddef>

namespace martlet::command {
namespace {

using protocol::Verb;

constexpr size_t kVerbs = static_cast<size_t>(Verb::kCount);

constexpr std::array<CommandRow, kVerbs> kCommands{{
    {Verb::invalid, handle_invalid, false},
    {Verb::get, handle_get, true},
    {Verb::store, nullptr, true},
    {Verb::arith, handle_arith, true},
    {Verb::remove, handle_remove, true},
    {Verb::touch, handle_touch, true},
    {Verb::noop, handle_noop, false},
    {Verb::inspect, handle_inspect, true},
    {Verb::flush_all, handle_flush_all, true},
    {Verb::version, handle_version, true},
    {Verb::verbosity, handle_verbosity, true},
    {Verb::stats, handle_stats, true},
    {Verb::cache_memlimit, handle_cache_memlimit, true},
    {Verb::lru_crawler, handle_lru_crawler, true},
    {Verb::lru, handle_lru, true},
    {Verb::slabs, handle_slabs, true},
    {Verb::extstore, handle_extstore, true},
    {Verb::shutdown, handle_shutdown, true},
    {Verb::quit, handle_quit, true},
    {Verb::watch, handle_watch, true},
}};

constexpr bool rows_follow_verbs() {
  for (size_t i = 0; i < kVerbs; ++i) {
    if (kCommands[i].verb != static_cast<Verb>(i)) return false;
  }
  return true;
}
static_assert(rows_follow_verbs(), "a row per verb, in the verbs' order");

}  // namespace

const CommandRow& command_row(Verb verb) {
  const size_t index = static_cast<size_t>(verb);
  return kCommands[index < kVerbs ? index : 0];
}

}  // namespace martlet::command
