// Draft: a command line half read. The setters of the option table write into it; the checks that need several options
// at once read it; what is left of it at the end is a Settings and some lines for the operator.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/base/result.h"
#include "server/settings/settings.h"

namespace martlet::settings {

inline constexpr int64_t kSlabPageSize = 1 << 20;  // bytes: what memcached divides its memory into

// What is to be printed instead of serving.
enum class Action : uint8_t { serve, show_help, show_version, show_license };

struct Draft {
  Settings settings;
  Action action = Action::serve;

  std::vector<std::string> listen_lists;  // every -l, as given, in order
  int64_t item_size_max = 1 << 20;        // bytes (-I), of any size until checked
  std::optional<int64_t> napi_ids;        // -N

  // Options that shape memcached's slabs and lists: kept only as long as they have to fit together.
  int64_t slab_min_size = 48;             // bytes (-n)
  int64_t slab_chunk_max = 512 << 10;     // bytes
  bool slab_chunk_max_given = false;      // by its own option: no_modern then leaves it alone
  std::optional<std::string> slab_sizes;  // the sizes, not taken apart
  int64_t hot_lru_pct = 20;               // percent
  int64_t warm_lru_pct = 40;              // percent
  bool lru_maintainer = true;
  bool temporary_ttl = false;

  std::vector<std::string> warnings;  // for stderr in any case
  std::vector<std::string> notes;     // for stderr with -v
};

// Why an option cannot be had; nothing when all is well.
using Refusal = std::optional<Error>;

}  // namespace martlet::settings
