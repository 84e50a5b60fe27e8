// remove, and what may be done instead: the item stays and is stale, or an empty value takes its place.
#include "server/cache/engine.h"

namespace martlet::cache {

// False when the item lacks a field for what it is to hold.
bool Engine::invalidate_in_place(Context& context, Record& record, Location location, const RemoveRequest& request) {
  if (needs_cas_field(request.new_cas) && !record.has_cas()) return false;
  if (request.exptime && !touch_in_place(record, location, *request.exptime)) return false;
  record.set_mark(kStale);
  record.clear_mark(kWon);
  give_id(context, record, &record, request.new_cas);
  return true;
}

// An empty value that has the old id, unless it is told another. One that is stale as well has a new one.
Engine::Linked Engine::clear(Context& context, const RemoveRequest& request, uint64_t hash, const Snapshot& seen) {
  Link wanted;
  wanted.key = request.key;
  wanted.hash = hash;
  wanted.expected = &seen;
  wanted.new_cas = request.new_cas;
  if (!wanted.new_cas && !request.invalidate) wanted.new_cas = seen.cas;
  RecordPlan plan;
  plan.key = request.key;
  plan.hash = hash;
  plan.flags = request.flags;
  plan.exptime = request.exptime.value_or(kNever);
  plan.exptime_field = plan.exptime != kNever;
  plan.cas_field = needs_cas_field(wanted.new_cas);
  plan.marks = static_cast<uint8_t>((request.invalidate ? kStale : 0) | (seen.binary_key ? kBinaryKey : 0));
  const Lease lease = write(plan);
  if (!lease) return Linked::out_of_memory;
  wanted.record = lease.location();
  Placed placed;
  return link(context, wanted, placed);
}

RemoveResult Engine::remove(CacheContext& any, const RemoveRequest& request) {
  auto& context = static_cast<Context&>(any);
  const uint64_t hash = index_.hash(request.key);
  for (;;) {
    RemoveResult out;
    Snapshot seen;
    {
      BucketGuard guard(index_, hash);
      const Slot slot = find_live(guard, request.key, &out.miss);
      if (!slot) return out;
      Record record = storage_.record(slot.location());
      if (request.cas && !cas_matches(record, *request.cas)) {
        out.outcome = Outcome::exists;
        return out;
      }
      out.outcome = Outcome::done;
      out.size_class = storage_.size_class(record);
      if (!request.invalidate && !request.clear_value) {
        storage_.unlink(guard, slot);
        return out;
      }
      if (!request.clear_value && invalidate_in_place(context, record, slot.location(), request)) return out;
      seen = snapshot(record, slot.location());
    }
    const Fields fields = {request.exptime.value_or(kNever) != kNever, needs_cas_field(request.new_cas)};
    const Linked linked =
        request.clear_value ? clear(context, request, hash, seen) : widen(context, request.key, hash, seen, fields);
    if (linked == Linked::out_of_memory) out.outcome = Outcome::out_of_memory;
    if (linked == Linked::out_of_memory || (linked == Linked::done && request.clear_value)) return out;
  }
}

}  // namespace martlet::cache
