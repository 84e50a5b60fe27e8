// store and publish: whatever writes a value. What append and prepend do besides is in engine_extend.cc.
//
//   plan ──► Reclaimer::reserve ──► write, no lock held ──► link: lock, look again, swap the slot, unlock
//                 ▲                                           │ flushed meanwhile, or the item that was read is
//                 └───────────────────────────────────────────┘ no longer the same: once more
#include <cstring>

#include "server/cache/engine.h"

namespace martlet::cache {
namespace {

StoreResult refused(Outcome outcome) {
  StoreResult out;
  out.outcome = outcome;
  return out;
}

}  // namespace

bool Engine::inline_value(const RecordPlan& plan) const {
  return plan.body_size <= kPinThreshold && plan.size() <= layout_.max_record();
}

// With `expected`, the item that is extended: its flags and expiry are kept.
RecordPlan Engine::plan_for(const StoreRequest& request, uint64_t hash, const Snapshot* expected) const {
  RecordPlan plan;
  plan.key = request.key;
  plan.hash = hash;
  plan.flags = expected != nullptr ? expected->flags : request.flags;
  plan.exptime = expected != nullptr ? expected->exptime : request.exptime;
  // A store that may turn out to be stale needs room for the expiry of the item it replaces.
  plan.exptime_field = expected != nullptr ? expected->exptime_field : plan.exptime != kNever || request.invalidate;
  plan.cas_field = needs_cas_field(request.new_cas);
  const bool binary_key = request.binary_key || (expected != nullptr && expected->binary_key);
  plan.marks = binary_key ? kBinaryKey : uint8_t{0};
  return plan;
}

Engine::Link Engine::link_for(const StoreRequest& request, uint64_t hash, const Snapshot* expected) const {
  Link out;
  out.key = request.key;
  out.hash = hash;
  out.new_cas = request.new_cas;
  out.expected = expected;
  out.keep = expected != nullptr ? Link::Keep::expiry : Link::Keep::nothing;
  out.mode = request.mode;
  out.cas = request.cas;
  out.compare = request.compare;
  out.invalidate = request.invalidate;
  out.vivify = request.vivify.has_value();
  return out;
}

// Is it clear before anything is written that the mode forbids it?
bool Engine::hopeless(const StoreRequest& request, uint64_t hash, Linked& why, Placed& placed) {
  if (request.mode == Mode::set) return false;
  BucketGuard guard(index_, hash);
  const Slot present = find_live(guard, request.key);
  why = judge(link_for(request, hash, nullptr), present);
  if (present) placed.size_class = storage_.size_class(storage_.record(present.location()));
  return why != Linked::done;
}

Engine::Linked Engine::store_small(Context& context, const StoreRequest& request, uint64_t hash, std::string_view value,
                                   Placed& placed) {
  RecordPlan plan = plan_for(request, hash, nullptr);
  plan.body_size = static_cast<uint32_t>(value.size());
  if (!inline_value(plan)) return store_large(context, request, hash, value, placed);
  for (;;) {
    const Lease lease = write(plan);
    if (!lease) return Linked::out_of_memory;
    std::memcpy(storage_.record(lease.location()).body(), value.data(), value.size());
    Link wanted = link_for(request, hash, nullptr);
    wanted.record = lease.location();
    if (const Linked linked = link(context, wanted, placed); linked != Linked::flushed) return linked;
  }
}

Engine::Linked Engine::store_large(Context& context, const StoreRequest& request, uint64_t hash, std::string_view value,
                                   Placed& placed) {
  const auto upload = LargeUpload::begin(storage_, reclaimer_, quotas_, hash, static_cast<uint32_t>(value.size()));
  if (upload == nullptr || !upload->append(value)) return Linked::out_of_memory;
  return link_upload(context, request, *upload, nullptr, placed);
}

Engine::Linked Engine::link_upload(Context& context, const StoreRequest& request, LargeUpload& upload,
                                   const Snapshot* expected, Placed& placed) {
  RecordPlan plan = plan_for(request, upload.hash(), expected);
  plan.kind = RecordKind::descriptor;
  plan.body_size = large_.descriptor_body(upload.size());
  for (;;) {
    const Lease lease = write(plan, upload.size());
    if (!lease) return Linked::out_of_memory;
    Record record = storage_.record(lease.location());
    upload.describe(record);
    Link wanted = link_for(request, upload.hash(), expected);
    wanted.record = lease.location();
    if (const Linked linked = link(context, wanted, placed); linked != Linked::flushed) return linked;
  }
}

StoreResult Engine::finish_store(Linked linked, const Placed& placed, uint64_t value_size) {
  StoreResult out;
  switch (linked) {
    case Linked::done:
      events_.stored.fetch_add(1, std::memory_order_relaxed);
      reclaimer_.grow_index();
      out.outcome = Outcome::done;
      out.cas = placed.cas;
      out.value_size = static_cast<uint32_t>(value_size);
      out.size_class = placed.size_class;
      return out;
    case Linked::exists:
      out.outcome = Outcome::exists;
      out.size_class = placed.size_class;
      return out;
    case Linked::not_found:
      return refused(Outcome::not_found);
    case Linked::out_of_memory:
      return refused(Outcome::out_of_memory);
    case Linked::not_stored:
    case Linked::changed:
    case Linked::flushed:
      break;
  }
  return refused(Outcome::not_stored);
}

Engine::Linked Engine::store_new(Context& context, const StoreRequest& request, uint64_t hash, const NewValue& value,
                                 Placed& placed) {
  if (value.upload != nullptr) return link_upload(context, request, *value.upload, nullptr, placed);
  return store_small(context, request, hash, value.text, placed);
}

StoreResult Engine::put(Context& context, const StoreRequest& request, uint64_t hash, const NewValue& value) {
  if (admit(request.key, value.size()) != Outcome::done) return refused(Outcome::too_large);
  Linked why = Linked::done;
  Placed placed;
  if (hopeless(request, hash, why, placed)) return finish_store(why, placed, 0);
  if (request.mode == Mode::append || request.mode == Mode::prepend) return extend(context, request, hash, value);
  const Linked linked = store_new(context, request, hash, value, placed);
  return finish_store(linked, placed, value.size());
}

StoreResult Engine::store(CacheContext& any, const StoreRequest& request, std::string_view value) {
  if (request.key.size() > kMaxKey || value.size() > UINT32_MAX) return refused(Outcome::too_large);
  return put(static_cast<Context&>(any), request, index_.hash(request.key), {value, nullptr});
}

std::unique_ptr<Upload> Engine::begin_upload(CacheContext&, std::string_view key, uint32_t value_size) {
  return LargeUpload::begin(storage_, reclaimer_, quotas_, index_.hash(key), value_size);
}

StoreResult Engine::publish(CacheContext& any, const StoreRequest& request, std::unique_ptr<Upload> upload) {
  auto& large = static_cast<LargeUpload&>(*upload);
  // Chunks find their owner by its hash, and records hold short keys: anything else must not get into the log.
  if (large.remaining() != 0 || request.key.size() > kMaxKey || index_.hash(request.key) != large.hash()) {
    return refused(Outcome::not_stored);
  }
  return put(static_cast<Context&>(any), request, large.hash(), {{}, &large});
}

}  // namespace martlet::cache
