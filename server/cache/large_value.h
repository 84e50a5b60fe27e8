// Large values: chunks in the log, how they arrive (LargeUpload) and how they leave (PinnedValues).
//
// A value above what one record may hold, and every value that came through an Upload, is a descriptor record and
// chunks, all but the last of LargeLayout::payload bytes. An unfinished upload keeps the segments of its chunks from
// being reused (under a quota of segments); publishing links the descriptor and lets go of them. A reply in turn pins
// the segments of the chunks it sends. Both quotas leave enough segments for everybody else; a value that would pass
// the readers' is copied to the heap instead, under a quota of bytes of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "server/base/pinned_bytes.h"
#include "server/cache/cache.h"
#include "server/cache/reclaimer.h"
#include "server/cache/storage.h"

namespace martlet::cache {

// How values are cut: the same for the life of a cache.
struct LargeLayout {
  uint32_t payload = 0;  // bytes of value in every chunk but the last

  explicit LargeLayout(const Layout& layout) : payload(layout.max_record() - kChunkHeaderSize) {}
  uint32_t chunks(uint32_t value_size) const { return value_size == 0 ? 0 : (value_size - 1) / payload + 1; }
  uint32_t descriptor_body(uint32_t value_size) const {
    return kDescriptorHead + chunks(value_size) * static_cast<uint32_t>(sizeof(Location));
  }
};

// What may be held at once, following the memory limit.
struct LargeQuotas {
  std::atomic<uint32_t> upload_segments{0};
  std::atomic<uint32_t> reply_segments{0};
  std::atomic<uint64_t> copied_bytes{0};
};

class LargeUpload final : public Upload {
 public:
  // Null when the heap gives none.
  static std::unique_ptr<LargeUpload> begin(Storage& storage, Reclaimer& reclaimer, const LargeQuotas& quotas,
                                            uint64_t hash, uint32_t size);
  ~LargeUpload() override;

  std::span<char> space(CacheContext& context) override;
  void advance(size_t size) override { written_ += static_cast<uint32_t>(size); }
  uint32_t remaining() const override { return size_ - written_; }

  // Appends bytes; false: out of memory.
  bool append(std::string_view bytes);

  uint32_t size() const { return size_; }
  uint64_t hash() const { return hash_; }
  std::string_view piece_at(size_t offset) const;

  // The body of the descriptor.
  void describe(Record& descriptor) const;

 private:
  LargeUpload(Storage& storage, Reclaimer& reclaimer, const LargeQuotas& quotas, uint64_t hash, uint32_t size)
      : storage_(storage),
        reclaimer_(reclaimer),
        quotas_(quotas),
        layout_(storage.segments.layout()),
        hash_(hash),
        size_(size) {}

  std::span<char> next_space();
  bool add_chunk();

  Storage& storage_;
  Reclaimer& reclaimer_;
  const LargeQuotas& quotas_;
  const LargeLayout layout_;
  const uint64_t hash_;
  const uint32_t size_;
  uint32_t written_ = 0;
  uint32_t count_ = 0;  // chunks had
  std::unique_ptr<Location[]> chunks_;
};

// A value that is kept in place, or its copy.
struct PinnedValue {
  std::unique_ptr<Location[]> chunks;
  uint32_t capacity = 0;
  uint32_t count = 0;
  uint32_t size = 0;
  std::unique_ptr<char[]> copy;  // instead of the chunks
};

class PinnedValues final : public PinOwner {
 public:
  PinnedValues(Storage& storage, const LargeQuotas& quotas)
      : storage_(storage), quotas_(quotas), layout_(storage.segments.layout()) {}

  // Room for a pinned value of that many chunks; null when the heap gives none.
  static std::unique_ptr<PinnedValue> make(uint32_t chunks);

  // Under the guard of the descriptor's bucket: keeps its chunks in place. `value` has the capacity.
  void pin(const Record& descriptor, PinnedValue& value);

  // After the guard: the bytes, in place or copied as the quotas allow. False: neither, and unpinned.
  bool finish(std::unique_ptr<PinnedValue> value, PinnedBytes& out);

  uint64_t pinned_bytes() const { return pinned_bytes_.load(std::memory_order_relaxed); }

  std::string_view piece_at(void* handle, size_t offset) const override;
  void unpin(void* handle) override;

 private:
  bool copy_out(PinnedValue& value);
  void let_go(PinnedValue& value);

  Storage& storage_;
  const LargeQuotas& quotas_;
  const LargeLayout layout_;
  std::atomic<uint64_t> pinned_bytes_{0};
  std::atomic<uint64_t> copied_bytes_{0};
};

}  // namespace martlet::cache
