// Linking a written record to its key, if what the store was told or has read still holds; CAS ids; touch, which links
// a copy when the item has no room for an expiry.
#include <algorithm>
#include <cstring>

#include "server/cache/engine.h"

namespace martlet::cache {
namespace {

constexpr uint64_t kIdBlock = 4096;
// Ids that may be given out between the plan of a record and its link, and far more: wide ids begin so much earlier.
constexpr uint64_t kIdMargin = 1ULL << 32;

}  // namespace

Engine::Linked Engine::judge(const Link& link, const Slot& present) const {
  if (link.expected != nullptr) {
    if (!present || present.location() != link.expected->location) return Linked::changed;
    return storage_.record(present.location()).version() == link.expected->version ? Linked::done : Linked::changed;
  }
  const uint64_t id = present ? shown_cas(storage_.record(present.location()).cas()) : 0;
  const bool matches = link.cas != 0 && id == link.cas;
  switch (link.mode) {
    case Mode::set:
      return Linked::done;
    case Mode::add:
      return present ? Linked::not_stored : Linked::done;
    case Mode::cas:
      if (!present) return Linked::not_found;
      return matches || (link.invalidate && link.cas != 0 && link.cas < id) ? Linked::done : Linked::exists;
    case Mode::replace:
      return present ? Linked::done : Linked::not_stored;
    case Mode::append:
    case Mode::prepend:
      if (!present) return link.vivify ? Linked::done : Linked::not_stored;
      return link.compare && !matches ? Linked::exists : Linked::done;
  }
  return Linked::not_stored;
}

bool Engine::needs_cas_field(std::optional<uint64_t> chosen) const {
  if (!cas_enabled_) return false;
  return chosen.has_value() || cas_counter_.load(std::memory_order_relaxed) > kMaxVersion - kIdMargin;
}

// Above every id given to the item before. One with a field may have had an id from beyond 40 bits, or one that says
// nothing about those before it: only a fresh one is certainly above.
uint64_t Engine::next_cas(Context& context, const Record* replaced) {
  if (replaced != nullptr && replaced->has_cas()) return cas_counter_.fetch_add(1, std::memory_order_relaxed);
  if (context.next_cas_ == context.end_cas_) {
    context.next_cas_ = cas_counter_.fetch_add(kIdBlock, std::memory_order_relaxed);
    context.end_cas_ = context.next_cas_ + kIdBlock;
  }
  const uint64_t id = context.next_cas_++;
  const uint64_t above = replaced != nullptr ? replaced->version() : 0;
  return id > above ? id : cas_counter_.fetch_add(1, std::memory_order_relaxed);
}

void Engine::give_id(Context& context, Record& record, const Record* replaced, std::optional<uint64_t> chosen) {
  const uint64_t id = next_cas(context, replaced);
  record.set_version(id);
  if (record.has_cas()) record.set_cas_field(chosen.value_or(id));
}

// The words of the record that depend on the item it replaces.
void Engine::prepare(Context& context, const Link& link, const Slot& present, Placed& placed) {
  Record record = storage_.record(link.record);
  const Record old = present ? storage_.record(present.location()) : record;
  if (link.keep == Link::Keep::everything) {
    std::memcpy(record.body(), old.body(), old.body_size());
    record.take_state(old);
  } else {
    if (link.keep == Link::Keep::expiry && record.has_exptime()) record.set_exptime(old.exptime());
    if (present && link.mode == Mode::cas && link.invalidate && !cas_matches(old, link.cas)) {
      record.set_exptime(old.exptime());
      record.set_mark(kStale);
      if (old.has_mark(kWon)) record.set_mark(kWon);
    }
    give_id(context, record, present ? &old : nullptr, link.new_cas);
  }
  placed.cas = shown_cas(record.cas());
  placed.exptime = record.exptime();
  placed.size_class = storage_.size_class(record);
}

Lease Engine::write(const RecordPlan& plan, uint32_t chunks) {
  Lease lease = plan.size() <= layout_.segment_size ? reclaimer_.reserve(plan) : Lease();
  if (lease) {
    Record::write(arena_->at(lease.location()), plan, clock_.now());
  } else {
    classes_.refused(plan.size() + chunks);
  }
  return lease;
}

Engine::Linked Engine::link(Context& context, const Link& link, Placed& placed) {
  for (;;) {
    {
      BucketGuard guard(index_, link.hash);
      if (segments_.flushed(link.record)) return Linked::flushed;
      const Slot present = find_live(guard, link.key);
      if (const Linked verdict = judge(link, present); verdict != Linked::done) {
        if (present) placed.size_class = storage_.size_class(storage_.record(present.location()));
        return verdict;
      }
      const SlotKind kind = Storage::slot_kind(storage_.record(link.record));
      if (present || guard.insert(link.record, kind, context.spare_bucket_)) {
        prepare(context, link, present, placed);
        storage_.charge(link.record);
        if (present) {
          guard.replace(present, link.record, kind, std::min(present.frequency() + 1, kMostHits));
          storage_.release(present.location());
        }
        return Linked::done;
      }
    }
    context.spare_bucket_ = reclaimer_.overflow_bucket();
    if (context.spare_bucket_ == 0) return Linked::out_of_memory;
  }
}

// False: there is no field to hold this expiry.
bool Engine::touch_in_place(Record& record, Location location, RelTime exptime) {
  if (!record.has_exptime()) return exptime == kNever;
  record.set_exptime(exptime);
  storage_.note_expiry(location);
  return true;
}

// What needs the fields is done in place afterwards, so that an expiry in the past is found by its own command.
Engine::Linked Engine::widen(Context& context, std::string_view key, uint64_t hash, const Snapshot& seen,
                             Fields fields) {
  RecordPlan plan;
  plan.kind = seen.kind;
  plan.key = key;
  plan.hash = hash;
  plan.flags = seen.flags;
  plan.exptime_field = seen.exptime_field || fields.exptime;
  plan.cas_field = seen.cas_field || fields.cas;
  plan.body_size = seen.body_size;
  const Lease lease = write(plan);
  if (!lease) return Linked::out_of_memory;
  Link wanted;
  wanted.key = key;
  wanted.hash = hash;
  wanted.record = lease.location();
  wanted.expected = &seen;
  wanted.keep = Link::Keep::everything;
  Placed placed;
  return link(context, wanted, placed);
}

}  // namespace martlet::cache
