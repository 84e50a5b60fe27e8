#include "server/command/event_log.h"

#include <utility>

namespace martlet::command {

using log::Event;
using log::Kind;

namespace {

constexpr int64_t kAlreadyOver = -1;  // a time to live that has ended; 0 means for ever

// A miss that made an item was a miss.
bool was_found(const cache::GetResult& result) {
  return result.outcome == cache::Outcome::done && result.miss == cache::Miss::none;
}

std::string_view lookup_status(const cache::GetResult& result) {
  if (was_found(result)) return "found";
  if (result.miss == cache::Miss::expired) return "expired";
  return result.miss == cache::Miss::flushed ? "flushed" : "not_found";
}

std::string_view store_status(cache::Outcome outcome) {
  switch (outcome) {
    case cache::Outcome::done:
      return "stored";
    case cache::Outcome::not_found:
      return "not_found";
    case cache::Outcome::exists:
      return "exists";
    case cache::Outcome::too_large:
      return "too_large";
    case cache::Outcome::out_of_memory:
      return "no_memory";
    case cache::Outcome::not_stored:
    case cache::Outcome::non_numeric:
      break;
  }
  return "not_stored";
}

std::string_view name_of(protocol::StoreMode mode) {
  switch (mode) {
    case protocol::StoreMode::set:
      return "set";
    case protocol::StoreMode::add:
      return "add";
    case protocol::StoreMode::replace:
      return "replace";
    case protocol::StoreMode::append:
      return "append";
    case protocol::StoreMode::prepend:
      return "prepend";
    case protocol::StoreMode::cas:
      return "cas";
  }
  return "set";
}

int64_t seconds_left(const RelClock& clock, RelTime exptime) {
  return exptime > clock.now() ? int64_t{exptime} - clock.now() : kAlreadyOver;
}

}  // namespace

namespace detail {

void write_lookup(const CommandContext& context, std::string_view key, const cache::GetResult& result) {
  Event event;
  event.kind = Kind::item_get;
  event.status = lookup_status(result);
  event.client_fd = context.log.client_fd();
  if (was_found(result)) {
    event.size = result.item.value_size;
    event.size_class = result.item.size_class;
  }
  context.log.write(event, key);
}

std::optional<cache::ItemView> look_at(const CommandContext& context, std::string_view key) {
  cache::GetOptions options;
  options.peek = true;
  options.value = false;
  cache::GetResult result = context.cache.get(context.cache_context, key, options);
  if (result.outcome != cache::Outcome::done) return std::nullopt;
  return std::move(result.item);
}

// append and prepend keep the item's expiry.
void write_store(const CommandContext& context, const protocol::Request& request, const cache::StoreResult& result) {
  using protocol::StoreMode;
  const bool stored = result.outcome == cache::Outcome::done;
  RelTime exptime = context.clock.from_exptime(request.exptime);
  if (stored && (request.mode == StoreMode::append || request.mode == StoreMode::prepend)) {
    if (const auto item = look_at(context, request.key)) exptime = item->exptime;
  }
  Event event;
  event.kind = Kind::item_store;
  event.status = store_status(result.outcome);
  event.command = name_of(request.mode);
  event.client_fd = context.log.client_fd();
  event.size = stored ? result.value_size : request.value_size;
  event.size_class = result.size_class;
  event.ttl = exptime == kNever ? 0 : seconds_left(context.clock, exptime);
  context.log.write(event, request.key);
}

void write_removal(const CommandContext& context, std::string_view key, std::string_view command,
                   const cache::ItemView& item) {
  Event event;
  event.kind = Kind::deleted;
  event.command = command;
  event.size = item.value_size;
  event.size_class = item.size_class;
  context.log.write(event, key);
}

}  // namespace detail

cache::Cache::EvictionHook eviction_hook(log::SharedRing& log, const RelClock& clock) {
  return [&log, &clock](std::string_view key, const cache::ItemView& item) {
    if (!log.wants(Kind::eviction)) return;
    Event event;
    event.kind = Kind::eviction;
    event.fetched = item.fetched;
    event.ttl = item.exptime == kNever ? -1 : seconds_left(clock, item.exptime);
    const RelTime now = clock.now();
    event.idle_s = now > item.last_access ? now - item.last_access : 0;
    event.size = item.value_size;
    event.size_class = item.size_class;
    log.write(event, key);
  };
}

}  // namespace martlet::command
