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
constexpr size_t kHeaderSize = 50;  // what an item takes beside its value

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

void FakeCache::show(const Item& item, bool value, cache::ItemView* out) {
  out->cas = item.cas;
  out->flags = item.flags;
  out->exptime = item.exptime;
  out->last_access = item.last_access;
  out->fetched = item.fetched;
  out->stale = item.stale;
  out->won = item.token;
  out->binary_key = item.binary_key;
  out->value_size = static_cast<uint32_t>(item.value.size());
  out->item_size = size_of(item);
  out->size_class = class_of(item);
  if (!value) return;
  if (item.value.size() > cache::kPinThreshold) {
    out->value = PinnedBytes::pinned(*this, &pins_.emplace_back(item.value), item.value.size());
  } else {
    scratch_ = item.value;
    out->value = PinnedBytes::transient(scratch_);
  }
}

uint32_t FakeCache::size_of(const Item& item) { return static_cast<uint32_t>(kHeaderSize + item.value.size()); }

cache::GetResult FakeCache::vivified(std::string_view key, const cache::GetOptions& options, Miss miss) {
  cache::GetResult out;
  out.miss = miss;
  out.outcome = denied_ ? Outcome::out_of_memory : Outcome::done;
  if (denied_) return out;
  Item& item = items_[std::string(key)] = made({}, *options.vivify, options.vivify_cas);
  item.binary_key = options.vivify_binary_key;
  ++total_items_;
  show(item, options.value, &out.item);
  out.won = item.token = true;
  item.fetched = !options.peek;
  return out;
}

cache::GetResult FakeCache::get(cache::CacheContext&, std::string_view key, const cache::GetOptions& options) {
  cache::GetResult out;
  const auto it = find_live(key, &out.miss);
  if (it == items_.end()) return options.vivify ? vivified(key, options, out.miss) : std::move(out);
  Item& item = it->second;
  const bool needs_memory = options.touch || (options.value && item.value.size() > cache::kPinThreshold);
  if (needs_memory && denied_) {
    out.outcome = Outcome::out_of_memory;
    return out;
  }
  const bool ending = options.recache && item.exptime != kNever && item.exptime - clock_.now() < *options.recache;
  if (options.touch) item.exptime = options.exptime;
  out.outcome = Outcome::done;
  show(item, options.value, &out.item);
  if (options.leases) {
    out.token_out = item.token;
    out.won = !item.token && (item.stale || ending);
    item.token = item.token || out.won;
  }
  if (options.peek) return out;
  item.last_access = clock_.now();
  item.fetched = true;
  return out;
}

cache::StoreResult FakeCache::store(cache::CacheContext&, const cache::StoreRequest& request, std::string_view value) {
  Miss miss = Miss::none;
  const auto it = find_live(request.key, &miss);
  const bool present = it != items_.end();
  const bool joins = request.mode == Mode::append || request.mode == Mode::prepend;
  const bool vivifies = joins && !present && request.vivify;
  const bool compares = request.mode == Mode::cas || (joins && request.compare);
  if (request.mode == Mode::cas && !present) return stored(Outcome::not_found);
  if (request.mode == Mode::add && present) return stored(Outcome::not_stored);
  if ((joins || request.mode == Mode::replace) && !present && !vivifies) return stored(Outcome::not_stored);
  const bool differs = present && compares && (request.cas == 0 || request.cas != it->second.cas);
  const bool stale = differs && request.invalidate && request.cas != 0 && it->second.cas > request.cas;
  if (differs && !stale) {
    cache::StoreResult out = stored(Outcome::exists);
    out.size_class = class_of(it->second);
    return out;
  }
  const size_t joined = joins && present ? it->second.value.size() : 0;
  if (value.size() + joined > settings_.item_size_max) return stored(Outcome::too_large);
  if (denied_) return stored(Outcome::out_of_memory);

  Item item = made(value, vivifies ? *request.vivify : request.exptime, request.new_cas);
  item.flags = request.flags;
  item.binary_key = request.binary_key;
  if (joins && present) {
    item.value = request.mode == Mode::append ? it->second.value + item.value : item.value + it->second.value;
    item.flags = it->second.flags;
    item.exptime = it->second.exptime;
  }
  if (stale) {
    item.stale = true;
    item.token = it->second.token;
    item.exptime = it->second.exptime;
  }
  ++total_items_;
  cache::StoreResult out = stored(Outcome::done);
  out.cas = item.cas;
  out.value_size = static_cast<uint32_t>(item.value.size());
  out.created = vivifies;
  out.size_class = class_of(item);
  items_[std::string(request.key)] = std::move(item);
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
  Item& item = it->second;
  if (request.cas && *request.cas != item.cas) {
    out.outcome = Outcome::exists;
    return out;
  }
  if (request.clear_value && denied_) {
    out.outcome = Outcome::out_of_memory;
    return out;
  }
  out.outcome = Outcome::done;
  out.size_class = class_of(item);
  if (request.clear_value) {
    item = made({}, request.exptime.value_or(kNever), request.new_cas.value_or(item.cas));
    item.flags = request.flags;
  }
  if (request.invalidate) {
    item.stale = true;
    item.token = false;
    item.cas = new_cas(request.new_cas);
    if (request.exptime) item.exptime = *request.exptime;
  }
  if (!request.clear_value && !request.invalidate) items_.erase(it);
  return out;
}

void FakeCache::walk(cache::CacheContext&, cache::WalkCursor& cursor, size_t, const cache::WalkVisit& visit) {
  for (const auto& [key, item] : items_) {
    cache::ItemView view;
    show(item, false, &view);
    visit(key, view);
  }
  cursor.done = true;
}

unsigned FakeCache::size_class(uint32_t item_size) const { return std::min(1 + item_size / 1024, 63U); }

cache::ArithResult FakeCache::arith(cache::CacheContext&, const cache::ArithRequest& request) {
  Miss miss = Miss::none;
  auto it = find_live(request.key, &miss);
  cache::ArithResult out = counted(Outcome::not_found);
  out.miss = miss;
  out.created = it == items_.end() && request.vivify;
  if (it == items_.end() && !out.created) return out;
  out.number = request.initial;
  if (!out.created) {
    if (request.cas && *request.cas != it->second.cas) return counted(Outcome::exists);
    if (!parse_u64(it->second.value, &out.number)) return counted(Outcome::non_numeric);
    out.number = request.negative ? out.number - std::min(out.number, request.delta) : out.number + request.delta;
  }
  if (denied_) {
    out.outcome = Outcome::out_of_memory;
    return out;
  }
  if (out.created) {
    it = items_.emplace(request.key, made({}, *request.vivify, request.new_cas)).first;
    it->second.binary_key = request.binary_key;
  } else {
    it->second.cas = new_cas(request.new_cas);
    if (request.exptime) it->second.exptime = *request.exptime;
  }
  it->second.value = std::to_string(out.number);
  out.outcome = Outcome::done;
  out.cas = it->second.cas;
  out.exptime = it->second.exptime;
  out.size_class = class_of(it->second);
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
