#include "server/stats/prefix_table.h"

#include <functional>
#include <new>

namespace martlet::stats {

template <typename Count>
void PrefixTable::count(std::string_view key, Count&& count) {
  const size_t end = key.find(delimiter_);
  if (end == std::string_view::npos || end == 0) return;
  const std::string_view prefix = key.substr(0, end);
  Shard& shard = shards_[std::hash<std::string_view>{}(prefix) % kShards];
  threads::MutexLock lock(shard.mu);
  auto found = shard.counts.find(prefix);
  if (found == shard.counts.end()) {
    if (size_.load(std::memory_order_relaxed) >= kMaxPrefixes) return;
    try {
      found = shard.counts.emplace(prefix, PrefixCounts{}).first;
    } catch (const std::bad_alloc&) {
      return;  // counted when there is memory again
    }
    size_.fetch_add(1, std::memory_order_relaxed);
  }
  count(found->second);
}

void PrefixTable::count_get(std::string_view key, bool hit) {
  count(key, [hit](PrefixCounts& counts) {
    ++counts.gets;
    if (hit) ++counts.hits;
  });
}

void PrefixTable::count_set(std::string_view key) {
  count(key, [](PrefixCounts& counts) { ++counts.sets; });
}

void PrefixTable::count_delete(std::string_view key) {
  count(key, [](PrefixCounts& counts) { ++counts.deletes; });
}

void PrefixTable::clear() {
  for (Shard& shard : shards_) {
    threads::MutexLock lock(shard.mu);
    size_.fetch_sub(shard.counts.size(), std::memory_order_relaxed);
    shard.counts.clear();
  }
}

std::vector<std::pair<std::string, PrefixCounts>> PrefixTable::counts() const {
  std::vector<std::pair<std::string, PrefixCounts>> out;
  for (const Shard& shard : shards_) {
    threads::MutexLock lock(shard.mu);
    out.insert(out.end(), shard.counts.begin(), shard.counts.end());
  }
  return out;
}

}  // namespace martlet::stats
