#include "server/conn/buffer_pool.h"

#include <sys/mman.h>

#include <bit>
#include <cstdlib>
#include <new>

namespace martlet::conn {

struct BufferPool::FreeBlock {
  FreeBlock* next;
};

struct alignas(64) BufferPool::Slab {
  Slab* next = nullptr;  // among the open slabs of its class
  Slab* prev = nullptr;
  FreeBlock* free = nullptr;  // given back, newest first
  uint32_t size_class = 0;
  uint32_t lent = 0;
  uint32_t carved = 0;  // blocks that were ever lent; those after them have never been touched
  uint32_t count = 0;

  char* block(uint32_t index) {
    return reinterpret_cast<char*>(this) + sizeof(Slab) + size_t{index} * kBlockSizes[size_class];
  }
  bool full() const { return free == nullptr && carved == count; }
};

namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

void add(std::atomic<uint64_t>& value, uint64_t n) { value.store(value.load(kRelaxed) + n, kRelaxed); }
void sub(std::atomic<uint64_t>& value, uint64_t n) { value.store(value.load(kRelaxed) - n, kRelaxed); }

// Memory of kSlabSize bytes aligned to kSlabSize: twice as much is mapped and the ends are cut off.
void* map_aligned() {
  constexpr size_t size = BufferPool::kSlabSize;
  void* raw = ::mmap(nullptr, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (raw == MAP_FAILED) return nullptr;
  const auto begin = std::bit_cast<uintptr_t>(raw);
  const uintptr_t aligned = (begin + size - 1) & ~(uintptr_t{size} - 1);
  if (aligned > begin) ::munmap(raw, aligned - begin);
  const uintptr_t tail = begin + 2 * size - (aligned + size);
  if (tail > 0) ::munmap(std::bit_cast<void*>(aligned + size), tail);
  return std::bit_cast<void*>(aligned);
}

}  // namespace

BufferPool::BufferPool(size_t limit) : limit_(limit) {}

BufferPool::~BufferPool() {
  for (Slab* spare : spare_) {
    if (spare != nullptr) unmap_slab(spare);
  }
}

char* BufferPool::take(size_t size) {
  if (size > kLargest) return nullptr;
  size_t size_class = 0;
  while (kBlockSizes[size_class] < size) ++size_class;

  Slab* slab = open_[size_class];
  if (slab == nullptr) {
    slab = spare_[size_class];
    spare_[size_class] = nullptr;
    if (slab == nullptr) slab = map_slab(size_class);
    if (slab == nullptr) return nullptr;
    link(slab);
  }
  char* block = nullptr;
  if (slab->free != nullptr) {
    block = reinterpret_cast<char*>(slab->free);
    slab->free = slab->free->next;
  } else {
    block = slab->block(slab->carved++);
  }
  ++slab->lent;
  if (slab->full()) unlink(slab);
  add(lent_, 1);
  add(lent_bytes_, kBlockSizes[size_class]);
  return block;
}

void BufferPool::give(char* block) {
  Slab* slab = slab_of(block);
  const bool was_full = slab->full();
  slab->free = new (block) FreeBlock{slab->free};
  --slab->lent;
  sub(lent_, 1);
  sub(lent_bytes_, kBlockSizes[slab->size_class]);
  if (was_full) link(slab);
  if (slab->lent > 0) return;

  unlink(slab);
  if (spare_[slab->size_class] == nullptr) {
    spare_[slab->size_class] = slab;
  } else {
    unmap_slab(slab);
  }
}

size_t BufferPool::capacity(const char* block) { return kBlockSizes[slab_of(block)->size_class]; }

BufferPool::Figures BufferPool::figures() const {
  const uint64_t mapped = mapped_.load(kRelaxed);
  const uint64_t lent = lent_bytes_.load(kRelaxed);
  return {lent_.load(kRelaxed), mapped, mapped > lent ? mapped - lent : 0};
}

BufferPool::Slab* BufferPool::slab_of(const char* block) {
  return std::bit_cast<Slab*>(std::bit_cast<uintptr_t>(block) & ~(uintptr_t{kSlabSize} - 1));
}

BufferPool::Slab* BufferPool::map_slab(size_t size_class) {
  if (limit_ != 0 && mapped_.load(kRelaxed) + kSlabSize > limit_) return nullptr;
  void* memory = map_aligned();
  if (memory == nullptr) return nullptr;
  Slab* slab = new (memory) Slab;
  slab->size_class = static_cast<uint32_t>(size_class);
  slab->count = static_cast<uint32_t>((kSlabSize - sizeof(Slab)) / kBlockSizes[size_class]);
  add(mapped_, kSlabSize);
  return slab;
}

void BufferPool::unmap_slab(Slab* slab) {
  sub(mapped_, kSlabSize);
  ::munmap(slab, kSlabSize);
}

void BufferPool::link(Slab* slab) {
  Slab*& head = open_[slab->size_class];
  slab->prev = nullptr;
  slab->next = head;
  if (head != nullptr) head->prev = slab;
  head = slab;
}

void BufferPool::unlink(Slab* slab) {
  (slab->prev != nullptr ? slab->prev->next : open_[slab->size_class]) = slab->next;
  if (slab->next != nullptr) slab->next->prev = slab->prev;
  slab->next = slab->prev = nullptr;
}

}  // namespace martlet::conn
