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
  uint32_t value_size = 0;
  PinnedBytes value;  // transient: valid until the next call on the same CacheContext
};

}  // namespace martlet::cache
