#include "tests/server/cache/model/presets.h"

namespace martlet::cache::model {
namespace {

constexpr uint64_t kMiB = 1ULL << 20;

Preset preset(const char* name, uint64_t limit, uint32_t item_size_max, uint32_t keys) {
  Preset out;
  out.name = name;
  out.settings.memory_limit = limit;
  out.settings.item_size_max = item_size_max;
  out.mix.longest = item_size_max + 1000;  // some are too large
  out.mix.keys = keys;
  out.lowest_limit = limit;
  out.highest_limit = limit;
  return out;
}

std::vector<Preset> make_presets() {
  std::vector<Preset> out;
  Preset roomy = preset("roomy", 64 * kMiB, kMiB, 3000);
  roomy.crowded = false;
  roomy.mix.longest = 200'000;
  roomy.settings.track_sizes = true;
  out.push_back(roomy);

  Preset crowded = preset("crowded", 4 * kMiB, kMiB / 2, 12'000);
  crowded.mix.usual = 2500;
  crowded.lowest_limit = 3 * kMiB;
  crowded.highest_limit = 6 * kMiB;
  crowded.settings.track_sizes = true;
  out.push_back(crowded);

  out.push_back(preset("tiny", kMiB, kMiB / 8, 4000));

  Preset full = preset("full", 4 * kMiB, kMiB / 4, 12'000);
  full.settings.evict = false;
  full.mix.usual = 1200;
  full.crowded = false;
  out.push_back(full);

  Preset no_cas = preset("no_cas", 4 * kMiB, kMiB / 4, 12'000);
  no_cas.settings.cas_enabled = false;
  no_cas.mix.usual = 2500;
  no_cas.for_threads = false;
  out.push_back(no_cas);

  Preset large = preset("large", 36 * kMiB, 16 * kMiB, 1500);
  large.mix.usual = 100'000;
  large.mix.uploads = 5;
  large.mix.pins = 6;
  out.push_back(large);
  return out;
}

}  // namespace

const std::vector<Preset>& presets() {
  static const std::vector<Preset> all = make_presets();
  return all;
}

const Preset* find_preset(std::string_view name) {
  for (const Preset& preset : presets()) {
    if (name == preset.name) return &preset;
  }
  return nullptr;
}

}  // namespace martlet::cache::model
