// Random: a reproducible stream of random numbers, the same on every machine and with every library.
//
// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", 2014): a counter and a mixing
// function, so that neighbouring seeds give unrelated streams.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace martlet::differential {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
    return mixed ^ (mixed >> 31U);
  }

  // 0 to n - 1; n is above 0. The bias of the remainder does not matter here.
  uint64_t below(uint64_t n) { return next() % n; }

  // Both ends included.
  uint64_t between(uint64_t low, uint64_t high) { return low + below(high - low + 1); }

  bool one_in(uint64_t n) { return below(n) == 0; }

  // An element of an array or a vector that is not empty.
  template <typename List>
  const auto& pick(const List& list) {
    return list[below(std::size(list))];
  }

  // The place of one of the weights, each as likely as it is large.
  size_t weighted(std::initializer_list<unsigned> weights) {
    uint64_t sum = 0;
    for (const unsigned weight : weights) sum += weight;
    uint64_t at = below(sum);
    size_t place = 0;
    for (const unsigned weight : weights) {
      if (at < weight) return place;
      at -= weight;
      ++place;
    }
    return place;
  }

 private:
  uint64_t state_;
};

}  // namespace martlet::differential
