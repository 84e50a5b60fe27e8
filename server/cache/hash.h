// The hash of keys: 64 bits of XXH3 (https://github.com/Cyan4973/xxHash) under a seed drawn per process, so that
// clients cannot aim at one bucket.
#pragma once

#include <cstdint>
#include <string_view>

namespace martlet::cache {

uint64_t hash_key(std::string_view key, uint64_t seed);

// A seed from the kernel's random pool.
uint64_t random_seed();

}  // namespace martlet::cache
