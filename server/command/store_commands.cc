// set, add, replace, append, prepend, cas, ms.
//
// Counting. cmd_set counts every store that was refused neither for its size nor for want of memory: the ones that were
// not stored, a cas of any result and a value with a bad end, too. Exporters rely on cas being part of cmd_set.
//
// A `set` refused before its value is read removes the old item, so that nobody reads a value the writer meant to
// replace; every other mode keeps it.
#include <utility>

#include "server/command/event_log.h"
#include "server/command/handlers.h"

namespace martlet::command {

using protocol::Outcome;
using protocol::Request;
using protocol::Response;
using protocol::StoreMode;

namespace {

cache::Mode cache_mode(StoreMode mode) {
  switch (mode) {
    case StoreMode::set:
      return cache::Mode::set;
    case StoreMode::add:
      return cache::Mode::add;
    case StoreMode::replace:
      return cache::Mode::replace;
    case StoreMode::append:
      return cache::Mode::append;
    case StoreMode::prepend:
      return cache::Mode::prepend;
    case StoreMode::cas:
      return cache::Mode::cas;
  }
  return cache::Mode::set;
}

cache::StoreRequest cache_request(const CommandContext& context, const Request& request) {
  cache::StoreRequest out;
  out.key = request.key;
  out.mode = cache_mode(request.mode);
  out.flags = request.flags;
  out.exptime = context.clock.from_exptime(request.exptime);
  out.cas = request.cas;
  out.compare = request.compare_cas;
  out.invalidate = request.invalidate;
  if (request.has_new_cas) out.new_cas = request.new_cas;
  if (request.vivify) out.vivify = context.clock.from_exptime(request.vivify_exptime);
  out.binary_key = request.base64;
  return out;
}

cache::StoreResult refused(cache::Outcome outcome) {
  cache::StoreResult result;
  result.outcome = outcome;
  return result;
}

Response refuse_as(const CommandContext& context, const Request& request, stats::Counter& counter, Outcome outcome) {
  counter.add();
  log_store(context, request,
            refused(outcome == Outcome::too_large ? cache::Outcome::too_large : cache::Outcome::out_of_memory));
  if (request.mode == StoreMode::set) context.cache.remove(context.cache_context, request.key);
  return Response::of(outcome);
}

void count_store(stats::ThreadStats& stats, StoreMode mode, const cache::StoreResult& result) {
  stats::ClassCommands& by_class = stats.by_class[result.size_class];
  stats.cmd_set.add();
  if (result.outcome == cache::Outcome::done) by_class.cmd_set.add();
  if (mode != StoreMode::cas) return;
  switch (result.outcome) {
    case cache::Outcome::done:
      stats.cas_hits.add();
      by_class.cas_hits.add();
      break;
    case cache::Outcome::not_found:
      stats.cas_misses.add();
      break;
    default:
      stats.cas_badval.add();
      by_class.cas_badval.add();
      break;
  }
}

Response answer(const CommandContext& context, const Request& request, const cache::StoreResult& result) {
  stats::ThreadStats& stats = context.stats;
  if (result.outcome == cache::Outcome::too_large) {
    return refuse_as(context, request, stats.store_too_large, Outcome::too_large);
  }
  if (result.outcome == cache::Outcome::out_of_memory) {
    return refuse_as(context, request, stats.store_no_memory, Outcome::out_of_memory_storing);
  }
  log_store(context, request, result);
  count_store(stats, request.mode, result);
  if (context.prefixes.enabled()) context.prefixes.count_set(request.key);
  Response response = Response::of(Outcome::not_stored);
  response.value_size = request.value_size;
  if (result.outcome == cache::Outcome::done) {
    response.outcome = Outcome::stored;
    response.cas = result.cas;
    response.value_size = result.value_size;
  } else if (result.outcome == cache::Outcome::exists) {
    response.outcome = Outcome::exists;
  } else if (result.outcome == cache::Outcome::not_found) {
    response.outcome = Outcome::not_found;
  }
  return response;
}

}  // namespace

std::optional<Response> store_admit(const CommandContext& context, const Request& request) {
  const cache::Outcome outcome = context.cache.admit(request.key, request.value_size);
  if (outcome == cache::Outcome::too_large) {
    return refuse_as(context, request, context.stats.store_too_large, Outcome::too_large);
  }
  if (outcome == cache::Outcome::out_of_memory) return store_refuse(context, request, false);
  return std::nullopt;
}

Response store_value(const CommandContext& context, const Request& request, std::string_view value) {
  return answer(context, request, context.cache.store(context.cache_context, cache_request(context, request), value));
}

std::unique_ptr<cache::Upload> store_begin_upload(const CommandContext& context, const Request& request) {
  return context.cache.begin_upload(context.cache_context, request.key, request.value_size);
}

Response store_publish(const CommandContext& context, const Request& request, std::unique_ptr<cache::Upload> upload) {
  return answer(context, request,
                context.cache.publish(context.cache_context, cache_request(context, request), std::move(upload)));
}

Response store_refuse(const CommandContext& context, const Request& request, bool during_read) {
  if (!during_read) return refuse_as(context, request, context.stats.store_no_memory, Outcome::out_of_memory_storing);
  context.stats.store_no_memory.add();
  log_store(context, request, refused(cache::Outcome::out_of_memory));
  return Response::of(Outcome::out_of_memory_read);
}

Response store_bad_chunk(const CommandContext& context) {
  context.stats.cmd_set.add();
  return Response::of(Outcome::bad_chunk);
}

}  // namespace martlet::command
