// delete, md, touch.
//
// Counting, as in memcached. A delete that finds another CAS id than it was given is neither a hit nor a miss, while an
// md is a miss. An md that only marks an item stale is not counted when it finds one.
#include "server/command/event_log.h"
#include "server/command/handlers.h"

namespace martlet::command {

using protocol::Outcome;
using protocol::Response;

Response handle_remove(const CommandContext& context, const protocol::Request& request) {
  stats::ThreadStats& stats = context.stats;
  cache::RemoveRequest remove;
  remove.key = request.key;
  if (request.compare_cas) remove.cas = request.cas;
  remove.invalidate = request.invalidate;
  remove.clear_value = request.clear_value;
  if (request.with_touch) remove.exptime = context.clock.from_exptime(request.exptime);
  remove.flags = request.flags;
  if (request.has_new_cas) remove.new_cas = request.new_cas;
  if (context.prefixes.enabled()) context.prefixes.count_delete(request.key);
  const RemovalLog removal(context, request.key);
  const cache::RemoveResult result = context.cache.remove(context.cache_context, remove);
  switch (result.outcome) {
    case cache::Outcome::done:
      // An item that stays, stale or without its value, was not deleted.
      if (!request.invalidate && !request.clear_value) {
        removal.log(request.wire == protocol::WireForm::meta ? "md" : "delete");
      }
      if (!request.invalidate) {
        stats.delete_hits.add();
        stats.by_class[result.size_class].delete_hits.add();
      }
      return Response::of(Outcome::deleted);
    case cache::Outcome::exists:
      if (request.wire == protocol::WireForm::meta) stats.delete_misses.add();
      return Response::of(Outcome::exists);
    case cache::Outcome::out_of_memory:
      stats.malloc_fails.add();
      return Response::of(Outcome::out_of_memory);
    default:
      stats.delete_misses.add();
      return Response::of(Outcome::not_found);
  }
}

Response handle_touch(const CommandContext& context, const protocol::Request& request) {
  stats::ThreadStats& stats = context.stats;
  const RelTime exptime = context.clock.from_exptime(request.exptime);
  const cache::GetResult result = context.cache.touch(context.cache_context, request.key, exptime);
  const bool hit = result.outcome == cache::Outcome::done;
  stats.cmd_touch.add();
  (hit ? stats.touch_hits : stats.touch_misses).add();
  if (hit) stats.by_class[result.item.size_class].touch_hits.add();
  if (result.outcome == cache::Outcome::out_of_memory) {
    stats.malloc_fails.add();
    return Response::of(Outcome::out_of_memory);
  }
  return Response::of(hit ? Outcome::touched : Outcome::not_found);
}

}  // namespace martlet::command
