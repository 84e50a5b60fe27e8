// KeyDump: the listings of all keys, made while they are sent. Each walks the cache a few buckets at a time (see
// Cache::walk: every item that stays is listed once), so it holds nothing and stops nobody.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "server/base/rel_time.h"
#include "server/cache/cache.h"
#include "server/protocol/reply_sink.h"
#include "server/stats/thread_stats.h"

namespace martlet::command {

using stats::kMaxClasses;

enum class DumpForm : uint8_t {
  metadump,   // key=<uri> exp=<unix> la=<unix> cas=<id> fetch=yes|no cls=<class> size=<bytes> flags=<flags>, then END
  mgdump,     // mg <key>[ b], then EN
  cachedump,  // ITEM <key> [<bytes> b; <unix> s], then END
};

struct DumpOrder {
  DumpForm form = DumpForm::metadump;
  std::bitset<kMaxClasses> classes{};  // the classes listed
  uint64_t most_items = UINT64_MAX;
  uint64_t most_bytes = UINT64_MAX;  // of lines
};

// "all", "hash", or class numbers joined by commas, each from 1 to kMaxClasses - 1. Empty when it is none of these.
std::optional<std::bitset<kMaxClasses>> parse_classes(std::string_view word);

// References outlive the source. Null when the heap gives none.
std::unique_ptr<protocol::ReplySource> make_key_dump(cache::Cache& cache, cache::CacheContext& context,
                                                     const RelClock& clock, const DumpOrder& order);

}  // namespace martlet::command
