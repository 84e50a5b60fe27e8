// PrefixTable: counts by the prefix of keys, the part before the first delimiter (-D), for `stats detail`.
//
// Off until it is switched on; while it is off a command pays one relaxed load. It is bounded: the first kMaxPrefixes
// prefixes are counted, later ones are not. Keys without a delimiter, or that begin with it, have no prefix.
//
// Any thread. Counting takes a lock that is shared by the prefixes of one shard.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "threads/mutex.h"

namespace martlet::stats {

struct PrefixCounts {
  uint64_t gets = 0;
  uint64_t hits = 0;
  uint64_t sets = 0;
  uint64_t deletes = 0;
};

class PrefixTable {
 public:
  static constexpr size_t kMaxPrefixes = 65536;

  PrefixTable(char delimiter, bool enabled) : delimiter_(delimiter), enabled_(enabled) {}

  bool enabled() const { return enabled_.load(std::memory_order_relaxed); }
  void enable(bool on) { enabled_.store(on, std::memory_order_relaxed); }

  void count_get(std::string_view key, bool hit);
  void count_set(std::string_view key);
  void count_delete(std::string_view key);

  // Forgets all of them.
  void clear();

  // A copy, in no order that means anything.
  std::vector<std::pair<std::string, PrefixCounts>> counts() const;

 private:
  static constexpr size_t kShards = 16;
  struct Shard {
    mutable threads::Mutex mu;
    std::map<std::string, PrefixCounts, std::less<>> counts GUARDED_BY(mu);
  };

  template <typename Count>
  void count(std::string_view key, Count&& count);

  const char delimiter_;
  std::atomic<bool> enabled_;
  std::atomic<size_t> size_{0};
  std::array<Shard, kShards> shards_;
};

}  // namespace martlet::stats
