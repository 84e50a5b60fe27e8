// What happens to the cache as a whole: flushes, limits, background work, figures.
#include <algorithm>
#include <bit>

#include "server/cache/engine.h"

namespace martlet::cache {
namespace {

constexpr uint64_t kFewestCopyBytes = 8ULL << 20;
constexpr uint64_t kCrawlSliceUs = 200;
constexpr uint32_t kHeldShare = 22;  // one in so many segments, so that with half-filled ones a twentieth is held
constexpr uint64_t kCrawlRest = 49;

}  // namespace

// Nearly a twentieth of the segments is for uploads and as much for replies, or one largest value each, as far as a few
// segments stay for everybody else; one largest value can always be copied.
void Engine::set_quotas() {
  const uint32_t budget = segments_.budget();
  const uint32_t largest = large_.chunks(item_size_max_) / (layout_.segment_size / layout_.max_record()) + 2;
  const uint32_t wanted = std::max(budget / kHeldShare, largest);
  const uint32_t uploads = std::min(wanted, budget - budget / 4 - kFewestSegments / 2);
  const uint32_t replies = std::min(wanted, budget - uploads - kFewestSegments / 2);
  quotas_.upload_segments.store(uploads, std::memory_order_relaxed);
  quotas_.reply_segments.store(replies, std::memory_order_relaxed);
  const uint64_t copied = std::max(kFewestCopyBytes, memory_limit_.load(std::memory_order_relaxed) / 8);
  quotas_.copied_bytes.store(std::max<uint64_t>(copied, item_size_max_), std::memory_order_relaxed);
}

void Engine::flush_all(CacheContext&, RelTime at) {
  if (at != kNever && at > clock_.now()) {
    flush_at_.store(at, std::memory_order_relaxed);
    return;
  }
  flush_at_.store(kNever, std::memory_order_relaxed);
  segments_.flush();
}

void Engine::tick(RelTime next) {
  RelTime at = flush_at_.load(std::memory_order_relaxed);
  if (at != kNever && next >= at && flush_at_.compare_exchange_strong(at, kNever, std::memory_order_relaxed)) {
    segments_.flush();
  }
  if (reclaimer_.pending()) reclaimer_.wake();
}

bool Engine::set_memory_limit(uint64_t bytes) {
  if (bytes > layout_.capacity) return false;
  const uint32_t units = layout_.units(bytes);
  if (units < segments_.index_units() + kFewestSegments) return false;
  memory_limit_.store(bytes, std::memory_order_relaxed);
  segments_.set_units(units);
  set_quotas();
  reclaimer_.fit_budget();  // segments in use, or full ones with eviction off, go when they become free
  return true;
}

CacheFigures Engine::figures() const {
  CacheFigures out;
  out.memory_limit = memory_limit_.load(std::memory_order_relaxed);
  out.bytes = segments_.live_bytes();
  out.items = index_.items();
  out.total_items = events_.stored.load(std::memory_order_relaxed);
  out.evictions = events_.evictions.load(std::memory_order_relaxed);
  out.evicted_unfetched = events_.evicted_unfetched.load(std::memory_order_relaxed);
  out.evicted_active = events_.evicted_active.load(std::memory_order_relaxed);
  out.expired_unfetched = events_.expired_unfetched.load(std::memory_order_relaxed);
  out.reclaimed = events_.reclaimed.load(std::memory_order_relaxed);
  out.crawler_starts = events_.crawler_starts.load(std::memory_order_relaxed);
  out.crawler_items_checked = events_.crawler_items_checked.load(std::memory_order_relaxed);
  out.crawler_reclaimed = events_.crawler_reclaimed.load(std::memory_order_relaxed);
  out.hash_buckets_power = static_cast<uint64_t>(std::bit_width(index_.buckets()) - 1);
  out.hash_bytes = index_.paid_bytes();
  out.hash_expanding = index_.behind();
  out.pinned_bytes = pins_.pinned_bytes();
  return out;
}

SegmentFigures Engine::segment_figures() const {
  SegmentFigures out;
  segments_.count(out);
  reclaimer_.describe(out);
  out.segments_evicted = events_.segments_evicted.load(std::memory_order_relaxed);
  out.segments_cleaned = events_.segments_cleaned.load(std::memory_order_relaxed);
  out.segments_swept = events_.segments_swept.load(std::memory_order_relaxed);
  out.items_moved = events_.items_moved.load(std::memory_order_relaxed);
  out.bytes_moved = events_.bytes_moved.load(std::memory_order_relaxed);
  out.assists = events_.assists.load(std::memory_order_relaxed);
  out.index_buckets = index_.buckets();
  out.index_items = index_.items();
  out.index_overflow_buckets = index_.overflow_in_use();
  out.ghosts_made = index_.ghosts_made();
  out.ghosts_readmitted = index_.ghosts_readmitted();
  return out;
}

// After kCrawlSliceUs of looking for expired items it rests kCrawlRest times as long, which makes 2 % of a processor.
std::chrono::milliseconds Engine::maintain() {
  using std::chrono::milliseconds;
  constexpr milliseconds kLong = std::chrono::hours(1);
  const uint64_t begin = clock_.source().monotonic_us();
  const uint64_t rest_until = crawl_at_us_.load(std::memory_order_relaxed);
  const Reclaimer::Work done = reclaimer_.work(begin >= rest_until);
  if (done == Reclaimer::Work::urgent) return milliseconds(0);
  if (done == Reclaimer::Work::none) {
    return begin >= rest_until ? kLong : milliseconds((rest_until - begin) / 1000 + 1);
  }
  const uint64_t end = clock_.source().monotonic_us();
  const uint64_t spent = crawled_us_.fetch_add(static_cast<uint32_t>(end - begin), std::memory_order_relaxed);
  if (spent + (end - begin) < kCrawlSliceUs) return milliseconds(0);
  crawled_us_.store(0, std::memory_order_relaxed);
  crawl_at_us_.store(end + (spent + (end - begin)) * kCrawlRest, std::memory_order_relaxed);
  return milliseconds((spent + (end - begin)) * kCrawlRest / 1000 + 1);
}

}  // namespace martlet::cache
