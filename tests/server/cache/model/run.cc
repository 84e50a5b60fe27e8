#include "tests/server/cache/model/run.h"

#include <algorithm>
#include <thread>

namespace martlet::cache::model {
namespace {

constexpr uint64_t kRoundAlone = 500;      // operations
constexpr uint64_t kRoundTogether = 5000;  // of each player

template <typename AnyCache>
void maintain(AnyCache& cache) {
  if constexpr (requires { cache.maintain(); }) cache.maintain();
}

}  // namespace

Run::Run(const Preset& preset, uint64_t seed, unsigned threads) : preset_(preset), random_(seed) {
  auto made = Cache::create(preset.settings, clock_, evictions_.hook());
  if (!made.ok()) {
    complaint_ = made.error().message;
    return;
  }
  cache_ = made.take();
  context_ = cache_->make_context();
  Mix mix = preset.mix;
  mix.keys = std::max(mix.keys / threads, 1U);
  for (unsigned i = 0; i < threads; ++i) {
    const Place place = {*cache_, clock_, evictions_, i, threads == 1, preset.settings, preset.lowest_limit};
    players_.push_back(std::make_unique<Player>(place, mix, seed));
  }
}

void Run::check(bool right, const std::string& what) {
  if (!right && complaint_.empty()) complaint_ = what;
}

uint64_t Run::refusals() const {
  uint64_t sum = 0;
  for (const auto& player : players_) sum += player->refusals();
  return sum;
}

bool Run::play(uint64_t operations) {
  while (operations > 0 && !failed()) {
    const uint64_t whole = players_.size() == 1 ? kRoundAlone : kRoundTogether * players_.size();
    const uint64_t now = std::min(operations, whole);
    round(std::max<uint64_t>(now / players_.size(), 1));
    operations -= now;
    if (!failed()) between_rounds();
  }
  if (!failed()) finish();
  return !failed();
}

void Run::round(uint64_t operations) {
  if (players_.size() == 1) {
    players_[0]->play(operations);
  } else {
    std::atomic<size_t> playing{players_.size()};
    std::vector<std::thread> threads;
    for (const auto& player : players_) {
      threads.emplace_back([&playing, &player, operations] {
        player->play(operations);
        playing.fetch_sub(1);
      });
    }
    while (playing.load() > 0) {
      background_step();
      if (draw(50) == 0) change_limit();
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    for (auto& thread : threads) thread.join();
  }
  for (const auto& player : players_) check(player->complaint().empty(), player->complaint());
}

void Run::between_rounds() {
  if (draw(4) == 0) pass_seconds();
  if (draw(60) == 0) flush();
  if (draw(20) == 0) change_limit();
  for (uint64_t steps = draw(8); steps > 0; --steps) background_step();
  const CacheFigures figures = cache_->figures();
  if (preset_.lowest_limit == preset_.highest_limit) {
    check(figures.bytes + figures.hash_bytes <= figures.memory_limit, "more memory in use than the limit");
  }
}

// One after the other, or some at once when the clock was late.
void Run::pass_seconds() {
  for (uint64_t i = 1 + draw(3); i > 0; --i) {
    manual_.advance_seconds(draw(10) == 0 ? 4 : 1);
    const RelTime next = clock_.current();
    cache_->tick(next);
    if (flush_at_ != kNever && next >= flush_at_) {
      flush_at_ = kNever;
      for (const auto& player : players_) player->flushed();
    }
    clock_.publish(next);
  }
}

void Run::flush() {
  flush_at_ = draw(2) == 0 ? kNever : clock_.now() + 1 + static_cast<RelTime>(draw(5));
  cache_->flush_all(*context_, flush_at_);
  if (flush_at_ != kNever) return;
  for (const auto& player : players_) player->flushed();
}

void Run::change_limit() {
  const uint64_t range = preset_.highest_limit - preset_.lowest_limit;
  if (range == 0) return;
  const uint64_t limit = preset_.lowest_limit + draw(range + 1);
  check(cache_->set_memory_limit(limit), "a memory limit was refused");
  check(cache_->figures().memory_limit == limit, "another memory limit than the one set");
}

void Run::background_step() { maintain(*cache_); }

void Run::finish() {
  uint64_t live = 0;
  for (const auto& player : players_) {
    uint64_t own = 0;
    player->let_go();
    player->look_at_everything(own);
    check(player->complaint().empty(), player->complaint());
    live += own;
  }
  if (failed()) return;
  check_figures(live);
  for (const auto& player : players_) {
    player->remove_everything();
    check(player->complaint().empty(), player->complaint());
  }
  const CacheFigures figures = cache_->figures();
  check(figures.items == 0, "items are left after the last was removed: " + std::to_string(figures.items));
  check(figures.bytes == 0, "bytes are left after the last item was removed: " + std::to_string(figures.bytes));
}

void Run::check_figures(uint64_t live) {
  const CacheFigures figures = cache_->figures();
  check(figures.items == live,
        "the cache counts " + std::to_string(figures.items) + " items, there are " + std::to_string(live));
  check(figures.evictions == evictions(), "the cache counts " + std::to_string(figures.evictions) +
                                              " evictions, told were " + std::to_string(evictions()));
  check(figures.pinned_bytes == 0, "bytes are pinned by nobody");
  check(preset_.crowded || evictions() == 0, "something was evicted that should not have been");
  check_classes(live);
}

// An engine that puts every item into one class keeps no figures by class.
void Run::check_classes(uint64_t live) {
  if (cache_->size_class(preset_.settings.item_size_max) == cache_->size_class(1)) return;
  uint64_t of_classes = 0;
  for (const ClassFigures& row : cache_->class_figures()) of_classes += row.items;
  check(of_classes == live, "the size classes count " + std::to_string(of_classes) + " items");
  if (!preset_.settings.track_sizes) return;
  uint64_t of_sizes = 0;
  for (const auto& [size, items] : cache_->size_histogram()) of_sizes += items;
  check(of_sizes == live, "the sizes count " + std::to_string(of_sizes) + " items");
}

}  // namespace martlet::cache::model
