#include "server/cache/walk.h"

#include <algorithm>
#include <cstring>

#include "server/cache/engine.h"

namespace martlet::cache {
namespace {

constexpr size_t kFewestBuckets = 16;  // looked at in one call

}  // namespace

void Walk::keep(const Slot& slot, uint64_t position, Found& into) {
  const Record item = storage_.record(slot.location());
  into.position = position;
  into.key_size = item.key_length();
  std::memcpy(into.key, item.key().data(), into.key_size);
  storage_.describe(item, into.view);
}

size_t Walk::collect(WalkCursor& cursor) {
  count_ = 0;
  bool more = false;
  uint64_t last = 0;  // position of the bucket's range, or of what was kept of it
  const auto by_position = [](const Found& one, const Found& other) { return one.position < other.position; };
  BucketGuard guard(storage_.index, walk_position(cursor.at));  // reversing twice gives the hash back
  guard.each([&](const Slot& slot) {
    const uint64_t position = walk_position(storage_.index.hash(storage_.record(slot.location()).key()));
    if (position < cursor.at || storage_.gone(slot.location()) != Gone::no) return;
    if (count_ < kMost) return keep(slot, position, found_[count_++]);
    // Too many for one call: the first ones are kept.
    more = true;
    Found& farthest = *std::max_element(found_.begin(), found_.end(), by_position);
    if (position < farthest.position) keep(slot, position, farthest);
  });
  if (more) {
    last = std::max_element(found_.begin(), found_.end(), by_position)->position;
  } else {
    const unsigned depth = guard.depth();
    last = depth == 0 ? UINT64_MAX : cursor.at | (UINT64_MAX >> depth);
  }
  cursor.at = last + 1;
  cursor.done = last == UINT64_MAX;
  return count_;
}

void Walk::show(const WalkVisit& visit) {
  for (size_t i = 0; i < count_; ++i) {
    visit(std::string_view(found_[i].key, found_[i].key_size), found_[i].view);
  }
}

void Engine::walk(CacheContext&, WalkCursor& cursor, size_t items, const WalkVisit& visit) {
  Walk walk(storage_);
  const size_t most_buckets = std::max(items, kFewestBuckets);
  size_t shown = 0;
  for (size_t buckets = 0; !cursor.done && shown < std::max<size_t>(items, 1) && buckets < most_buckets; ++buckets) {
    shown += walk.collect(cursor);
    walk.show(visit);
  }
}

}  // namespace martlet::cache
