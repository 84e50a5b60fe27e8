// Record: what lies in a segment, one after the other, each a multiple of 8 bytes.
//
//    0      1      2         4                    8                                  16
//    +------+------+---------+--------------------+----------------------------------+
//    | key  | bits | check   | kind 2 | body 30   | CAS id 40    | last access 24    |
//    | len  |      | of hash | size of the body   | changed by compare_exchange only |
//    +------+------+---------+--------------------+----------------------------------+
//    16: [ expiry 4 ] [ client flags 4 ] [ CAS id 8 ] key, body   item and descriptor
//    16: hash of the owner's key 8, body                          chunk (which has its number at 8)
//
// bits        has an expiry 01, client flags 02, a CAS id of 8 bytes 04; stale 08, somebody has the token to compute it
//             anew 10; the key was spelled in base64 20; fetched 40.
// CAS id      the 40 bits in the header are the item's version: they change with every change of the value, and grow as
//             long as the cache gives out ids of 40 bits. They are the id as well, unless there is a field of 8 bytes:
//             for an id that a client chose, or one that the 40 bits cannot hold.
// item        body = the value.
// descriptor  a large value: body = its size (4), the number of its chunks (4), their locations (8 each). A chunk moves
//             by changing its location there.
// chunk       body = one piece of a large value; all but the last are of the same size.
//
// A record is written before it is published and is immutable then, except: bits and the word at 8 (atomic), the expiry
// (atomic, its owner's bucket locked), the CAS id's field, a number and a chunk's location (bucket locked). Sizes never
// change, so that a segment can be walked by anyone who keeps it from being reused.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "server/base/rel_time.h"

namespace martlet::cache {

enum class RecordKind : uint32_t { item = 0, descriptor = 1, chunk = 2 };

inline constexpr uint8_t kHasExptime = 0x01;
inline constexpr uint8_t kHasFlags = 0x02;
inline constexpr uint8_t kHasCas = 0x04;
inline constexpr uint8_t kStale = 0x08;
inline constexpr uint8_t kWon = 0x10;
inline constexpr uint8_t kBinaryKey = 0x20;
inline constexpr uint8_t kFetched = 0x40;
inline constexpr uint8_t kMarks = kStale | kWon | kBinaryKey | kFetched;  // bits that are no fields

inline constexpr uint32_t kHeaderSize = 16;
inline constexpr uint32_t kChunkHeaderSize = 24;
inline constexpr uint32_t kDescriptorHead = 8;  // bytes of a descriptor's body before the locations
inline constexpr uint32_t kMaxKey = 250;
inline constexpr uint64_t kMaxVersion = (1ULL << 40) - 1;  // also of an id without a field
inline constexpr uint32_t kMaxAccess = (1U << 24) - 1;     // seconds, 194 days; later accesses read as this

// What a record is made from; the body is written by the caller.
struct RecordPlan {
  RecordKind kind = RecordKind::item;
  std::string_view key;
  uint64_t hash = 0;
  uint32_t flags = 0;
  RelTime exptime = kNever;
  bool exptime_field = false;  // also for kNever
  bool cas_field = false;
  uint8_t marks = 0;  // of kMarks
  uint32_t body_size = 0;
  uint32_t chunk_number = 0;  // chunk

  uint32_t size() const;  // of the whole record, padded
};

class Record {
 public:
  explicit Record(char* at) : at_(at) {}

  // Writes everything but the body into size() bytes at `at`.
  static Record write(char* at, const RecordPlan& plan, RelTime now);

  uint32_t key_length() const { return static_cast<uint8_t>(at_[0]); }
  uint8_t bits() const { return bits_word().load(std::memory_order_relaxed); }
  RecordKind kind() const { return static_cast<RecordKind>(word32(4) >> 30); }
  uint32_t body_size() const { return word32(4) & ((1U << 30) - 1); }
  uint32_t size() const { return (body_offset() + body_size() + 7U) & ~7U; }
  char* at() const { return at_; }

  bool has_exptime() const { return (bits() & kHasExptime) != 0; }
  bool has_cas() const { return (bits() & kHasCas) != 0; }
  std::string_view key() const { return {at_ + key_offset(), key_length()}; }
  char* body() const { return at_ + body_offset(); }
  std::string_view value() const { return {body(), body_size()}; }  // item
  uint32_t flags() const { return (bits() & kHasFlags) != 0 ? word32(has_exptime() ? 20 : 16) : 0; }

  // Chunk.
  uint64_t owner_hash() const { return word64(16); }
  uint32_t chunk_number() const { return word32(8); }

  RelTime exptime() const { return has_exptime() ? exptime_word().load(std::memory_order_relaxed) : kNever; }
  void set_exptime(RelTime exptime) { exptime_word().store(exptime, std::memory_order_relaxed); }

  uint64_t version() const { return state_word().load(std::memory_order_relaxed) & kMaxVersion; }
  uint64_t cas() const { return has_cas() ? cas_field() : version(); }
  RelTime last_access() const { return static_cast<RelTime>(state_word().load(std::memory_order_relaxed) >> 40); }
  bool fetched() const { return (bits() & kFetched) != 0; }
  void set_version(uint64_t id);  // its low 40 bits
  void set_cas_field(uint64_t id) { std::memcpy(at_ + cas_offset(), &id, sizeof id); }
  void note_fetch(RelTime now);
  void take_state(const Record& other);  // id, last access, marks and expiry, as far as there are fields for them

  bool has_mark(uint8_t mark) const { return (bits() & mark) != 0; }
  void clear_mark(uint8_t mark) { bits_word().fetch_and(static_cast<uint8_t>(~mark), std::memory_order_relaxed); }
  // False when it was set before: of many threads one is told true.
  bool set_mark(uint8_t mark) { return (bits_word().fetch_or(mark, std::memory_order_relaxed) & mark) == 0; }

  // Descriptor.
  uint32_t large_size() const { return body32(0); }
  uint32_t chunk_count() const { return body32(4); }
  uint64_t chunk(uint32_t index) const;
  void set_chunk(uint32_t index, uint64_t location);
  void set_large(uint32_t size, uint32_t count);

  uint32_t value_size() const { return kind() == RecordKind::descriptor ? large_size() : body_size(); }

 private:
  std::atomic_ref<uint8_t> bits_word() const { return std::atomic_ref(*reinterpret_cast<uint8_t*>(at_ + 1)); }
  std::atomic_ref<uint64_t> state_word() const { return std::atomic_ref(*reinterpret_cast<uint64_t*>(at_ + 8)); }
  std::atomic_ref<uint32_t> exptime_word() const { return std::atomic_ref(*reinterpret_cast<uint32_t*>(at_ + 16)); }
  uint32_t word32(uint32_t offset) const { return *reinterpret_cast<const uint32_t*>(at_ + offset); }
  uint64_t word64(uint32_t offset) const { return *reinterpret_cast<const uint64_t*>(at_ + offset); }
  uint32_t body32(uint32_t offset) const {
    uint32_t out = 0;
    std::memcpy(&out, body() + offset, sizeof out);
    return out;
  }
  uint32_t key_offset() const {
    if (kind() == RecordKind::chunk) return kChunkHeaderSize;
    return cas_offset() + (has_cas() ? 8U : 0U);
  }
  uint32_t cas_offset() const {
    const uint8_t b = bits();
    return kHeaderSize + ((b & kHasExptime) != 0 ? 4U : 0U) + ((b & kHasFlags) != 0 ? 4U : 0U);
  }
  uint64_t cas_field() const {
    uint64_t id = 0;
    std::memcpy(&id, at_ + cas_offset(), sizeof id);
    return id;
  }
  uint32_t body_offset() const { return key_offset() + key_length(); }

  char* at_;
};

inline uint32_t RecordPlan::size() const {
  const uint32_t fields = (exptime_field ? 4U : 0U) + (flags != 0 ? 4U : 0U) + (cas_field ? 8U : 0U);
  const uint32_t head =
      kind == RecordKind::chunk ? kChunkHeaderSize : kHeaderSize + fields + static_cast<uint32_t>(key.size());
  return (head + body_size + 7U) & ~7U;
}

inline Record Record::write(char* at, const RecordPlan& plan, RelTime now) {
  const bool chunk = plan.kind == RecordKind::chunk;
  const uint8_t bits =
      chunk ? uint8_t{0}
            : static_cast<uint8_t>((plan.exptime_field ? kHasExptime : 0) | (plan.flags != 0 ? kHasFlags : 0) |
                                   (plan.cas_field ? kHasCas : 0) | (plan.marks & kMarks));
  const auto check = static_cast<uint16_t>(plan.hash >> 32);
  const uint32_t sizes = (static_cast<uint32_t>(plan.kind) << 30) | plan.body_size;
  const uint64_t state = chunk ? plan.chunk_number : static_cast<uint64_t>(now < kMaxAccess ? now : kMaxAccess) << 40;
  at[0] = static_cast<char>(chunk ? 0 : plan.key.size());
  at[1] = static_cast<char>(bits);
  std::memcpy(at + 2, &check, sizeof check);
  std::memcpy(at + 4, &sizes, sizeof sizes);
  std::memcpy(at + 8, &state, sizeof state);
  char* next = at + kHeaderSize;
  if (chunk) {
    std::memcpy(next, &plan.hash, sizeof plan.hash);
    return Record(at);
  }
  if (plan.exptime_field) {
    std::memcpy(next, &plan.exptime, sizeof plan.exptime);
    next += sizeof plan.exptime;
  }
  if (plan.flags != 0) {
    std::memcpy(next, &plan.flags, sizeof plan.flags);
    next += sizeof plan.flags;
  }
  if (plan.cas_field) {
    std::memset(next, 0, 8);
    next += 8;
  }
  std::memcpy(next, plan.key.data(), plan.key.size());
  return Record(at);
}

inline void Record::set_version(uint64_t id) {
  uint64_t old = state_word().load(std::memory_order_relaxed);
  while (
      !state_word().compare_exchange_weak(old, (old & ~kMaxVersion) | (id & kMaxVersion), std::memory_order_relaxed)) {
  }
}

inline void Record::note_fetch(RelTime now) {
  const uint64_t access = now < kMaxAccess ? now : kMaxAccess;
  uint64_t old = state_word().load(std::memory_order_relaxed);
  while (old >> 40 != access &&
         !state_word().compare_exchange_weak(old, (old & kMaxVersion) | (access << 40), std::memory_order_relaxed)) {
  }
  if (!fetched()) bits_word().fetch_or(kFetched, std::memory_order_relaxed);
}

inline void Record::take_state(const Record& other) {
  state_word().store(other.state_word().load(std::memory_order_relaxed), std::memory_order_relaxed);
  bits_word().store(static_cast<uint8_t>((bits() & ~kMarks) | (other.bits() & kMarks)), std::memory_order_relaxed);
  if (has_exptime()) set_exptime(other.exptime());
  if (has_cas()) set_cas_field(other.cas());
}

inline uint64_t Record::chunk(uint32_t index) const {
  uint64_t out = 0;
  std::memcpy(&out, body() + kDescriptorHead + size_t{index} * sizeof out, sizeof out);
  return out;
}

inline void Record::set_chunk(uint32_t index, uint64_t location) {
  std::memcpy(body() + kDescriptorHead + size_t{index} * sizeof location, &location, sizeof location);
}

inline void Record::set_large(uint32_t size, uint32_t count) {
  std::memcpy(body(), &size, sizeof size);
  std::memcpy(body() + 4, &count, sizeof count);
}

}  // namespace martlet::cache
