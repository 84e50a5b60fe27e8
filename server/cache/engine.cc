#include "server/cache/engine.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "server/cache/hash.h"

namespace martlet::cache {
namespace {

constexpr uint64_t kUsualCapacity = 64ULL << 30;  // address space for limits raised later
constexpr uint64_t kBytesPerFirstBucket = 8192;   // of limit: the index begins at less than 1 % of it
constexpr uint64_t kMostIndexShare = 8;           // a wanted initial index is cut to this part of the limit

uint64_t first_buckets(const CacheSettings& settings, const Layout& layout) {
  uint64_t wanted = std::bit_floor(settings.memory_limit / kBytesPerFirstBucket);
  if (settings.hash_power != 0) {
    const uint64_t most = std::bit_floor(settings.memory_limit / kMostIndexShare / kBucketSize);
    wanted = settings.hash_power >= 40 ? most : std::min(uint64_t{1} << settings.hash_power, most);
  }
  return std::max<uint64_t>(wanted, layout.segment_size / kBucketSize);
}

uint32_t index_segments(uint64_t buckets, const Layout& layout) {
  return static_cast<uint32_t>(buckets * kBucketSize / layout.segment_size);
}

}  // namespace

Result<std::unique_ptr<Cache>> Cache::create(const CacheSettings& settings, const RelClock& clock,
                                             EvictionHook on_eviction) {
  if (settings.item_size_max > settings.memory_limit / 2) {
    return Error{64, "the largest item may take half of the memory limit at most"};
  }
  auto arena = std::make_unique<Arena>();
  Layout layout = Layout::plan(settings.memory_limit, std::max(settings.memory_limit * 4, kUsualCapacity));
  if (!arena->reserve(layout.total)) {
    // Address space is limited here, and threads need theirs: the limit can be lowered later, but not raised.
    layout = Layout::plan(settings.memory_limit, settings.memory_limit);
    if (!arena->reserve(layout.total)) {
      return Error{71, "cannot reserve memory for the cache: " + std::generic_category().message(errno)};
    }
  }
  const uint64_t buckets = first_buckets(settings, layout);
  if (layout.units(settings.memory_limit) < index_segments(buckets, layout) + Engine::kFewestSegments) {
    return Error{64, "the memory limit is too small"};
  }
  auto engine = std::make_unique<Engine>(std::move(arena), layout, settings, buckets, clock, std::move(on_eviction));
  const uint64_t largest =
      settings.item_size_max + uint64_t{settings.item_size_max} / 32 + kPinThreshold;  // with heads
  if (settings.track_sizes && !engine->classes_.track_sizes(largest)) {
    return Error{71, "cannot reserve memory for the sizes of items: " + std::generic_category().message(errno)};
  }
  return std::unique_ptr<Cache>(std::move(engine));
}

Engine::Engine(std::unique_ptr<Arena> arena, const Layout& layout, const CacheSettings& settings, uint64_t buckets,
               const RelClock& clock, EvictionHook on_eviction)
    : arena_(std::move(arena)),
      layout_(layout),
      large_(layout),
      item_size_max_(settings.item_size_max),
      cas_enabled_(settings.cas_enabled),
      clock_(clock),
      segments_(*arena_, layout),
      index_(*arena_, layout, buckets, random_seed()),
      classes_(SizeLadder(settings.smallest_class, settings.class_factor)),
      storage_{*arena_, segments_, index_, clock, events_, classes_, settings.cas_enabled},
      reclaimer_(storage_, settings.evict, layout.units(settings.memory_limit), std::move(on_eviction)),
      pins_(storage_, quotas_),
      memory_limit_(settings.memory_limit) {
  segments_.set_units(layout.units(settings.memory_limit));
  for (uint32_t i = index_segments(buckets, layout); i > 0; --i) segments_.pay_index(kNoSegment);
  set_quotas();
}

Context::~Context() {
  if (spare_bucket_ != 0) engine_.index_.put_overflow(spare_bucket_);
}

std::unique_ptr<CacheContext> Engine::make_context() { return std::make_unique<Context>(*this, kPinThreshold); }

Outcome Engine::admit(std::string_view, uint32_t value_size) const {
  const bool fits = value_size <= item_size_max_ && value_size <= memory_limit_.load(std::memory_order_relaxed) / 2;
  return fits ? Outcome::done : Outcome::too_large;
}

unsigned Engine::size_class(uint32_t item_size) const { return classes_.ladder().size_class(item_size); }

std::vector<ClassFigures> Engine::class_figures() const { return classes_.figures(); }

std::vector<std::pair<uint32_t, uint64_t>> Engine::size_histogram() const { return classes_.histogram(); }

}  // namespace martlet::cache
