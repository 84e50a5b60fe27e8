// BufferPool: a worker's buffers for requests coming in and replies going out, lent only while bytes are in them.
//
//   slab (128 KiB, aligned to its size):  | header | block | block | ... |     all blocks of one class
//
// Three classes of block. A slab whose blocks are all back is unmapped, but for one spare a class, so that what a burst
// took goes back to the system; the newest free block is lent first, so that the steady state stays in one or two of
// them. Owner thread only, but for figures().
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace martlet::conn {

class BufferPool {
 public:
  static constexpr size_t kSlabSize = 128 * 1024;

  struct Figures {
    uint64_t blocks = 0;      // lent
    uint64_t bytes = 0;       // mapped
    uint64_t bytes_free = 0;  // mapped and not lent
  };

  // `limit`: bytes that may be mapped at once, 0 for no limit.
  explicit BufferPool(size_t limit);
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  // A block of at least `size` (<= kLargest) bytes; null when no memory could be had.
  char* take(size_t size);
  void give(char* block);

  // Usable bytes of a lent block.
  static size_t capacity(const char* block);

  // Any thread.
  Figures figures() const;

  static constexpr std::array<uint32_t, 3> kBlockSizes{576, 4352, 18'688};
  static constexpr size_t kLargest = kBlockSizes.back();

 private:
  struct Slab;
  struct FreeBlock;

  static Slab* slab_of(const char* block);
  Slab* map_slab(size_t size_class);
  void unmap_slab(Slab* slab);
  void link(Slab* slab);
  void unlink(Slab* slab);

  const size_t limit_;
  std::array<Slab*, kBlockSizes.size()> open_{};   // slabs with a free block, the fullest use first come
  std::array<Slab*, kBlockSizes.size()> spare_{};  // one slab without lent blocks a class
  std::atomic<uint64_t> mapped_{0};
  std::atomic<uint64_t> lent_{0};
  std::atomic<uint64_t> lent_bytes_{0};
};

}  // namespace martlet::conn
