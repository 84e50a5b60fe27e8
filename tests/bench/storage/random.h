// Pseudo-random numbers that are the same on every machine and with every standard library.
#pragma once

#include <cstdint>

namespace martlet::bench {

// One step of SplitMix64 (Steele, Lea, Flood 2014): a good hash of `state` as well.
constexpr std::uint64_t mix(std::uint64_t state) {
  state += 0x9e3779b97f4a7c15U;
  state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9U;
  state = (state ^ (state >> 27)) * 0x94d049bb133111ebU;
  return state ^ (state >> 31);
}

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(mix(seed)) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    return mix(state_);
  }
  // 0 <= result < limit; limit is not 0 and far below 2^64, so that the modulo's bias does not count.
  std::uint64_t below(std::uint64_t limit) { return next() % limit; }
  // 0 <= result < 1.
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

 private:
  std::uint64_t state_;
};

}  // namespace martlet::bench
