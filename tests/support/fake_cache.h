// FakeCache: the Cache interface over a std::map, for tests of what stands above it. Honest semantics, one thread,
// exact figures; memory runs out when a test says so.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/base/rel_time.h"
#include "server/cache/cache.h"

namespace martlet::support {

class FakeCache final : public cache::Cache, private PinOwner {
 public:
  FakeCache(const cache::CacheSettings& settings, const RelClock& clock) : settings_(settings), clock_(clock) {}

  // From here on nothing that needs memory gets any: stores, uploads, arith, touch, pins of large values.
  void deny_memory(bool denied) { denied_ = denied; }
  // Uploads get this many more bytes in all; then space() is empty.
  void limit_upload_bytes(uint64_t bytes) { upload_budget_ = bytes; }
  // The largest limit set_memory_limit() accepts, bytes.
  void set_reservation(uint64_t bytes) { reservation_ = bytes; }
  // What figures() adds to its own counts.
  cache::CacheFigures extra{};
  // What segment_figures() shows.
  cache::SegmentFigures segments{};

  bool holds(std::string_view key) const { return items_.find(key) != items_.end(); }
  size_t pins() const { return pins_.size(); }
  RelTime pending_flush() const { return flush_at_; }

  std::unique_ptr<cache::CacheContext> make_context() override;
  cache::GetResult get(cache::CacheContext& context, std::string_view key, const cache::GetOptions& options) override;
  cache::StoreResult store(cache::CacheContext& context, const cache::StoreRequest& request,
                           std::string_view value) override;
  cache::Outcome admit(std::string_view key, uint32_t value_size) const override;
  std::unique_ptr<cache::Upload> begin_upload(cache::CacheContext& context, std::string_view key,
                                              uint32_t value_size) override;
  cache::StoreResult publish(cache::CacheContext& context, const cache::StoreRequest& request,
                             std::unique_ptr<cache::Upload> upload) override;
  using Cache::remove;
  cache::RemoveResult remove(cache::CacheContext& context, const cache::RemoveRequest& request) override;
  cache::ArithResult arith(cache::CacheContext& context, const cache::ArithRequest& request) override;
  void flush_all(cache::CacheContext& context, RelTime at) override;
  void tick(RelTime next) override;
  bool set_memory_limit(uint64_t bytes) override;
  cache::CacheFigures figures() const override;
  void walk(cache::CacheContext& context, cache::WalkCursor& cursor, size_t items,
            const cache::WalkVisit& visit) override;
  unsigned size_class(uint32_t item_size) const override;
  std::vector<cache::ClassFigures> class_figures() const override { return class_rows; }
  std::vector<std::pair<uint32_t, uint64_t>> size_histogram() const override { return size_rows; }

  // What class_figures() and size_histogram() give.
  std::vector<cache::ClassFigures> class_rows{};
  std::vector<std::pair<uint32_t, uint64_t>> size_rows{};
  cache::SegmentFigures segment_figures() const override { return segments; }
  std::chrono::milliseconds maintain() override { return std::chrono::hours(1); }
  void on_work(std::function<void()>) override {}

 private:
  class Pieces;

  struct Item {
    std::string value;
    uint32_t flags = 0;
    RelTime exptime = kNever;
    RelTime stored = 0;
    RelTime last_access = 0;
    uint64_t cas = 0;
    bool fetched = false;
    bool flushed = false;
    bool stale = false;
    bool token = false;  // somebody is to compute the value anew
    bool binary_key = false;
  };
  using Items = std::map<std::string, Item, std::less<>>;

  // The live item of this key, or end(); what is dead goes, and `*miss` says why.
  Items::iterator find_live(std::string_view key, cache::Miss* miss);
  Item made(std::string_view value, RelTime exptime, std::optional<uint64_t> cas) {
    Item item;
    item.value = value;
    item.exptime = exptime;
    item.stored = item.last_access = clock_.now();
    item.cas = new_cas(cas);
    return item;
  }
  // The views of an item, as it is before the command.
  void show(const Item& item, bool value, cache::ItemView* out);
  cache::GetResult vivified(std::string_view key, const cache::GetOptions& options, cache::Miss miss);
  uint64_t new_cas(std::optional<uint64_t> wanted) { return wanted ? *wanted : next_cas(); }
  uint64_t next_cas() { return settings_.cas_enabled ? ++last_cas_ : 0; }

  static uint32_t size_of(const Item& item);
  uint8_t class_of(const Item& item) const { return static_cast<uint8_t>(size_class(size_of(item))); }

  std::string_view piece_at(void* handle, size_t offset) const override;
  void unpin(void* handle) override;

  cache::CacheSettings settings_;
  const RelClock& clock_;
  Items items_;
  std::list<std::string> pins_;
  std::string scratch_;  // behind the transient value of the last get
  uint64_t last_cas_ = 0;
  uint64_t total_items_ = 0;
  uint64_t upload_budget_ = UINT64_MAX;
  uint64_t reservation_ = UINT64_MAX;
  RelTime flush_at_ = kNever;
  bool denied_ = false;
};

}  // namespace martlet::support
