// version, verbosity, cache_memlimit, shutdown, quit, the end of a multi-get, and lines that were not understood.
#include "server/base/parse_int.h"
#include "server/command/handlers.h"
#include "server/command/version.h"

namespace martlet::command {

using protocol::Failure;
using protocol::Outcome;
using protocol::Request;
using protocol::Response;

namespace {

constexpr uint32_t kMaxVerbosity = 2;
constexpr uint32_t kMinMemlimit = 8;              // MiB
constexpr uint32_t kMaxMemlimit = 1'000'000'000;  // MiB; above it the sender meant bytes

}  // namespace

Response handle_invalid(const CommandContext&, const Request&) { return Response::of(Outcome::failure); }

// The end of a multi-get is no request of its own; its keys were counted.
Response handle_noop(const CommandContext& context, const Request& request) {
  if (request.wire != protocol::WireForm::classic_end) context.stats.requests.add();
  if (request.wire == protocol::WireForm::meta) context.stats.cmd_meta.add();
  return Response::of(Outcome::end);
}

Response handle_version(const CommandContext&, const Request&) { return Response::of(Outcome::version, kVersionText); }

Response handle_verbosity(const CommandContext& context, const Request& request) {
  uint32_t level = 0;
  if (request.arg_count < 1) return Response::of(Outcome::error);
  if (!parse_u32(request.args[0], &level)) {
    return Response::of(Outcome::client_error, "bad command line format");
  }
  context.control.set_verbosity(static_cast<int>(level < kMaxVerbosity ? level : kMaxVerbosity));
  return Response::of(Outcome::ok);
}

Response handle_cache_memlimit(const CommandContext& context, const Request& request) {
  uint32_t megabytes = 0;
  if (request.arg_count < 1 || !parse_u32(request.args[0], &megabytes)) return Response::of(Outcome::error);
  if (megabytes < kMinMemlimit) {
    return Response::of(Outcome::line, "MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m");
  }
  if (megabytes > kMaxMemlimit) {
    return Response::of(Outcome::line, "MEMLIMIT_ADJUST_FAILED input value is megabytes not bytes");
  }
  if (!context.cache.set_memory_limit(uint64_t{megabytes} << 20)) {
    return Response::of(Outcome::line, "MEMLIMIT_ADJUST_FAILED out of bounds or unable to adjust");
  }
  return Response::of(Outcome::ok);
}

Response handle_shutdown(const CommandContext& context, const Request& request) {
  if (!context.settings.shutdown_enabled) return Response::of(Outcome::line, "SERVER_ERROR: shutdown not enabled");
  const bool graceful = request.arg_count == 1 && request.args[0] == "graceful";
  if (request.arg_count > 0 && !graceful) return Response::of(Outcome::client_error, "invalid shutdown mode");
  context.control.shutdown(graceful);
  Response response = Response::of(Outcome::none);
  response.close_after = true;
  return response;
}

Response handle_quit(const CommandContext&, const Request&) {
  Response response = Response::of(Outcome::none);
  response.close_after = true;
  return response;
}

}  // namespace martlet::command
