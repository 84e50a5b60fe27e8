// delete, touch. A delete that finds another CAS id than it was given is neither a hit nor a miss.
#include "server/command/event_log.h"
#include "server/command/handlers.h"

namespace martlet::command {

using protocol::Outcome;
using protocol::Response;

Response handle_remove(const CommandContext& context, const protocol::Request& request) {
  cache::RemoveRequest remove;
  remove.key = request.key;
  if (request.compare_cas) remove.cas = request.cas;
  const RemovalLog removal(context, request.key);
  const cache::RemoveResult result = context.cache.remove(context.cache_context, remove);
  if (result.outcome == cache::Outcome::exists) return Response::of(Outcome::exists);
  const bool hit = result.outcome == cache::Outcome::done;
  if (hit) removal.log(request.wire == protocol::WireForm::meta ? "md" : "delete");
  (hit ? context.stats.delete_hits : context.stats.delete_misses).add();
  return Response::of(hit ? Outcome::deleted : Outcome::not_found);
}

Response handle_touch(const CommandContext& context, const protocol::Request& request) {
  stats::ThreadStats& stats = context.stats;
  const RelTime exptime = context.clock.from_exptime(request.exptime);
  const cache::Outcome outcome = context.cache.touch(context.cache_context, request.key, exptime);
  const bool hit = outcome == cache::Outcome::done;
  stats.cmd_touch.add();
  (hit ? stats.touch_hits : stats.touch_misses).add();
  if (outcome == cache::Outcome::out_of_memory) {
    stats.malloc_fails.add();
    return Response::of(Outcome::out_of_memory);
  }
  return Response::of(hit ? Outcome::touched : Outcome::not_found);
}

}  // namespace martlet::command
