// get, gets, gat, gats: one key each, for a line of many keys is unrolled before it comes here.
//
// Counting. A get counts in cmd_get and get_hits or get_misses; a gat counts as a touch instead, in cmd_touch and
// touch_hits or touch_misses, as in memcached. A lookup that met an expired or a flushed item says so in get_expired or
// get_flushed as well, whichever of the two it was. A value that cannot be pinned for want of memory is a miss for the
// counters: the client did not get it.
#include <utility>

#include "server/command/event_log.h"
#include "server/command/handlers.h"

namespace martlet::command {

using protocol::Outcome;
using protocol::Response;

namespace {

void count_lookup(const CommandContext& context, bool with_touch, const cache::GetResult& result) {
  stats::ThreadStats& stats = context.stats;
  const bool hit = result.outcome == cache::Outcome::done;
  if (with_touch) {
    stats.cmd_touch.add();
    (hit ? stats.touch_hits : stats.touch_misses).add();
  } else {
    stats.cmd_get.add();
    (hit ? stats.get_hits : stats.get_misses).add();
  }
  if (result.miss == cache::Miss::expired) stats.get_expired.add();
  if (result.miss == cache::Miss::flushed) stats.get_flushed.add();
}

}  // namespace

Response handle_get(const CommandContext& context, const protocol::Request& request) {
  cache::GetOptions options;
  options.value = request.want_value;
  if (request.with_touch) {
    options.touch = true;
    options.exptime = context.clock.from_exptime(request.exptime);
  }
  cache::GetResult result = context.cache.get(context.cache_context, request.key, options);
  count_lookup(context, request.with_touch, result);
  log_lookup(context, request.key, result);
  if (result.outcome == cache::Outcome::out_of_memory) {
    context.stats.malloc_fails.add();
    return Response::of(Outcome::out_of_memory_get);
  }
  if (result.outcome != cache::Outcome::done) return Response::of(Outcome::miss);

  Response response = Response::of(Outcome::hit);
  response.flags = result.item.flags;
  response.cas = result.item.cas;
  response.value = std::move(result.item.value);
  return response;
}

}  // namespace martlet::command
