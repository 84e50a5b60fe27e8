// store, publish, append and prepend: whatever writes a value.
//
//   plan ──► Reclaimer::reserve ──► write, no lock held ──► link: lock, look again, swap the slot, unlock
//                 ▲                                           │ flushed meanwhile, or the item that was read is
//                 └───────────────────────────────────────────┘ no longer the same: once more
#include <algorithm>
#include <cstring>

#include "server/cache/engine.h"

namespace martlet::cache {
namespace {

StoreResult stored(Outcome outcome, uint64_t cas) {
  StoreResult out;
  out.outcome = outcome;
  out.cas = cas;
  return out;
}

bool extends(Mode mode) { return mode == Mode::append || mode == Mode::prepend; }

}  // namespace

bool Engine::inline_value(const RecordPlan& plan) const {
  return plan.body_size <= kPinThreshold && plan.size() <= layout_.max_record();
}

Engine::Linked Engine::store_small(Context& context, const StoreRequest& request, uint64_t hash, std::string_view value,
                                   uint64_t& cas) {
  RecordPlan plan;
  plan.key = request.key;
  plan.hash = hash;
  plan.flags = request.flags;
  plan.exptime = request.exptime;
  plan.exptime_field = request.exptime != kNever;
  plan.body_size = static_cast<uint32_t>(value.size());
  if (!inline_value(plan)) return store_large(context, request, hash, value, cas);
  for (;;) {
    const Lease lease = reclaimer_.reserve(Log::items, plan.size());
    if (!lease) return Linked::out_of_memory;
    const Record record = Record::write(arena_->at(lease.location()), plan, clock_.now());
    std::memcpy(record.body(), value.data(), value.size());
    Link wanted;
    wanted.key = request.key;
    wanted.hash = hash;
    wanted.record = lease.location();
    wanted.mode = request.mode;
    wanted.cas = request.cas;
    if (const Linked linked = link(context, wanted, cas); linked != Linked::flushed) return linked;
  }
}

Engine::Linked Engine::store_large(Context& context, const StoreRequest& request, uint64_t hash, std::string_view value,
                                   uint64_t& cas) {
  const auto upload = LargeUpload::begin(storage_, reclaimer_, quotas_, hash, static_cast<uint32_t>(value.size()));
  if (upload == nullptr || !upload->append(value)) return Linked::out_of_memory;
  return link_upload(context, request, *upload, nullptr, cas);
}

Engine::Linked Engine::link_upload(Context& context, const StoreRequest& request, LargeUpload& upload,
                                   const Snapshot* expected, uint64_t& cas) {
  RecordPlan plan;
  plan.kind = RecordKind::descriptor;
  plan.key = request.key;
  plan.hash = upload.hash();
  plan.flags = expected != nullptr ? expected->flags : request.flags;
  plan.exptime = expected != nullptr ? expected->exptime : request.exptime;
  plan.exptime_field = expected != nullptr ? expected->exptime_field : request.exptime != kNever;
  plan.body_size = large_.descriptor_body(upload.size());
  if (plan.size() > layout_.segment_size) return Linked::out_of_memory;
  for (;;) {
    const Lease lease = reclaimer_.reserve(Log::items, plan.size());
    if (!lease) return Linked::out_of_memory;
    Record record = Record::write(arena_->at(lease.location()), plan, clock_.now());
    upload.describe(record);
    Link wanted;
    wanted.key = request.key;
    wanted.hash = upload.hash();
    wanted.record = lease.location();
    wanted.mode = request.mode;
    wanted.cas = request.cas;
    wanted.expected = expected;
    if (const Linked linked = link(context, wanted, cas); linked != Linked::flushed) return linked;
  }
}

StoreResult Engine::finish_store(Linked linked, uint64_t cas) {
  switch (linked) {
    case Linked::done:
      events_.stored.fetch_add(1, std::memory_order_relaxed);
      reclaimer_.grow_index();
      return stored(Outcome::done, cas);
    case Linked::exists:
      return stored(Outcome::exists, 0);
    case Linked::not_found:
      return stored(Outcome::not_found, 0);
    case Linked::out_of_memory:
      return stored(Outcome::out_of_memory, 0);
    case Linked::not_stored:
    case Linked::changed:
    case Linked::flushed:
      break;
  }
  return stored(Outcome::not_stored, 0);
}

StoreResult Engine::store(CacheContext& any, const StoreRequest& request, std::string_view value) {
  auto& context = static_cast<Context&>(any);
  if (request.key.size() > kMaxKey || value.size() > UINT32_MAX ||
      admit(request.key, static_cast<uint32_t>(value.size())) != Outcome::done) {
    return stored(Outcome::too_large, 0);
  }
  const uint64_t hash = index_.hash(request.key);
  Linked why = Linked::done;
  if (hopeless(request, hash, why)) return finish_store(why, 0);
  if (extends(request.mode)) {
    return extend(context, request, hash, static_cast<uint32_t>(value.size()),
                  [value](size_t offset) { return value.substr(offset); });
  }
  uint64_t cas = 0;
  const Linked linked = store_small(context, request, hash, value, cas);
  return finish_store(linked, cas);
}

std::unique_ptr<Upload> Engine::begin_upload(CacheContext&, std::string_view key, uint32_t value_size) {
  return LargeUpload::begin(storage_, reclaimer_, quotas_, index_.hash(key), value_size);
}

StoreResult Engine::publish(CacheContext& any, const StoreRequest& request, std::unique_ptr<Upload> upload) {
  auto& context = static_cast<Context&>(any);
  auto& large = static_cast<LargeUpload&>(*upload);
  // Chunks find their owner by its hash, and records hold short keys: anything else must not get into the log.
  if (large.remaining() != 0 || request.key.size() > kMaxKey || index_.hash(request.key) != large.hash()) {
    return stored(Outcome::not_stored, 0);
  }
  if (admit(request.key, large.size()) != Outcome::done) return stored(Outcome::too_large, 0);
  Linked why = Linked::done;
  if (hopeless(request, large.hash(), why)) return finish_store(why, 0);
  if (extends(request.mode)) {
    return extend(context, request, large.hash(), large.size(),
                  [&large](size_t offset) { return large.piece_at(offset); });
  }
  uint64_t cas = 0;
  const Linked linked = link_upload(context, request, large, nullptr, cas);
  return finish_store(linked, cas);
}

// The old value for append and prepend: not_stored when there is none.
Outcome Engine::read_old(Context& context, std::string_view key, uint64_t hash, Snapshot& seen, PinnedBytes& value) {
  for (;;) {
    bool taken = false;
    {
      BucketGuard guard(index_, hash);
      const Slot slot = find_live(guard, key);
      if (!slot) return Outcome::not_stored;
      const Record record = storage_.record(slot.location());
      seen = snapshot(record, slot.location());
      if (uint64_t{seen.value_size} > item_size_max_) return Outcome::too_large;
      taken = take_value(context, record, value);
    }
    if (taken) {
      if (seen.value_size <= kPinThreshold || finish_value(context, value)) return Outcome::done;
      return Outcome::out_of_memory;
    }
    if (!widen_spare_pin(context, seen)) return Outcome::out_of_memory;
  }
}

template <typename PieceAt>
Engine::Linked Engine::link_joined(Context& context, const StoreRequest& request, uint64_t hash, const Snapshot& seen,
                                   const Parts<PieceAt>& parts, uint64_t& cas) {
  RecordPlan plan;
  plan.key = request.key;
  plan.hash = hash;
  plan.flags = seen.flags;
  plan.exptime = seen.exptime;
  plan.exptime_field = seen.exptime_field;
  plan.body_size = static_cast<uint32_t>(parts.old_value.size()) + parts.added;
  const auto each_piece = [&](auto&& use) {
    const auto old_value = [&] {
      for (size_t at = 0; at < parts.old_value.size();) {
        const std::string_view piece = parts.old_value.piece_at(at);
        if (!use(piece)) return false;
        at += piece.size();
      }
      return true;
    };
    const auto added = [&] {
      for (size_t at = 0; at < parts.added;) {
        const std::string_view piece = parts.piece_at(at);
        if (!use(piece)) return false;
        at += piece.size();
      }
      return true;
    };
    return request.mode == Mode::append ? old_value() && added() : added() && old_value();
  };
  if (!inline_value(plan)) {
    const auto joined = LargeUpload::begin(storage_, reclaimer_, quotas_, hash, plan.body_size);
    if (joined == nullptr || !each_piece([&](std::string_view piece) { return joined->append(piece); })) {
      return Linked::out_of_memory;
    }
    return link_upload(context, request, *joined, &seen, cas);
  }
  const Lease lease = reclaimer_.reserve(Log::items, plan.size());
  if (!lease) return Linked::out_of_memory;
  char* to = Record::write(arena_->at(lease.location()), plan, clock_.now()).body();
  each_piece([&to](std::string_view piece) {
    std::memcpy(to, piece.data(), piece.size());
    to += piece.size();
    return true;
  });
  Link wanted;
  wanted.key = request.key;
  wanted.hash = hash;
  wanted.record = lease.location();
  wanted.expected = &seen;
  return link(context, wanted, cas);
}

template <typename PieceAt>
StoreResult Engine::extend(Context& context, const StoreRequest& request, uint64_t hash, uint32_t size,
                           const PieceAt& piece_at) {
  for (;;) {
    Snapshot seen;
    PinnedBytes old_value;
    if (const Outcome outcome = read_old(context, request.key, hash, seen, old_value); outcome != Outcome::done) {
      return stored(outcome, 0);
    }
    const uint64_t total = old_value.size() + uint64_t{size};
    if (total > item_size_max_ || admit(request.key, static_cast<uint32_t>(total)) != Outcome::done) {
      return stored(Outcome::too_large, 0);
    }
    uint64_t cas = 0;
    const Linked linked = link_joined(context, request, hash, seen, Parts<PieceAt>{old_value, size, piece_at}, cas);
    if (linked != Linked::changed && linked != Linked::flushed) return finish_store(linked, cas);
  }
}

}  // namespace martlet::cache
