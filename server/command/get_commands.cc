// get, gets, gat, gats, mg: one key each, for a line of many keys is unrolled before it comes here. me, which looks
// without leaving a trace.
//
// Counting. A get counts in cmd_get and get_hits or get_misses; a gat counts as a touch instead, in cmd_touch and
// touch_hits or touch_misses, as in memcached, and so does an mg that sets the expiry. A miss that makes an item is a
// miss. A lookup that met an expired or a flushed item says so in get_expired or
// get_flushed as well, whichever of the two it was. A value that cannot be pinned for want of memory is a miss for the
// counters: the client did not get it. me counts as none of these.
#include <utility>

#include "server/command/event_log.h"
#include "server/command/handlers.h"

namespace martlet::command {

using protocol::Outcome;
using protocol::Response;

namespace {

void count_lookup(const CommandContext& context, bool with_touch, const cache::GetResult& result) {
  stats::ThreadStats& stats = context.stats;
  const bool hit = result.outcome == cache::Outcome::done && result.miss == cache::Miss::none;
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

// What follows R is an exptime, too: seconds from now, or a Unix time.
RelTime recache_within(const RelClock& clock, int64_t exptime) {
  const RelTime until = clock.from_exptime(exptime);
  return until != kNever && until > clock.now() ? until - clock.now() : 0;
}

cache::GetOptions meta_options(const CommandContext& context, const protocol::Request& request) {
  const RelClock& clock = context.clock;
  cache::GetOptions options;
  options.leases = true;
  options.peek = request.peek;
  options.value = request.want_value;
  options.touch = request.with_touch;
  if (request.with_touch) options.exptime = clock.from_exptime(request.exptime);
  if (request.recache) options.recache = recache_within(clock, request.recache_ttl);
  if (request.vivify) {
    options.vivify = clock.from_exptime(request.vivify_exptime);
    if (request.has_new_cas) options.vivify_cas = request.new_cas;
    options.vivify_binary_key = request.base64;
  }
  return options;
}

Response described(Outcome outcome, const cache::ItemView& item, RelTime now) {
  Response response = Response::of(outcome);
  response.flags = item.flags;
  response.cas = item.cas;
  response.ttl = seconds_left(item.exptime, now);
  response.idle = seconds_since(item.last_access, now);
  response.fetched = item.fetched;
  response.value_size = item.value_size;
  return response;
}

Response meta_get(const CommandContext& context, const protocol::Request& request) {
  cache::GetResult result = context.cache.get(context.cache_context, request.key, meta_options(context, request));
  count_lookup(context, request.with_touch, result);
  log_lookup(context, request.key, result);
  if (result.outcome == cache::Outcome::out_of_memory) {
    context.stats.malloc_fails.add();
    // An item that was to be made for a miss: the miss is all there is to tell.
    return Response::of(result.miss == cache::Miss::none ? Outcome::out_of_memory_get : Outcome::miss);
  }
  if (result.outcome != cache::Outcome::done) return Response::of(Outcome::miss);

  Response response = described(Outcome::hit, result.item, context.clock.now());
  response.won = result.won;
  response.token_out = result.token_out;
  response.stale = result.item.stale;
  // Ids of 0 say that there are none, so nothing is known about what the client has.
  const bool known = request.compare_cas && request.cas != 0 && request.cas == result.item.cas;
  if (known && request.want_value) {
    response.outcome = Outcome::hidden_hit;
  } else {
    response.value = std::move(result.item.value);
  }
  return response;
}

}  // namespace

Response handle_get(const CommandContext& context, const protocol::Request& request) {
  if (request.wire == protocol::WireForm::meta) return meta_get(context, request);
  cache::GetOptions options;
  options.value = request.want_value;
  if (request.with_touch) {
    options.touch = true;
    options.exptime = context.clock.from_exptime(request.exptime);
  }
  cache::GetResult result = context.cache.get(context.cache_context, request.key, options);
  count_lookup(context, request.with_touch, result);
  if (context.prefixes.enabled()) {
    context.prefixes.count_get(request.key, result.outcome == cache::Outcome::done);
  }
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

Response handle_inspect(const CommandContext& context, const protocol::Request& request) {
  cache::GetOptions options;
  options.peek = true;
  options.value = false;
  const cache::GetResult result = context.cache.get(context.cache_context, request.key, options);
  if (result.outcome != cache::Outcome::done) return Response::of(Outcome::miss);
  Response response = described(Outcome::inspected, result.item, context.clock.now());
  response.item_size = result.item.item_size;
  response.size_class = context.cache.size_class(result.item.item_size);
  return response;
}

}  // namespace martlet::command
