// stats and its sub-commands. Only exact names are known; words behind the sub-command are ignored.
#include <array>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "server/command/handlers.h"

namespace martlet::command {

using protocol::Outcome;
using protocol::Response;
using protocol::StatRows;

namespace {

using RowsFunction = StatRows (*)(const CommandContext& context);

StatRows settings_rows(const CommandContext& context) { return context.control.settings_rows(); }
StatRows conn_rows(const CommandContext& context) { return context.control.conn_rows(); }
StatRows thread_rows(const CommandContext& context) { return context.control.thread_rows(); }

StatRows size_rows(const CommandContext& context) {
  if (!context.settings.sizes_tracked) return {{"sizes_status", "disabled"}};
  StatRows rows;
  for (const auto& [size, items] : context.cache.size_histogram()) {
    rows.emplace_back(std::to_string(size), std::to_string(items));
  }
  return rows;
}

// `stats extstore` goes by flash page: there is no flash tier, so there is nothing to list.
StatRows no_rows(const CommandContext&) { return {}; }

struct SubCommand {
  std::string_view name;
  RowsFunction rows;
};

constexpr std::array<SubCommand, 8> kSubCommands{{
    {"settings", settings_rows},
    {"conns", conn_rows},
    {"threads", thread_rows},
    {"items", item_class_rows},
    {"slabs", slab_class_rows},
    {"sizes", size_rows},
    {"extstore", no_rows},
    {"segments", segment_rows},
}};

Response with_rows(StatRows rows) {
  Response response = Response::of(Outcome::stats);
  response.rows = std::make_unique<StatRows>(std::move(rows));
  return response;
}

Response answer(const CommandContext& context, const protocol::Request& request) {
  if (request.arg_count == 0) return with_rows(general_stats(context));
  const std::string_view name = request.args[0];
  if (name == "reset") {
    context.control.reset_stats();
    context.prefixes.clear();
    return Response::of(Outcome::reset);
  }
  if (name == "detail") return stats_detail(context, request);
  if (name == "cachedump") return cachedump(context, request);
  for (const SubCommand& sub : kSubCommands) {
    if (sub.name == name) return with_rows(sub.rows(context));
  }
  return Response::of(Outcome::error);
}

}  // namespace

// Rows are strings, many of them: the one answer that is made with allocations that throw.
Response handle_stats(const CommandContext& context, const protocol::Request& request) {
  try {
    return answer(context, request);
  } catch (const std::bad_alloc&) {
    context.stats.malloc_fails.add();
    return Response::of(Outcome::server_error, "out of memory writing stats");
  }
}

}  // namespace martlet::command
