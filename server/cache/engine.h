// Engine: the verbs over index, log and reclaimer. Each verb finds its key's item under the lock of its bucket; a store
// writes the record first, without any lock, and links it under the lock if what it was told or has read still holds.
//
//   engine.cc        making it, get, remove, flush, limits, figures
//   engine_link.cc   linking a written record; touch
//   engine_store.cc  store, uploads, append and prepend
//   engine_arith.cc  incr and decr
#pragma once

#include <memory>

#include "server/cache/arena.h"
#include "server/cache/cache.h"
#include "server/cache/hash_index.h"
#include "server/cache/large_value.h"
#include "server/cache/reclaimer.h"
#include "server/cache/segment_store.h"
#include "server/cache/storage.h"

namespace martlet::cache {

class Engine;

// One thread's own things.
class Context final : public CacheContext {
 public:
  Context(Engine& engine, size_t scratch) : engine_(engine), scratch_(new char[scratch]) {}
  ~Context() override;

  char* scratch() { return scratch_.get(); }

 private:
  friend class Engine;
  Engine& engine_;
  std::unique_ptr<char[]> scratch_;         // small values on their way out, old values being extended
  std::unique_ptr<PinnedValue> spare_pin_;  // made before the bucket is locked
  uint32_t spare_bucket_ = 0;               // overflow bucket, had before the bucket is locked
  uint64_t next_cas_ = 0;                   // leased ids
  uint64_t end_cas_ = 0;
};

class Engine final : public Cache {
 public:
  Engine(std::unique_ptr<Arena> arena, const Layout& layout, const CacheSettings& settings, uint64_t buckets,
         const RelClock& clock, EvictionHook on_eviction);

  std::unique_ptr<CacheContext> make_context() override;
  GetResult get(CacheContext& context, std::string_view key, const GetOptions& options) override;
  StoreResult store(CacheContext& context, const StoreRequest& request, std::string_view value) override;
  Outcome admit(std::string_view key, uint32_t value_size) const override;
  std::unique_ptr<Upload> begin_upload(CacheContext& context, std::string_view key, uint32_t value_size) override;
  StoreResult publish(CacheContext& context, const StoreRequest& request, std::unique_ptr<Upload> upload) override;
  using Cache::remove;
  RemoveResult remove(CacheContext& context, const RemoveRequest& request) override;
  Outcome touch(CacheContext& context, std::string_view key, RelTime exptime) override;
  ArithResult arith(CacheContext& context, const ArithRequest& request) override;
  void flush_all(CacheContext& context, RelTime at) override;
  void tick(RelTime next) override;
  bool set_memory_limit(uint64_t bytes) override;
  CacheFigures figures() const override;
  void walk(CacheContext& context, WalkCursor& cursor, size_t items, const WalkVisit& visit) override;
  unsigned size_class(uint32_t item_size) const override;
  std::vector<ClassFigures> class_figures() const override;
  std::vector<std::pair<uint32_t, uint64_t>> size_histogram() const override;

 private:
  friend class Context;
  friend class Cache;
  static constexpr uint32_t kFewestSegments = 8;  // the log works with

  // An item as it was read; it is still the same while it lies there under that id.
  struct Snapshot {
    Location location = 0;
    uint64_t cas = 0;
    RelTime exptime = kNever;
    bool exptime_field = false;
    uint32_t flags = 0;
    RecordKind kind = RecordKind::item;
    uint32_t body_size = 0;
    uint32_t chunks = 0;
    uint32_t value_size = 0;
  };

  // A record that waits to be linked.
  struct Link {
    std::string_view key;
    uint64_t hash = 0;
    Location record = 0;
    Mode mode = Mode::set;
    uint64_t cas = 0;                    // mode cas
    const Snapshot* expected = nullptr;  // instead of the mode: the item must still be this one
    bool same_value = false;             // with expected: body, id and access are taken from it under the lock
  };
  enum class Linked : uint8_t { done, exists, not_found, not_stored, changed, flushed, out_of_memory };

  // The live item of that key; what is gone is dropped on the way.
  Slot find_live(BucketGuard& guard, std::string_view key, Miss* miss = nullptr);
  static Snapshot snapshot(const Record& record, Location location);
  void describe(const Record& record, ItemView& view) const;

  // Under the guard: a small value is copied to the scratch (value is set), a large one pinned into spare_pin_. False:
  // the spare pin is too small.
  bool take_value(Context& context, const Record& record, PinnedBytes& value);
  bool widen_spare_pin(Context& context, const Snapshot& seen);
  // After the guard: completes what take_value began. False: out of memory.
  bool finish_value(Context& context, PinnedBytes& value);

  bool touch_in_place(Record& record, Location location, RelTime exptime);
  Linked touch_by_copy(Context& context, std::string_view key, uint64_t hash, const Snapshot& seen);

  Linked link(Context& context, const Link& link, uint64_t& cas);
  Linked judge(const Link& link, const Slot& present) const;
  uint64_t prepare(Context& context, const Link& link, const Slot& present);
  bool hopeless(const StoreRequest& request, uint64_t hash, Linked& why);
  Linked store_small(Context& context, const StoreRequest& request, uint64_t hash, std::string_view value,
                     uint64_t& cas);
  Linked store_large(Context& context, const StoreRequest& request, uint64_t hash, std::string_view value,
                     uint64_t& cas);
  Linked link_upload(Context& context, const StoreRequest& request, LargeUpload& upload, const Snapshot* expected,
                     uint64_t& cas);

  StoreResult finish_store(Linked linked, uint64_t cas);

  // The old value and `added` bytes that piece_at(offset) tells.
  template <typename PieceAt>
  struct Parts {
    const PinnedBytes& old_value;
    uint32_t added;
    const PieceAt& piece_at;
  };
  template <typename PieceAt>
  Linked link_joined(Context& context, const StoreRequest& request, uint64_t hash, const Snapshot& seen,
                     const Parts<PieceAt>& parts, uint64_t& cas);

  // append and prepend of `size` bytes that piece_at(offset) tells.
  template <typename PieceAt>
  StoreResult extend(Context& context, const StoreRequest& request, uint64_t hash, uint32_t size,
                     const PieceAt& piece_at);
  Outcome read_old(Context& context, std::string_view key, uint64_t hash, Snapshot& seen, PinnedBytes& value);

  ArithResult count_in_place(Context& context, const ArithRequest& request, uint64_t hash, Snapshot& longer);

  uint64_t next_cas(Context& context, uint64_t above);
  uint64_t shown_cas(uint64_t id) const { return cas_enabled_ ? id : 0; }
  bool inline_value(const RecordPlan& plan) const;
  void set_quotas();

  std::unique_ptr<Arena> arena_;
  const Layout layout_;
  const LargeLayout large_;
  const uint32_t item_size_max_;
  const bool cas_enabled_;
  const RelClock& clock_;
  SegmentStore segments_;
  HashIndex index_;
  StorageEvents events_;
  Storage storage_;
  Reclaimer reclaimer_;
  LargeQuotas quotas_;
  PinnedValues pins_;
  std::atomic<uint64_t> memory_limit_;
  std::atomic<uint64_t> cas_counter_{1};
  std::atomic<RelTime> flush_at_{kNever};  // a flush that is still to come
};

}  // namespace martlet::cache
