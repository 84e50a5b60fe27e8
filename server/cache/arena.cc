#include "server/cache/arena.h"

#include <sys/mman.h>

namespace martlet::cache {
namespace {

constexpr uint64_t kPage = 4096;

}  // namespace

Arena::~Arena() {
  if (base_ != nullptr) munmap(base_, size_);
}

bool Arena::reserve(uint64_t bytes) {
  void* base = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return false;
  base_ = static_cast<char*>(base);
  size_ = bytes;
  return true;
}

void Arena::give_back(Location location, uint64_t bytes) {
  const uint64_t first = (location + kPage - 1) / kPage * kPage;
  const uint64_t last = (location + bytes) / kPage * kPage;
  if (first < last) madvise(base_ + first, last - first, MADV_DONTNEED);
}

}  // namespace martlet::cache
