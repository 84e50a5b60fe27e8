// Crowd: a cache under noise. While the threads of a test work on a few keys that all share, others fill the cache with
// keys of their own, remove some and change its memory limit, so that segments are cleaned and evicted and the index
// grows all the time.
//
// Shared keys begin with kShared; what is evicted of them is kept, so that a test can account for it to the byte.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/rel_time.h"
#include "server/cache/cache.h"
#include "tests/support/manual_clock.h"
#include "threads/mutex.h"

namespace martlet::cache::model {

class Crowd {
 public:
  static constexpr char kShared = '!';
  static constexpr unsigned kThreads = 16;
  using Random = std::mt19937_64;
  using Work = std::function<void(CacheContext& context, unsigned thread, Random& random)>;

  struct Lost {
    std::string key;
    uint64_t cas = 0;
    uint32_t value_size = 0;
    std::string value;  // small values only
  };

  struct Settings {
    uint64_t memory_limit = 6ULL << 20;
    bool noise = true;
    bool flushes = false;  // of everything, without a trace
    bool losses = false;   // it is not enough that items are evicted: shared ones have to be
  };

  explicit Crowd(const Settings& settings);

  // Runs `work` in kThreads threads at once, the noise beside them, and returns when all have ended.
  void run(const Work& work);

  Cache& cache() { return *cache_; }
  CacheContext& context() { return *context_; }  // of the caller of run(), between runs
  RelTime now() const { return clock_.now(); }
  std::vector<Lost> lost();
  // For the loops of `work`: `rounds` of them, and more while the noise has not done what it is for. Not forever.
  bool goes_on(int done, int rounds) const {
    return done < rounds || (settings_.noise && !noisy_.load(std::memory_order_relaxed) && done / kPatience < rounds);
  }
  // Has the noise done what it is for: were items evicted, has the index grown?
  bool was_noisy();

  static std::string shared_key(std::string_view name, uint64_t number);

 private:
  static constexpr int kPatience = 40;

  void tell(std::string_view key, const ItemView& item);
  void fill_up();
  void fill(uint64_t seed);
  void change();

  const Settings settings_;
  support::ManualClock manual_;
  RelClock clock_{manual_};
  threads::Mutex mutex_;
  std::vector<Lost> lost_ GUARDED_BY(mutex_);
  std::atomic<bool> working_{false};
  std::unique_ptr<Cache> cache_;
  std::unique_ptr<CacheContext> context_;
  std::atomic<bool> noisy_{false};
  uint64_t first_power_ = 0;  // of the index
  uint64_t first_evictions_ = 0;
};

}  // namespace martlet::cache::model
