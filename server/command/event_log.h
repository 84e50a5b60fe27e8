// What the handlers tell those who watch. One relaxed load and a branch each while nobody does; the rest is out of the
// way. Worker's thread, but for the eviction hook.
#pragma once

#include <optional>
#include <string_view>

#include "server/base/rel_time.h"
#include "server/cache/cache.h"
#include "server/command/executor.h"
#include "server/log/log_ring.h"
#include "server/protocol/request.h"

namespace martlet::command {

namespace detail {
// The item as it is, unseen by its access mark. Nothing when there is none.
std::optional<cache::ItemView> look_at(const CommandContext& context, std::string_view key);
void write_lookup(const CommandContext& context, std::string_view key, const cache::GetResult& result);
void write_store(const CommandContext& context, const protocol::Request& request, const cache::StoreResult& result);
void write_removal(const CommandContext& context, std::string_view key, std::string_view command,
                   const cache::ItemView& item);
}  // namespace detail

// item_get: a client asked for the value of a key.
inline void log_lookup(const CommandContext& context, std::string_view key, const cache::GetResult& result) {
  if (context.log.wants(log::Kind::item_get)) [[unlikely]] {
    detail::write_lookup(context, key, result);
  }
}

// item_store: a client's value for a key, stored or refused. Size and time to live are the item's where it was stored,
// else the request's; the class is the stored item's, 0 where there is none.
inline void log_store(const CommandContext& context, const protocol::Request& request,
                      const cache::StoreResult& result) {
  if (context.log.wants(log::Kind::item_store)) [[unlikely]] {
    detail::write_store(context, request, result);
  }
}

// deleted: a client's removal of an item. Made before it, since the item is gone after it; log() tells of it.
class RemovalLog {
 public:
  RemovalLog(const CommandContext& context, std::string_view key) : context_(context), key_(key) {
    if (context.log.wants(log::Kind::deleted)) [[unlikely]] {
      item_ = detail::look_at(context, key);
    }
  }
  // `command`: its name, of static storage.
  void log(std::string_view command) const {
    if (item_) [[unlikely]] {
      detail::write_removal(context_, key_, command, *item_);
    }
  }

 private:
  const CommandContext& context_;
  const std::string_view key_;
  std::optional<cache::ItemView> item_;
};

// eviction: on whichever thread it happens. `log` and `clock` outlive the hook.
cache::Cache::EvictionHook eviction_hook(log::SharedRing& log, const RelClock& clock);

}  // namespace martlet::command
