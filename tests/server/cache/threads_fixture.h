// Many threads on one cache, and values that show whether they are whole.
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/cache/cache_fixture.h"

namespace martlet::cache {

class Threads : public CacheTest {
 protected:
  static constexpr int kThreads = 8;

  void run(const std::function<void(CacheContext&, int)>& body) {
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        const auto context = cache_->make_context();
        body(*context, i);
      });
    }
    for (auto& thread : threads) thread.join();
  }
  StoreResult put(CacheContext& context, std::string_view key, std::string_view value, Mode mode = Mode::set,
                  uint64_t cas = 0) {
    return cache_->store(context, {key, mode, 0, kNever, cas}, value);
  }
  void make_with(uint64_t limit) {
    CacheSettings settings;
    settings.memory_limit = limit;
    settings.item_size_max = 1U << 20;
    make(settings);
  }
};

// A value that says which key it belongs to, and whose every byte follows from its beginning.
inline std::string speaking(int key, uint64_t seed, size_t size) {
  std::string out = std::to_string(key) + ":" + std::to_string(seed) + ":";
  while (out.size() < size) out += static_cast<char>('a' + (seed + out.size() * 7 + static_cast<uint64_t>(key)) % 26);
  return out;
}

inline bool speaks_true(int key, const std::string& value) {
  const size_t first = value.find(':');
  if (first == std::string::npos || std::stoi(value) != key) return false;
  const uint64_t seed = std::stoull(value.substr(first + 1));
  return value == speaking(key, seed, value.size());
}

}  // namespace martlet::cache
