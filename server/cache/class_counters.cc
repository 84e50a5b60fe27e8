#include "server/cache/class_counters.h"

#include <algorithm>

namespace martlet::cache {
namespace {

void count(std::atomic<uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

uint64_t read(const std::atomic<uint64_t>& counter) { return counter.load(std::memory_order_relaxed); }

// Sums over stripes may be read in the midst of a change.
uint64_t at_least_zero(int64_t sum) { return sum > 0 ? static_cast<uint64_t>(sum) : 0; }

}  // namespace

bool ClassCounters::track_sizes(uint64_t largest) {
  const auto steps = static_cast<uint32_t>(largest / kStep + 1);
  if (!by_size_.reserve(uint64_t{steps} * sizeof(uint32_t))) return false;
  steps_ = steps;
  return true;
}

void ClassCounters::change(Location location, uint32_t item_size, int sign) {
  Gauges& gauges = gauges_[(location >> 6) % kStripes][ladder_.size_class(item_size) - 1];
  gauges.items.fetch_add(sign, std::memory_order_relaxed);
  gauges.bytes.fetch_add(sign * int64_t{item_size}, std::memory_order_relaxed);
  if (steps_ == 0) return;
  std::atomic_ref(*step(item_size)).fetch_add(static_cast<uint32_t>(sign), std::memory_order_relaxed);
}

void ClassCounters::evicted(const ItemView& item, bool active, RelTime now) {
  Counters& counters = row(item.item_size);
  count(counters.evicted);
  if (item.exptime != kNever) count(counters.evicted_nonzero);
  if (!item.fetched) count(counters.evicted_unfetched);
  if (active) count(counters.evicted_active);
  counters.evicted_age.store(now - std::min(now, item.last_access), std::memory_order_relaxed);
}

void ClassCounters::reclaimed(uint32_t item_size, bool fetched) {
  count(row(item_size).reclaimed);
  if (!fetched) count(row(item_size).expired_unfetched);
}

void ClassCounters::refused(uint32_t item_size) { count(row(item_size).out_of_memory); }
void ClassCounters::moved(uint32_t item_size) { count(row(item_size).moved); }
void ClassCounters::crawler_checked(uint32_t item_size) { count(row(item_size).crawler_checked); }
void ClassCounters::crawler_reclaimed(uint32_t item_size) { count(row(item_size).crawler_reclaimed); }

std::vector<ClassFigures> ClassCounters::figures() const {
  std::vector<ClassFigures> out(ladder_.classes());
  for (unsigned i = 0; i < ladder_.classes(); ++i) {
    int64_t items = 0;
    int64_t bytes = 0;
    for (const auto& stripe : gauges_) {
      items += stripe[i].items.load(std::memory_order_relaxed);
      bytes += stripe[i].bytes.load(std::memory_order_relaxed);
    }
    const Counters& counters = counters_[i];
    ClassFigures& figures = out[i];
    figures.item_size = ladder_.largest_item(i + 1);
    figures.items = at_least_zero(items);
    figures.bytes = at_least_zero(bytes);
    figures.evicted = read(counters.evicted);
    figures.evicted_nonzero = read(counters.evicted_nonzero);
    figures.evicted_age = counters.evicted_age.load(std::memory_order_relaxed);
    figures.evicted_unfetched = read(counters.evicted_unfetched);
    figures.evicted_active = read(counters.evicted_active);
    figures.expired_unfetched = read(counters.expired_unfetched);
    figures.reclaimed = read(counters.reclaimed);
    figures.crawler_reclaimed = read(counters.crawler_reclaimed);
    figures.crawler_checked = read(counters.crawler_checked);
    figures.out_of_memory = read(counters.out_of_memory);
    figures.moved = read(counters.moved);
  }
  return out;
}

std::vector<std::pair<uint32_t, uint64_t>> ClassCounters::histogram() const {
  std::vector<std::pair<uint32_t, uint64_t>> out;
  for (uint32_t i = 0; i < steps_; ++i) {
    const uint32_t items = std::atomic_ref(*step_at(i)).load(std::memory_order_relaxed);
    if (items != 0) out.emplace_back((i + 1) * kStep, items);
  }
  return out;
}

}  // namespace martlet::cache
