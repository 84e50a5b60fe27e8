#include "server/cache/large_value.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace martlet::cache {
namespace {

// The bytes of a chunk of a value of `size` bytes from `offset` on.
std::string_view chunk_piece(const Storage& storage, const LargeLayout& layout, const Location* chunks, uint32_t size,
                             size_t offset) {
  const auto number = static_cast<uint32_t>(offset / layout.payload);
  const auto skip = static_cast<uint32_t>(offset % layout.payload);
  const uint32_t length = std::min(layout.payload, size - number * layout.payload);
  return {storage.record(chunks[number]).body() + skip, length - skip};
}

}  // namespace

std::unique_ptr<LargeUpload> LargeUpload::begin(Storage& storage, Reclaimer& reclaimer, const LargeQuotas& quotas,
                                                uint64_t hash, uint32_t size) {
  std::unique_ptr<LargeUpload> out(new (std::nothrow) LargeUpload(storage, reclaimer, quotas, hash, size));
  if (out == nullptr) return nullptr;
  out->chunks_.reset(new (std::nothrow) Location[out->layout_.chunks(size) + 1]);
  if (out->chunks_ == nullptr) return nullptr;
  return out;
}

LargeUpload::~LargeUpload() {
  for (uint32_t i = 0; i < count_; ++i) storage_.segments.unpin_upload(chunks_[i]);
}

std::span<char> LargeUpload::space(CacheContext&) { return next_space(); }

std::span<char> LargeUpload::next_space() {
  if (remaining() == 0) return {};
  if (written_ / layout_.payload == count_ && !add_chunk()) {
    storage_.classes.refused(size_);
    return {};
  }
  const std::string_view piece = chunk_piece(storage_, layout_, chunks_.get(), size_, written_);
  return {storage_.arena.at(chunks_[count_ - 1]) + kChunkHeaderSize + written_ % layout_.payload, piece.size()};
}

bool LargeUpload::add_chunk() {
  RecordPlan plan;
  plan.kind = RecordKind::chunk;
  plan.hash = hash_;
  plan.chunk_number = count_;
  plan.body_size = std::min(layout_.payload, remaining());
  const Lease lease = reclaimer_.reserve(plan);
  if (!lease) return false;
  Record::write(storage_.arena.at(lease.location()), plan, 0);
  if (!storage_.segments.pin_upload(lease.location(), quotas_.upload_segments.load(std::memory_order_relaxed))) {
    return false;
  }
  chunks_[count_++] = lease.location();
  return true;
}

bool LargeUpload::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::span<char> room = next_space();
    if (room.empty()) return false;
    const size_t size = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), size);
    advance(size);
    bytes.remove_prefix(size);
  }
  return true;
}

std::string_view LargeUpload::piece_at(size_t offset) const {
  return chunk_piece(storage_, layout_, chunks_.get(), size_, offset);
}

void LargeUpload::describe(Record& descriptor) const {
  descriptor.set_large(size_, count_);
  for (uint32_t i = 0; i < count_; ++i) descriptor.set_chunk(i, chunks_[i]);
}

std::unique_ptr<PinnedValue> PinnedValues::make(uint32_t chunks) {
  std::unique_ptr<PinnedValue> out(new (std::nothrow) PinnedValue);
  if (out == nullptr) return nullptr;
  out->chunks.reset(new (std::nothrow) Location[chunks + 1]);
  if (out->chunks == nullptr) return nullptr;
  out->capacity = chunks;
  return out;
}

void PinnedValues::pin(const Record& descriptor, PinnedValue& value) {
  value.size = descriptor.large_size();
  value.count = descriptor.chunk_count();
  for (uint32_t i = 0; i < value.count; ++i) {
    value.chunks[i] = descriptor.chunk(i);
    storage_.segments.pin(value.chunks[i]);
  }
  pinned_bytes_.fetch_add(value.size, std::memory_order_relaxed);
}

bool PinnedValues::finish(std::unique_ptr<PinnedValue> value, PinnedBytes& out) {
  if (storage_.segments.pinned_segments() > quotas_.reply_segments.load(std::memory_order_relaxed)) {
    const bool copied = copy_out(*value);
    let_go(*value);
    if (!copied) return false;
  }
  const uint32_t size = value->size;
  out = PinnedBytes::pinned(*this, value.release(), size);
  return true;
}

bool PinnedValues::copy_out(PinnedValue& value) {
  const uint64_t quota = quotas_.copied_bytes.load(std::memory_order_relaxed);
  if (copied_bytes_.fetch_add(value.size, std::memory_order_relaxed) + value.size <= quota) {
    value.copy.reset(new (std::nothrow) char[value.size]);
    if (value.copy != nullptr) {
      for (size_t offset = 0; offset < value.size;) {
        const std::string_view piece = chunk_piece(storage_, layout_, value.chunks.get(), value.size, offset);
        std::memcpy(value.copy.get() + offset, piece.data(), piece.size());
        offset += piece.size();
      }
      return true;
    }
  }
  copied_bytes_.fetch_sub(value.size, std::memory_order_relaxed);
  return false;
}

void PinnedValues::let_go(PinnedValue& value) {
  for (uint32_t i = 0; i < value.count; ++i) storage_.segments.unpin(value.chunks[i]);
  value.count = 0;
  pinned_bytes_.fetch_sub(value.size, std::memory_order_relaxed);
}

std::string_view PinnedValues::piece_at(void* handle, size_t offset) const {
  const auto& value = *static_cast<const PinnedValue*>(handle);
  if (value.copy != nullptr) return {value.copy.get() + offset, value.size - offset};
  return chunk_piece(storage_, layout_, value.chunks.get(), value.size, offset);
}

void PinnedValues::unpin(void* handle) {
  const std::unique_ptr<PinnedValue> value(static_cast<PinnedValue*>(handle));
  if (value->copy != nullptr) {
    copied_bytes_.fetch_sub(value->size, std::memory_order_relaxed);
  } else {
    let_go(*value);
  }
}

}  // namespace martlet::cache
