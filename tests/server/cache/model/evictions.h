// Evictions: what the cache's EvictionHook tells, kept for the player whose key it was.
//
// The first byte of a key says whose it is. Told on any thread, taken by the player's.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/server/cache/model/reference.h"
#include "threads/mutex.h"

namespace martlet::cache::model {

class Evictions {
 public:
  static constexpr size_t kMostOwners = 32;

  static char first_byte(size_t owner) { return static_cast<char>('A' + owner); }

  Cache::EvictionHook hook() {
    return [this](std::string_view key, const ItemView& item) { tell(key, item); };
  }

  // Moves what was told since the last call to the end of `out`. True: there was something.
  bool take(size_t owner, std::vector<Eviction>& out) {
    Queue& queue = queues_[owner];
    if (!queue.filled.load(std::memory_order_acquire)) return false;
    threads::MutexLock lock(queue.mutex);
    for (Eviction& eviction : queue.told) out.push_back(std::move(eviction));
    queue.told.clear();
    queue.filled.store(false, std::memory_order_relaxed);
    return true;
  }

  uint64_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  struct Queue {
    threads::Mutex mutex;
    std::vector<Eviction> told GUARDED_BY(mutex);
    std::atomic<bool> filled{false};
  };

  void tell(std::string_view key, const ItemView& item) {
    count_.fetch_add(1, std::memory_order_relaxed);
    const auto owner = static_cast<size_t>(key.empty() ? -1 : key[0] - first_byte(0));
    if (owner >= kMostOwners) return;
    Eviction eviction;
    eviction.key = key;
    eviction.cas = item.cas;
    eviction.flags = item.flags;
    eviction.exptime = item.exptime;
    eviction.last_access = item.last_access;
    eviction.fetched = item.fetched;
    eviction.value_size = item.value_size;
    if (item.value.size() > 0) eviction.value_hash = std::hash<std::string_view>{}(item.value.piece_at(0));
    Queue& queue = queues_[owner];
    threads::MutexLock lock(queue.mutex);
    queue.told.push_back(std::move(eviction));
    queue.filled.store(true, std::memory_order_release);
  }

  std::array<Queue, kMostOwners> queues_;
  std::atomic<uint64_t> count_{0};
};

}  // namespace martlet::cache::model
