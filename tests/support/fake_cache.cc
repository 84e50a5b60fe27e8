#include "tests/support/fake_cache.h"

#include <algorithm>
#include <span>
#include <utility>

#include "server/base/parse_int.h"

namespace martlet::support {

using cache::Miss;
using cache::Mode;
using cache::Outcome;

namespace {

class Context final : public cache::CacheContext {};

constexpr uint32_t kPieceSize = 4096;

cache::StoreResult stored(Outcome outcome) {
  cache::StoreResult out;
  out.outcome = outcome;
  return out;
}

cache::ArithResult counted(Outcome outcome) {
  cache::ArithResult out;
  out.outcome = outcome;
  return out;
}

}  // namespace

// A value that grows by kPieceSize at a time, as far as the cache's budget goes.
class FakeCache::Pieces final : public cache::Upload {
 public:
  Pieces(FakeCache& cache, uint32_t size) : cache_(cache), value_(size, '\0') {}

  std::span<char> space(cache::CacheContext&) override {
    const uint64_t room = std::min<uint64_t>({remaining(), kPieceSize, cache_.upload_budget_});
    return std::span(value_).subspan(done_, static_cast<size_t>(room));
  }
  void advance(size_t size) override {
    done_ += static_cast<uint32_t>(size);
    cache_.upload_budget_ -= size;
  }
  uint32_t remaining() const override { return static_cast<uint32_t>(value_.size()) - done_; }
  const std::string& value() const { return value_; }

 private:
  FakeCache& cache_;
  std::string value_;
  uint32_t done_ = 0;
};

std::unique_ptr<cache::CacheContext> FakeCache::make_context() { return std::make_unique<Context>(); }

FakeCache::Items::iterator FakeCache::find_live(std::string_view key, Miss* miss) {
  const auto it = items_.find(key);
  *miss = it == items_.end() ? Miss::absent : Miss::none;
  if (it == items_.end()) return it;
  const bool due = flush_at_ != kNever && flush_at_ <= clock_.now() && it->second.stored < flush_at_;
  if (it->second.flushed || due) {
    *miss = Miss::flushed;
  } else if (expired(it->second.exptime, clock_.now())) {
    *miss = Miss::expired;
  }
  if (*miss == Miss::none) return it;
  items_.erase(it);
  return items_.end();
}

cache::GetResult FakeCache::get(cache::CacheContext&, std::string_view key, const cache::GetOptions& options) {
  cache::GetResult out;
  const auto it = find_live(key, &out.miss);
  if (it == items_.end()) return out;
  Item& item = it->second;
  const bool large = item.value.size() > cache::kPinThreshold;
  if (large && denied_) {
    out.outcome = Outcome::out_of_memory;
    return out;
  }
  if (options.touch) item.exptime = options.exptime;
  out.outcome = Outcome::done;
  out.item.cas = item.cas;
  out.item.flags = item.flags;
  out.item.exptime = item.exptime;
  out.item.last_access = std::exchange(item.last_access, clock_.now());
  out.item.fetched = std::exchange(item.fetched, true);
  out.item.value_size = static_cast<uint32_t>(item.value.size());
  if (large) {
    out.item.value = PinnedBytes::pinned(*this, &pins_.emplace_back(item.value), item.value.size());
  } else {
    scratch_ = item.value;
    out.item.value = PinnedBytes::transient(scratch_);
  }
  return out;
}

cache::StoreResult FakeCache::store(cache::CacheContext&, const cache::StoreRequest& request, std::string_view value) {
  Miss miss = Miss::none;
  const auto it = find_live(request.key, &miss);
  const bool present = it != items_.end();
  const bool joins = request.mode == Mode::append || request.mode == Mode::prepend;
  if (request.mode == Mode::cas && !present) return stored(Outcome::not_found);
  if (request.mode == Mode::cas && (request.cas == 0 || request.cas != it->second.cas)) return stored(Outcome::exists);
  if (request.mode == Mode::add && present) return stored(Outcome::not_stored);
  if ((joins || request.mode == Mode::replace) && !present) return stored(Outcome::not_stored);
  if (value.size() + (joins ? it->second.value.size() : 0) > settings_.item_size_max) return stored(Outcome::too_large);
  if (denied_) return stored(Outcome::out_of_memory);

  Item& item = present ? it->second : items_[std::string(request.key)];
  if (request.mode == Mode::append) {
    item.value.append(value);
  } else if (request.mode == Mode::prepend) {
    item.value.insert(0, value);
  } else {
    item = Item{};
    item.value = value;
    item.flags = request.flags;
    item.exptime = request.exptime;
  }
  item.stored = item.last_access = clock_.now();
  item.cas = next_cas();
  ++total_items_;
  cache::StoreResult out = stored(Outcome::done);
  out.cas = item.cas;
  out.value_size = static_cast<uint32_t>(item.value.size());
  return out;
}

Outcome FakeCache::admit(std::string_view, uint32_t value_size) const {
  return value_size > settings_.item_size_max ? Outcome::too_large : Outcome::done;
}

std::unique_ptr<cache::Upload> FakeCache::begin_upload(cache::CacheContext&, std::string_view, uint32_t value_size) {
  if (denied_) return nullptr;
  return std::make_unique<Pieces>(*this, value_size);
}

cache::StoreResult FakeCache::publish(cache::CacheContext& context, const cache::StoreRequest& request,
                                      std::unique_ptr<cache::Upload> upload) {
  return store(context, request, static_cast<const Pieces&>(*upload).value());
}

cache::RemoveResult FakeCache::remove(cache::CacheContext&, const cache::RemoveRequest& request) {
  cache::RemoveResult out;
  const auto it = find_live(request.key, &out.miss);
  if (it == items_.end()) return out;
  items_.erase(it);
  out.outcome = Outcome::done;
  return out;
}

void FakeCache::walk(cache::CacheContext&, cache::WalkCursor& cursor, size_t, const cache::WalkVisit& visit) {
  for (const auto& [key, item] : items_) {
    cache::ItemView view;
    view.cas = item.cas;
    view.flags = item.flags;
    view.exptime = item.exptime;
    view.last_access = item.last_access;
    view.fetched = item.fetched;
    view.value_size = static_cast<uint32_t>(item.value.size());
    visit(key, view);
  }
  cursor.done = true;
}

unsigned FakeCache::size_class(uint32_t item_size) const { return 1 + item_size / 1024; }

Outcome FakeCache::touch(cache::CacheContext&, std::string_view key, RelTime exptime) {
  Miss miss = Miss::none;
  const auto it = find_live(key, &miss);
  if (it == items_.end()) return Outcome::not_found;
  if (denied_) return Outcome::out_of_memory;
  it->second.exptime = exptime;
  return Outcome::done;
}

cache::ArithResult FakeCache::arith(cache::CacheContext&, const cache::ArithRequest& request) {
  Miss miss = Miss::none;
  const auto it = find_live(request.key, &miss);
  if (it == items_.end()) return counted(Outcome::not_found);
  uint64_t number = 0;
  if (!parse_u64(it->second.value, &number)) return counted(Outcome::non_numeric);
  if (denied_) return counted(Outcome::out_of_memory);
  number = request.negative ? number - std::min(number, request.delta) : number + request.delta;
  it->second.value = std::to_string(number);
  it->second.cas = next_cas();
  cache::ArithResult out = counted(Outcome::done);
  out.number = number;
  out.cas = it->second.cas;
  out.exptime = it->second.exptime;
  return out;
}

void FakeCache::flush_all(cache::CacheContext&, RelTime at) {
  flush_at_ = at;
  if (at != kNever) return;
  for (auto& [key, item] : items_) item.flushed = true;
}

void FakeCache::tick(RelTime next) {
  if (flush_at_ == kNever || next < flush_at_) return;
  for (auto& [key, item] : items_) item.flushed = item.flushed || item.stored < flush_at_;
  flush_at_ = kNever;
}

bool FakeCache::set_memory_limit(uint64_t bytes) {
  if (bytes > reservation_) return false;
  settings_.memory_limit = bytes;
  return true;
}

cache::CacheFigures FakeCache::figures() const {
  cache::CacheFigures out = extra;
  out.memory_limit = settings_.memory_limit;
  out.items += items_.size();
  out.total_items += total_items_;
  for (const auto& [key, item] : items_) out.bytes += key.size() + item.value.size();
  for (const std::string& pin : pins_) out.pinned_bytes += pin.size();
  return out;
}

std::string_view FakeCache::piece_at(void* handle, size_t offset) const {
  return std::string_view(*static_cast<const std::string*>(handle)).substr(offset);
}

void FakeCache::unpin(void* handle) {
  pins_.remove_if([handle](const std::string& pin) { return &pin == handle; });
}

}  // namespace martlet::support
