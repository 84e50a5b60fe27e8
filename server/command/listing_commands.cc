// stats cachedump, stats detail: listings that operators switch off with -X.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "server/base/parse_int.h"
#include "server/command/handlers.h"
#include "server/command/key_dump.h"

namespace martlet::command {

using protocol::Outcome;
using protocol::Request;
using protocol::Response;

namespace {

constexpr uint64_t kMostDumpBytes = 2 << 20;  // as memcached

Response prefix_lines(const stats::PrefixTable& prefixes) {
  auto counts = prefixes.counts();
  std::sort(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  Response response = Response::of(Outcome::line);
  for (const auto& [prefix, row] : counts) {
    fmt::format_to(std::back_inserter(response.owned_text), "PREFIX {} get {} hit {} set {} del {}\r\n", prefix,
                   row.gets, row.hits, row.sets, row.deletes);
  }
  response.owned_text += "END";
  return response;
}

}  // namespace

Response cachedump(const CommandContext& context, const Request& request) {
  if (!context.settings.dumping_enabled) return Response::of(Outcome::client_error, "stats cachedump not allowed");
  if (request.arg_count < 3) return Response::of(Outcome::client_error, "bad command line");
  uint32_t size_class = 0;
  uint32_t limit = 0;
  if (!parse_u32(request.args[1], &size_class) || !parse_u32(request.args[2], &limit)) {
    return Response::of(Outcome::client_error, "bad command line format");
  }
  if (size_class >= kMaxClasses) return Response::of(Outcome::client_error, "Illegal slab id");
  DumpOrder order;
  order.form = DumpForm::cachedump;
  order.classes.set(size_class);
  order.most_bytes = kMostDumpBytes;
  if (limit != 0) order.most_items = limit;
  Response response = Response::of(Outcome::none);
  response.source = make_key_dump(context.cache, context.cache_context, context.clock, order);
  if (response.source != nullptr) return response;
  context.stats.malloc_fails.add();
  return Response::of(Outcome::server_error, "out of memory writing stats");
}

Response stats_detail(const CommandContext& context, const Request& request) {
  if (!context.settings.dumping_enabled) return Response::of(Outcome::client_error, "stats detail not allowed");
  const std::string_view word = request.arg_count < 2 ? std::string_view() : request.args[1];
  if (word == "dump") return prefix_lines(context.prefixes);
  if (word != "on" && word != "off") return Response::of(Outcome::client_error, "usage: stats detail on|off|dump");
  context.prefixes.enable(word == "on");
  return Response::of(Outcome::ok);
}

}  // namespace martlet::command
