// watch: the connection becomes a reader of the log. The answer to a watch that was taken is the watcher's first line,
// so here it has none.
#include <optional>

#include "server/command/handlers.h"

namespace martlet::command {

using protocol::Outcome;
using protocol::Request;
using protocol::Response;

Response handle_watch(const CommandContext& context, const Request& request) {
  if (!context.settings.watch_enabled) return Response::of(Outcome::client_error, "watch commands not allowed");
  if (request.pipelined) return Response::of(Outcome::line, "ERROR cannot pipeline other commands before watch");
  // As many words as are kept: there may have been more, and there are not as many to know.
  if (request.arg_count == request.args.size()) return Response::of(Outcome::error);
  const std::optional<log::Words> words = log::parse_words({request.args.data(), request.arg_count});
  if (!words) return Response::of(Outcome::error);
  const log::Reservation reserved = context.control.reserve_watcher(*words);
  switch (reserved.result) {
    case log::Reservation::Result::too_many:
      return Response::of(Outcome::line, "WATCHER_TOO_MANY log watcher limit reached");
    case log::Reservation::Result::no_memory:
      return Response::of(Outcome::line, "WATCHER_FAILED failed to add log watcher");
    case log::Reservation::Result::done:
      break;
  }
  Response response = Response::of(Outcome::none);
  response.watcher = static_cast<uint8_t>(reserved.place + 1);
  return response;
}

}  // namespace martlet::command
