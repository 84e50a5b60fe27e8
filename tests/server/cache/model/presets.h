// Presets: the caches that the model is played on.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "server/cache/cache.h"
#include "tests/server/cache/model/operations.h"

namespace martlet::cache::model {

struct Preset {
  const char* name = "";
  CacheSettings settings;
  Mix mix;                    // the keys of all players together
  uint64_t lowest_limit = 0;  // the memory limit goes up and down between them
  uint64_t highest_limit = 0;
  bool crowded = true;      // not everything fits; otherwise nothing may ever be evicted
  bool for_threads = true;  // evicted items can be told apart by their ids
};

// roomy, crowded, tiny, full (-M), no_cas, large
const std::vector<Preset>& presets();

// Null when there is none of that name.
const Preset* find_preset(std::string_view name);

}  // namespace martlet::cache::model
