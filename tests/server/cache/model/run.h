// Run: a cache with a clock turned by hand, its players, and what happens to all of them: seconds, flushes, new memory
// limits, background work. At the end nothing may be left over.
//
// In rounds. With one player everything happens between the player's operations. With more each plays in a thread of
// its own, while the caller's changes the memory limit and does background work; seconds and flushes come between the
// rounds, so that every player knows them.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "server/base/rel_time.h"
#include "tests/server/cache/model/evictions.h"
#include "tests/server/cache/model/player.h"
#include "tests/server/cache/model/presets.h"
#include "tests/support/manual_clock.h"

namespace martlet::cache::model {

class Run {
 public:
  // `threads` of 1 to Evictions::kMostOwners.
  Run(const Preset& preset, uint64_t seed, unsigned threads);

  // False: something was wrong.
  bool play(uint64_t operations);
  const std::string& complaint() const { return complaint_; }

  uint64_t evictions() const { return evictions_.count(); }
  uint64_t refusals() const;

 private:
  void round(uint64_t operations);
  void between_rounds();
  void pass_seconds();
  void flush();
  void change_limit();
  void background_step();
  void finish();
  void check_figures(uint64_t live);
  void check_classes(uint64_t live);
  void check(bool right, const std::string& what);
  bool failed() const { return !complaint_.empty(); }
  uint64_t draw(uint64_t below) { return random_() % below; }

  const Preset preset_;
  std::mt19937_64 random_;
  support::ManualClock manual_;
  RelClock clock_{manual_};
  Evictions evictions_;
  std::unique_ptr<Cache> cache_;
  std::unique_ptr<CacheContext> context_;
  std::vector<std::unique_ptr<Player>> players_;
  RelTime flush_at_ = kNever;
  std::string complaint_;
};

}  // namespace martlet::cache::model
