#include "server/cache/ttl_classes.h"

#include <algorithm>
#include <numeric>

namespace martlet::cache {
namespace {

unsigned logs_for(uint32_t segments) {
  if (segments < 64) return 1;
  if (segments < 128) return 2;
  return segments < 256 ? 4 : kMostItemLogs;
}

}  // namespace

TtlClasses::TtlClasses(uint32_t segments) : logs_(logs_for(segments)) {
  for (auto& own : own_) own.store(kNone, std::memory_order_relaxed);
  own_[0].store(0, std::memory_order_relaxed);
}

void TtlClasses::note(unsigned ttl_class, uint32_t pages) {
  share_[ttl_class].fetch_add(pages, std::memory_order_relaxed);
  pages_.fetch_add(pages, std::memory_order_relaxed);
}

uint32_t TtlClasses::remap() {
  pages_.store(0, std::memory_order_relaxed);
  std::array<uint32_t, kClasses> share{};
  for (unsigned i = 0; i < kClasses; ++i) {
    share[i] = share_[i].load(std::memory_order_relaxed);
    share_[i].fetch_sub(share[i] - share[i] / 2, std::memory_order_relaxed);
  }
  const uint64_t total = std::accumulate(share.begin(), share.end(), uint64_t{0});
  // The largest that pass; one that has a log keeps it down to half of the share.
  std::array<unsigned, kClasses> order{};
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin() + 1, order.end(), [&](unsigned a, unsigned b) { return share[a] > share[b]; });
  uint32_t used = 1;  // log 0 is class 0's
  std::array<bool, kClasses> chosen{};
  for (unsigned at = 1; at < logs_; ++at) {
    const unsigned c = order[at];
    const uint64_t wanted = owns(c) ? kSharePermille / 2 : kSharePermille;
    if (share[c] == 0 || uint64_t{share[c]} * 1000 < total * wanted) break;
    chosen[c] = true;
    if (owns(c)) used |= 1U << own_[c].load(std::memory_order_relaxed);
  }
  uint32_t taken_away = 0;
  for (unsigned c = 1; c < kClasses; ++c) {
    if (chosen[c] || !owns(c)) continue;
    taken_away |= 1U << own_[c].load(std::memory_order_relaxed);
    own_[c].store(kNone, std::memory_order_relaxed);
  }
  for (unsigned c = 1; c < kClasses; ++c) {
    if (!chosen[c] || owns(c)) continue;
    const auto log = static_cast<uint8_t>(std::countr_one(used));
    used |= 1U << log;
    own_[c].store(log, std::memory_order_relaxed);
  }
  uint8_t log = 0;
  for (unsigned c = 1; c < kClasses; ++c) {  // the longest in use, for those longer than any
    if (owns(c)) log = own_[c].load(std::memory_order_relaxed);
  }
  for (unsigned c = kClasses - 1; c >= 1; --c) {
    if (owns(c)) log = own_[c].load(std::memory_order_relaxed);
    log_of_[c].store(log, std::memory_order_relaxed);
  }
  return taken_away & ~used;
}

void TtlClasses::describe(SegmentFigures& out) const {
  uint64_t total = 0;
  for (const auto& share : share_) total += share.load(std::memory_order_relaxed);
  for (unsigned c = 0; c < kClasses; ++c) {
    const uint8_t log = own_[c].load(std::memory_order_relaxed);
    if (log == kNone) continue;
    auto& row = out.ttl_class[log];
    row.shortest = c == 0 ? 0 : 1U << (c - 1);
    const uint64_t share = share_[c].load(std::memory_order_relaxed);
    row.share_permille = total == 0 ? 0 : static_cast<uint32_t>(share * 1000 / total);
    out.ttl_classes = std::max(out.ttl_classes, log + 1U);
  }
}

}  // namespace martlet::cache
