#include "tests/server/cache/model/crowd.h"

#include <chrono>
#include <cstdlib>
#include <thread>

#include "tests/server/cache/model/values.h"

namespace martlet::cache::model {
namespace {

constexpr unsigned kFillers = 2;
constexpr uint64_t kFillersKeys = 60'000;
constexpr size_t kFirstSize = 4000;  // bytes of value; what comes later is smaller, so that the index grows

template <typename AnyCache>
void maintain(AnyCache& cache) {
  if constexpr (requires { cache.maintain(); }) cache.maintain();
}

}  // namespace

std::string Crowd::shared_key(std::string_view name, uint64_t number) {
  std::string out(1, kShared);
  out += name;
  out += std::to_string(number);
  return out;
}

Crowd::Crowd(const Settings& settings) : settings_(settings) {
  CacheSettings wanted;
  wanted.memory_limit = settings.memory_limit;
  wanted.item_size_max = 1U << 20;
  auto made = Cache::create(wanted, clock_, [this](std::string_view key, const ItemView& item) { tell(key, item); });
  if (!made.ok()) std::abort();  // no test could go on
  cache_ = made.take();
  context_ = cache_->make_context();
  if (settings.noise) fill_up();
  first_power_ = cache_->figures().hash_buckets_power;
  first_evictions_ = cache_->figures().evictions;
}

// With few items.
void Crowd::fill_up() {
  const std::string text = make_text(1, kFirstSize);
  for (uint64_t i = 0; cache_->figures().evictions == 0; ++i) {
    const std::string key = "first" + std::to_string(i);
    StoreRequest request;
    request.key = key;
    cache_->store(*context_, request, text);
  }
}

void Crowd::tell(std::string_view key, const ItemView& item) {
  if (key.empty() || key[0] != kShared) return;
  Lost lost;
  lost.key = key;
  lost.cas = item.cas;
  lost.value_size = item.value_size;
  if (item.value.size() > 0) lost.value = item.value.piece_at(0);
  threads::MutexLock lock(mutex_);
  lost_.push_back(std::move(lost));
}

std::vector<Crowd::Lost> Crowd::lost() {
  threads::MutexLock lock(mutex_);
  return lost_;
}

bool Crowd::was_noisy() {
  const CacheFigures figures = cache_->figures();
  if (figures.evictions == first_evictions_ || figures.hash_buckets_power == first_power_) return false;
  if (!settings_.losses) return true;
  threads::MutexLock lock(mutex_);
  return !lost_.empty();
}

void Crowd::run(const Work& work) {
  working_.store(true);
  std::vector<std::thread> noise;
  if (settings_.noise) {
    for (unsigned i = 0; i < kFillers; ++i) noise.emplace_back([this, i] { fill(i + 1); });
    noise.emplace_back([this] { change(); });
  }
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kThreads; ++i) {
    threads.emplace_back([this, &work, i] {
      const auto context = cache_->make_context();
      Random random(i + 1);
      work(*context, i, random);
    });
  }
  for (auto& thread : threads) thread.join();
  working_.store(false);
  for (auto& thread : noise) thread.join();
}

// First every key once, so that the index grows; then any.
void Crowd::fill(uint64_t seed) {
  const auto context = cache_->make_context();
  Random random(seed);
  const std::string text = make_text(seed, 1U << 16);
  for (uint64_t i = 0; working_.load(std::memory_order_relaxed); ++i) {
    const uint64_t number = i < kFillersKeys ? i : random() % kFillersKeys;
    const std::string key = std::to_string(seed) + "." + std::to_string(number);
    StoreRequest request;
    request.key = key;
    size_t size = i < kFillersKeys ? random() % 20 : random() % 900;
    if (random() % 500 == 0) size = random() % text.size();
    if (random() % 4 == 0) {
      cache_->remove(*context, key);
    } else {
      cache_->store(*context, request, std::string_view(text).substr(0, size));
    }
  }
}

void Crowd::change() {
  const auto context = cache_->make_context();
  Random random(99);
  while (working_.load(std::memory_order_relaxed)) {
    maintain(*cache_);
    if (!noisy_.load(std::memory_order_relaxed)) noisy_.store(was_noisy());
    if (random() % 20 == 0) cache_->set_memory_limit(settings_.memory_limit * (70 + random() % 60) / 100);
    if (settings_.flushes && random() % 200 == 0) cache_->flush_all(*context, kNever);
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
}

}  // namespace martlet::cache::model
