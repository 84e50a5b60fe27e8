// incr, decr, ma. A hit is a number that was changed, a miss an absent key; a value that is no number counts as
// neither, and so does an item that the command itself has made.
#include "server/command/handlers.h"

namespace martlet::command {

using protocol::Outcome;
using protocol::Response;

Response handle_arith(const CommandContext& context, const protocol::Request& request) {
  stats::ThreadStats& stats = context.stats;
  cache::ArithRequest arith;
  arith.key = request.key;
  arith.delta = request.delta;
  arith.negative = request.negative;
  if (request.compare_cas) arith.cas = request.cas;
  if (request.vivify) arith.vivify = context.clock.from_exptime(request.vivify_exptime);
  arith.initial = request.initial;
  if (request.has_new_cas) arith.new_cas = request.new_cas;
  if (request.with_touch) arith.exptime = context.clock.from_exptime(request.exptime);
  arith.binary_key = request.base64;
  const cache::ArithResult result = context.cache.arith(context.cache_context, arith);
  if (result.outcome == cache::Outcome::non_numeric) return Response::of(Outcome::non_numeric);
  if (result.outcome == cache::Outcome::out_of_memory) {
    stats.malloc_fails.add();
    const bool made_none = request.wire == protocol::WireForm::meta && result.miss != cache::Miss::none;
    return made_none ? Response::of(Outcome::server_error, "Out of memory allocating new item")
                     : Response::of(Outcome::out_of_memory);
  }
  if (result.outcome == cache::Outcome::exists) return Response::of(Outcome::exists);
  if (result.outcome != cache::Outcome::done) {
    (request.negative ? stats.decr_misses : stats.incr_misses).add();
    return Response::of(Outcome::not_found);
  }
  if (!result.created) {
    stats::ClassCommands& by_class = stats.by_class[result.size_class];
    (request.negative ? stats.decr_hits : stats.incr_hits).add();
    (request.negative ? by_class.decr_hits : by_class.incr_hits).add();
  }
  Response response = Response::of(Outcome::number);
  response.number = result.number;
  response.cas = result.cas;
  response.ttl = seconds_left(result.exptime, context.clock.now());
  return response;
}

}  // namespace martlet::command
