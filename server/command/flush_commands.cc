// flush_all [delay]. The delay is an exptime: absent, 0 or negative means at once; a positive one is relative or a Unix
// time, at which everything stored before it vanishes.
#include "server/command/handlers.h"

namespace martlet::command {

using protocol::Outcome;
using protocol::Response;

Response handle_flush_all(const CommandContext& context, const protocol::Request& request) {
  context.stats.cmd_flush.add();  // a refused one, too
  if (!context.settings.flush_enabled) return Response::of(Outcome::client_error, "flush_all not allowed");
  const RelTime at = request.exptime > 0 ? context.clock.from_exptime(request.exptime) : kNever;
  context.cache.flush_all(context.cache_context, at);
  return Response::of(Outcome::ok);
}

}  // namespace martlet::command
