// Engine: the verbs over index, log and reclaimer. Each verb finds its key's item under the lock of its bucket; a store
// writes the record first, without any lock, and links it under the lock if what it was told or has read still holds.
//
//   engine.cc         making it, size classes
//   engine_get.cc     get, who wins a lease, what a miss leaves behind
//   engine_link.cc    linking a written record; CAS ids; touch
//   engine_remove.cc  remove, invalidate, clear
//   engine_store.cc   store and uploads
//   engine_extend.cc  append and prepend
//   engine_arith.cc   incr and decr
//   engine_upkeep.cc  flushes, limits, background work, figures
#pragma once

#include <memory>
#include <optional>

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
  ArithResult arith(CacheContext& context, const ArithRequest& request) override;
  void flush_all(CacheContext& context, RelTime at) override;
  void tick(RelTime next) override;
  bool set_memory_limit(uint64_t bytes) override;
  CacheFigures figures() const override;
  SegmentFigures segment_figures() const override;
  std::chrono::milliseconds maintain() override;
  void on_work(std::function<void()> wake) override { reclaimer_.on_work(std::move(wake)); }
  void walk(CacheContext& context, WalkCursor& cursor, size_t items, const WalkVisit& visit) override;
  unsigned size_class(uint32_t item_size) const override;
  std::vector<ClassFigures> class_figures() const override;
  std::vector<std::pair<uint32_t, uint64_t>> size_histogram() const override;

  uint64_t hash_of(std::string_view key) const { return index_.hash(key); }
  // As if so many CAS ids had been given out: what else takes years to reach.
  void skip_ids(uint64_t count) { cas_counter_.fetch_add(count, std::memory_order_relaxed); }

 private:
  friend class Context;
  friend class Cache;
  static constexpr uint32_t kFewestSegments = 8;  // the log works with

  // An item as it was read; its value is still the same while it lies there under that version.
  struct Snapshot {
    Location location = 0;
    uint64_t version = 0;
    uint64_t cas = 0;
    RelTime exptime = kNever;
    bool exptime_field = false;
    bool cas_field = false;
    bool binary_key = false;
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
    std::optional<uint64_t> new_cas{};  // the record has a field for it

    // What must hold: `expected`, or else what the mode says.
    const Snapshot* expected = nullptr;
    Mode mode = Mode::set;
    uint64_t cas = 0;
    bool compare = false;
    bool invalidate = false;
    bool vivify = false;

    // With expected, what is taken from the item under the lock: nothing, its expiry, or all but the fields.
    enum class Keep : uint8_t { nothing, expiry, everything };
    Keep keep = Keep::nothing;
  };
  enum class Linked : uint8_t { done, exists, not_found, not_stored, changed, flushed, out_of_memory };

  // What became of it.
  struct Placed {
    uint64_t cas = 0;  // as clients see it
    RelTime exptime = kNever;
    uint8_t size_class = 0;
  };

  // Fields that an item needs before it can be changed where it lies.
  struct Fields {
    bool exptime = false;
    bool cas = false;
  };

  // The live item of that key; what is gone is dropped on the way.
  Slot find_live(BucketGuard& guard, std::string_view key, Miss* miss = nullptr);
  static Snapshot snapshot(const Record& record, Location location);

  // --- get
  enum class Looked : uint8_t { taken, wants_pin, wants_field };
  Looked look(Context& context, Record record, Location location, const GetOptions& options, GetResult& out);
  void grant(Record& record, const GetOptions& options, GetResult& out);
  void take_back_token(std::string_view key, uint64_t hash, const Snapshot& seen);
  // After a miss: false when somebody stored the key meanwhile.
  bool vivify(Context& context, std::string_view key, uint64_t hash, const GetOptions& options, GetResult& out);

  // Under the guard: a small value is copied to the scratch (value is set), a large one pinned into spare_pin_. False:
  // the spare pin is too small.
  bool take_value(Context& context, const Record& record, PinnedBytes& value);
  bool widen_spare_pin(Context& context, const Snapshot& seen);
  // After the guard: completes what take_value began. False: out of memory.
  bool finish_value(Context& context, PinnedBytes& value);

  // --- linking
  // A record of that plan in the log, but for its body; empty when there is no memory for it. `chunks`: bytes of the
  // value that lie elsewhere.
  Lease write(const RecordPlan& plan, uint32_t chunks = 0);
  Linked link(Context& context, const Link& link, Placed& placed);
  Linked judge(const Link& link, const Slot& present) const;
  void prepare(Context& context, const Link& link, const Slot& present, Placed& placed);
  // The same item once more, with the fields it has and these. done: it may be changed again by then, look again.
  Linked widen(Context& context, std::string_view key, uint64_t hash, const Snapshot& seen, Fields fields);
  bool touch_in_place(Record& record, Location location, RelTime exptime);
  bool cas_matches(const Record& record, uint64_t cas) const { return shown_cas(record.cas()) == cas; }

  // Next ids. A record that is to get the chosen one must have the field, and so must all when ids outgrow 40 bits.
  bool needs_cas_field(std::optional<uint64_t> chosen) const;
  void give_id(Context& context, Record& record, const Record* replaced, std::optional<uint64_t> chosen);
  uint64_t next_cas(Context& context, const Record* replaced);
  uint64_t shown_cas(uint64_t id) const { return cas_enabled_ ? id : 0; }

  // --- remove
  bool invalidate_in_place(Context& context, Record& record, Location location, const RemoveRequest& request);
  Linked clear(Context& context, const RemoveRequest& request, uint64_t hash, const Snapshot& seen);

  // --- store
  bool hopeless(const StoreRequest& request, uint64_t hash, Linked& why, Placed& placed);
  Linked store_small(Context& context, const StoreRequest& request, uint64_t hash, std::string_view value,
                     Placed& placed);
  Linked store_large(Context& context, const StoreRequest& request, uint64_t hash, std::string_view value,
                     Placed& placed);
  Linked link_upload(Context& context, const StoreRequest& request, LargeUpload& upload, const Snapshot* expected,
                     Placed& placed);
  RecordPlan plan_for(const StoreRequest& request, uint64_t hash, const Snapshot* expected) const;
  Link link_for(const StoreRequest& request, uint64_t hash, const Snapshot* expected) const;
  StoreResult finish_store(Linked linked, const Placed& placed, uint64_t value_size);

  // A value on its way in: at hand, or uploaded.
  struct NewValue {
    std::string_view text;
    LargeUpload* upload = nullptr;

    uint32_t size() const;
    std::string_view piece_at(size_t offset) const;
  };
  StoreResult put(Context& context, const StoreRequest& request, uint64_t hash, const NewValue& value);
  Linked store_new(Context& context, const StoreRequest& request, uint64_t hash, const NewValue& value, Placed& placed);

  // --- append and prepend
  StoreResult extend(Context& context, const StoreRequest& request, uint64_t hash, const NewValue& added);
  Outcome read_old(Context& context, const StoreRequest& request, uint64_t hash, Snapshot& seen, PinnedBytes& value);
  Linked link_joined(Context& context, const StoreRequest& request, uint64_t hash, const Snapshot& seen,
                     const PinnedBytes& old_value, const NewValue& added, Placed& placed);
  bool inline_value(const RecordPlan& plan) const;

  // --- arith
  enum class Counted : uint8_t { finished, longer, wider };
  Counted count_in_place(Context& context, const ArithRequest& request, uint64_t hash, Snapshot& seen,
                         ArithResult& out);
  Linked count_longer(Context& context, const ArithRequest& request, uint64_t hash, const Snapshot& seen,
                      ArithResult& out);
  Linked count_from_nothing(Context& context, const ArithRequest& request, uint64_t hash, ArithResult& out);

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
  ClassCounters classes_;
  Storage storage_;
  Reclaimer reclaimer_;
  LargeQuotas quotas_;
  PinnedValues pins_;
  std::atomic<uint64_t> memory_limit_;
  std::atomic<uint64_t> cas_counter_{1};
  std::atomic<uint64_t> crawl_at_us_{0};   // when expired items may be looked for again
  std::atomic<uint32_t> crawled_us_{0};    // since it last rested
  std::atomic<RelTime> flush_at_{kNever};  // a flush that is still to come
};

}  // namespace martlet::cache
