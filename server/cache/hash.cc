#include "server/cache/hash.h"

#define XXH_INLINE_ALL
#include <sys/random.h>
#include <time.h>
#include <xxhash.h>

namespace martlet::cache {

uint64_t hash_key(std::string_view key, uint64_t seed) { return XXH3_64bits_withSeed(key.data(), key.size(), seed); }

uint64_t random_seed() {
  uint64_t seed = 0;
  if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) == static_cast<ssize_t>(sizeof seed)) return seed;
  timespec now{};  // early in boot the pool may not be ready
  clock_gettime(CLOCK_MONOTONIC, &now);
  return hash_key(std::string_view(reinterpret_cast<const char*>(&now), sizeof now), 0);
}

}  // namespace martlet::cache
