// Linking a written record to its key, if what the store was told or has read still holds; and touch, which links a
// copy when the item has no room for an expiry.
#include <cstring>

#include "server/cache/engine.h"

namespace martlet::cache {

Engine::Linked Engine::judge(const Link& link, const Slot& present) const {
  if (link.expected != nullptr) {
    if (!present || present.location() != link.expected->location) return Linked::changed;
    return storage_.record(present.location()).cas() == link.expected->cas ? Linked::done : Linked::changed;
  }
  switch (link.mode) {
    case Mode::set:
      return Linked::done;
    case Mode::add:
      return present ? Linked::not_stored : Linked::done;
    case Mode::cas:
      if (!present) return Linked::not_found;
      if (link.cas == 0 || shown_cas(storage_.record(present.location()).cas()) != link.cas) return Linked::exists;
      return Linked::done;
    case Mode::replace:
    case Mode::append:
    case Mode::prepend:
      return present ? Linked::done : Linked::not_stored;
  }
  return Linked::not_stored;
}

// The words of the record that depend on the item it replaces. Gives its CAS id.
uint64_t Engine::prepare(Context& context, const Link& link, const Slot& present) {
  Record record = storage_.record(link.record);
  if (!present) {
    record.set_cas(next_cas(context, 0));
    return record.cas();
  }
  const Record old = storage_.record(present.location());
  if (link.same_value) {
    std::memcpy(record.body(), old.body(), old.body_size());
    record.take_state(old);
    return record.cas();
  }
  if (link.expected != nullptr && record.has_exptime()) record.set_exptime(old.exptime());
  record.set_cas(next_cas(context, old.cas()));
  return record.cas();
}

Engine::Linked Engine::link(Context& context, const Link& link, uint64_t& cas) {
  for (;;) {
    {
      BucketGuard guard(index_, link.hash);
      if (segments_.flushed(link.record)) return Linked::flushed;
      const Slot present = find_live(guard, link.key);
      if (const Linked verdict = judge(link, present); verdict != Linked::done) return verdict;
      const SlotKind kind = Storage::slot_kind(storage_.record(link.record));
      if (present || guard.insert(link.record, kind, context.spare_bucket_)) {
        cas = shown_cas(prepare(context, link, present));
        storage_.charge(link.record);
        if (present) {
          guard.replace(present, link.record, kind);
          storage_.release(present.location());
        }
        return Linked::done;
      }
    }
    context.spare_bucket_ = reclaimer_.overflow_bucket();
    if (context.spare_bucket_ == 0) return Linked::out_of_memory;
  }
}

// Is it clear before anything is written that the mode forbids it?
bool Engine::hopeless(const StoreRequest& request, uint64_t hash, Linked& why) {
  if (request.mode == Mode::set) return false;
  BucketGuard guard(index_, hash);
  Link link;
  link.mode = request.mode;
  link.cas = request.cas;
  why = judge(link, find_live(guard, request.key));
  return why != Linked::done;
}

// False: there is no field to hold this expiry.
bool Engine::touch_in_place(Record& record, Location location, RelTime exptime) {
  if (!record.has_exptime()) return exptime == kNever;
  record.set_exptime(exptime);
  storage_.raise_expiry(location);
  return true;
}

// The same item once more, never expiring, with a field for the expiry: the touch itself is then done in place, so that
// an expiry in the past is found by its own command.
Engine::Linked Engine::touch_by_copy(Context& context, std::string_view key, uint64_t hash, const Snapshot& seen) {
  RecordPlan plan;
  plan.kind = seen.kind;
  plan.key = key;
  plan.hash = hash;
  plan.flags = seen.flags;
  plan.exptime_field = true;
  plan.body_size = seen.body_size;
  const Lease lease = reclaimer_.reserve(Log::items, plan.size());
  if (!lease) return Linked::out_of_memory;
  Record::write(arena_->at(lease.location()), plan, clock_.now());
  Link wanted;
  wanted.key = key;
  wanted.hash = hash;
  wanted.record = lease.location();
  wanted.expected = &seen;
  wanted.same_value = true;
  uint64_t cas = 0;
  return link(context, wanted, cas);
}

Outcome Engine::touch(CacheContext& any, std::string_view key, RelTime exptime) {
  auto& context = static_cast<Context&>(any);
  const uint64_t hash = index_.hash(key);
  for (;;) {
    Snapshot seen;
    {
      BucketGuard guard(index_, hash);
      const Slot slot = find_live(guard, key);
      if (!slot) return Outcome::not_found;
      Record record = storage_.record(slot.location());
      if (touch_in_place(record, slot.location(), exptime)) {
        record.note_fetch(clock_.now());
        return Outcome::done;
      }
      seen = snapshot(record, slot.location());
    }
    if (touch_by_copy(context, key, hash, seen) == Linked::out_of_memory) return Outcome::out_of_memory;
  }
}

}  // namespace martlet::cache
