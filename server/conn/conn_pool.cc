#include "server/conn/conn_pool.h"

#include <sys/mman.h>

#include <new>

namespace martlet::conn {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

}  // namespace

std::unique_ptr<ConnPool> ConnPool::create(uint32_t capacity) {
  const size_t bytes = sizeof(ConnEntry) * size_t{capacity};
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  return std::unique_ptr<ConnPool>(new ConnPool(static_cast<ConnEntry*>(memory), capacity));
}

ConnPool::~ConnPool() {
  for (uint32_t i = 0; i < made(); ++i) entries_[i].~ConnEntry();
  ::munmap(entries_, sizeof(ConnEntry) * size_t{capacity_});
}

ConnEntry* ConnPool::acquire() {
  ConnEntry* entry = nullptr;
  if (free_ != kNone) {
    entry = &entries_[free_];
    free_ = entry->next_free;
    reused_.store(reused_.load(kRelaxed) + 1, kRelaxed);
  } else {
    const uint32_t made = made_.load(kRelaxed);
    if (made == capacity_) return nullptr;
    entry = new (&entries_[made]) ConnEntry;
    made_.store(made + 1, std::memory_order_release);
  }
  in_use_.store(in_use_.load(kRelaxed) + 1, kRelaxed);
  return entry;
}

void ConnPool::release(ConnEntry& entry) {
  ++entry.generation;
  entry.next_free = free_;
  free_ = static_cast<uint32_t>(&entry - entries_);
  in_use_.store(in_use_.load(kRelaxed) - 1, kRelaxed);
}

}  // namespace martlet::conn
