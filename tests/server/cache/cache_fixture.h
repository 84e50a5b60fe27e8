// What the cache's tests share: a clock turned by hand, a cache over it, and short ways to say the verbs.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/cache/cache.h"
#include "tests/support/manual_clock.h"

namespace martlet::cache {

inline std::string all_of(const PinnedBytes& bytes) {
  std::string out;
  while (out.size() < bytes.size()) out += bytes.piece_at(out.size());
  return out;
}

template <typename Number>
std::string numbered(std::string_view name, Number number) {
  std::string out(name);
  out += std::to_string(number);
  return out;
}

// Text of `size` bytes that differs for every seed and at every place.
inline std::string text_of(size_t size, uint64_t seed = 1) {
  std::string out(size, '\0');
  uint64_t state = seed * 0x9E3779B97F4A7C15ULL + 1;
  for (size_t at = 0; at < size; at += sizeof state) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    std::memcpy(out.data() + at, &state, std::min(sizeof state, size - at));
  }
  return out;
}

class CacheTest : public ::testing::Test {
 protected:
  void make(const CacheSettings& settings = {}, Cache::EvictionHook hook = {}) {
    context_.reset();
    cache_.reset();
    auto made = Cache::create(settings, clock_, std::move(hook));
    ASSERT_TRUE(made.ok()) << made.error().message;
    cache_ = made.take();
    context_ = cache_->make_context();
  }

  // A second at a time, as the main thread does it.
  void pass(uint32_t seconds) {
    for (; seconds > 0; --seconds) {
      manual_.advance_seconds(1);
      cache_->tick(clock_.current());
      clock_.tick();
    }
  }

  StoreResult put(std::string_view key, std::string_view value, Mode mode = Mode::set, RelTime exptime = kNever,
                  uint32_t flags = 0, uint64_t cas = 0) {
    return cache_->store(*context_, {key, mode, flags, exptime, cas}, value);
  }
  Outcome set(std::string_view key, std::string_view value, RelTime exptime = kNever) {
    return put(key, value, Mode::set, exptime).outcome;
  }
  GetResult get(std::string_view key) { return cache_->get(*context_, key, {}); }
  std::optional<std::string> value(std::string_view key) {
    const GetResult result = get(key);
    if (result.outcome != Outcome::done) return std::nullopt;
    EXPECT_EQ(result.item.value_size, result.item.value.size());
    return all_of(result.item.value);
  }
  uint64_t cas_of(std::string_view key) { return get(key).item.cas; }
  ArithResult count(std::string_view key, uint64_t delta, bool negative = false) {
    ArithRequest request;
    request.key = key;
    request.delta = delta;
    request.negative = negative;
    return cache_->arith(*context_, request);
  }

  static StoreResult no_memory() {
    StoreResult out;
    out.outcome = Outcome::out_of_memory;
    return out;
  }

  // Stores through an Upload in steps of at most `step` bytes.
  StoreResult upload(std::string_view key, std::string_view value, size_t step = 4096, Mode mode = Mode::set) {
    auto arriving = cache_->begin_upload(*context_, key, static_cast<uint32_t>(value.size()));
    if (arriving == nullptr) return no_memory();
    while (!value.empty()) {
      const std::span<char> space = arriving->space(*context_);
      if (space.empty()) return no_memory();
      const size_t size = std::min({step, space.size(), value.size()});
      value.copy(space.data(), size);
      arriving->advance(size);
      value.remove_prefix(size);
    }
    return cache_->publish(*context_, {key, mode, 0, kNever, 0}, std::move(arriving));
  }

  support::ManualClock manual_;
  RelClock clock_{manual_};
  std::unique_ptr<Cache> cache_;
  std::unique_ptr<CacheContext> context_;
};

}  // namespace martlet::cache
