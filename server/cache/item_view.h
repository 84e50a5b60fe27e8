// What a hit looks like from outside the cache.
#pragma once

#include <cstdint>

#include "server/base/pinned_bytes.h"
#include "server/base/rel_time.h"

namespace martlet::cache {

struct ItemView {
  uint64_t cas = 0;
  uint32_t flags = 0;
  RelTime exptime = kNever;
  RelTime last_access = 0;  // before this command
  bool fetched = false;     // hit before this command
  bool stale = false;       // a value that is to be computed anew (md I, ms I)
  bool won = false;         // somebody has the token to compute it
  bool binary_key = false;  // stored under a key spelled in base64
  uint32_t value_size = 0;
  uint8_t size_class = 0;  // Cache::size_class(item_size)
  uint32_t item_size = 0;  // bytes of memory that are the item's: header, key, value, chunks
  PinnedBytes value;       // transient: valid until the next call on the same CacheContext
};

}  // namespace martlet::cache
