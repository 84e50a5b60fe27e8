#include "server/log/log_ring.h"

#include <algorithm>
#include <new>
#include <utility>

#include "server/log/log_settings.h"

namespace martlet::log {
namespace {

// One writer, so no locked instruction is needed.
void add_one(std::atomic<uint64_t>& counter) {
  counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

}  // namespace

std::unique_ptr<LogRing> LogRing::create(LogFeed& feed, uint64_t capacity) {
  RingBytes bytes(std::max(capacity, kLeastBuffer));
  if (!bytes) return nullptr;
  return std::unique_ptr<LogRing>(new (std::nothrow) LogRing(feed, std::move(bytes)));
}

void LogRing::write(Event event, std::string_view key) {
  key = key.substr(0, kMaxKey);
  const uint64_t head = head_.load(std::memory_order_relaxed);
  const uint64_t used = head - tail_.load(std::memory_order_acquire);
  const size_t size = sizeof event + key.size();
  if (bytes_.capacity() - used < size) {
    add_one(dropped_);
    return;
  }
  feed_.stamp(event);
  event.key_size = static_cast<uint16_t>(key.size());
  bytes_.put(head, &event, sizeof event);
  bytes_.put(head + sizeof event, key.data(), key.size());
  add_one(written_);
  // Sequentially consistent, like the drain's look at it after may_sleep(): one of the two sees the other.
  head_.store(head + size);
  feed_.announce();
}

bool LogRing::read(Event* event, Key* key) {
  const uint64_t tail = tail_.load(std::memory_order_relaxed);
  if (head_.load(std::memory_order_acquire) == tail) return false;
  bytes_.get(tail, event, sizeof *event);
  bytes_.get(tail + sizeof *event, key->data(), event->key_size);
  tail_.store(tail + sizeof *event + event->key_size, std::memory_order_release);
  return true;
}

}  // namespace martlet::log
