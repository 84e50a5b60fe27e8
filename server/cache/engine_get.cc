// get: what is there, who is to compute it anew, and what a miss leaves behind.
#include <cstring>
#include <utility>

#include "server/cache/engine.h"

namespace martlet::cache {

Slot Engine::find_live(BucketGuard& guard, std::string_view key, Miss* miss) {
  const Slot slot = storage_.find_key(guard, key);
  Miss kind = Miss::absent;
  if (slot) {
    const Gone why = storage_.gone(slot.location());
    if (why == Gone::no) return slot;
    kind = why == Gone::expired ? Miss::expired : Miss::flushed;
    storage_.drop_gone(guard, slot, why);
  }
  if (miss != nullptr) *miss = kind;
  return {};
}

Engine::Snapshot Engine::snapshot(const Record& record, Location location) {
  Snapshot out;
  out.location = location;
  out.version = record.version();
  out.cas = record.cas();
  out.exptime = record.exptime();
  out.exptime_field = record.has_exptime();
  out.cas_field = record.has_cas();
  out.binary_key = record.has_mark(kBinaryKey);
  out.flags = record.flags();
  out.kind = record.kind();
  out.body_size = record.body_size();
  out.value_size = record.value_size();
  out.chunks = record.kind() == RecordKind::descriptor ? record.chunk_count() : 0;
  return out;
}

bool Engine::take_value(Context& context, const Record& record, PinnedBytes& value) {
  const uint32_t size = record.value_size();
  if (record.kind() == RecordKind::item) {
    std::memcpy(context.scratch(), record.body(), size);
  } else if (size > kPinThreshold) {
    if (context.spare_pin_ == nullptr || context.spare_pin_->capacity < record.chunk_count()) return false;
    pins_.pin(record, *context.spare_pin_);
    return true;
  } else {
    char* to = context.scratch();
    for (uint32_t i = 0; i < record.chunk_count(); ++i) {
      const Record chunk = storage_.record(record.chunk(i));
      std::memcpy(to, chunk.body(), chunk.body_size());
      to += chunk.body_size();
    }
  }
  value = PinnedBytes::transient({context.scratch(), size});
  return true;
}

bool Engine::widen_spare_pin(Context& context, const Snapshot& seen) {
  context.spare_pin_ = PinnedValues::make(seen.chunks);
  return context.spare_pin_ != nullptr;
}

bool Engine::finish_value(Context& context, PinnedBytes& value) {
  return pins_.finish(std::move(context.spare_pin_), value);
}

// Who computes the value anew? The token is a bit of the record: one get finds it clear.
void Engine::grant(Record& record, const GetOptions& options, GetResult& out) {
  const RelTime exptime = record.exptime();
  const bool ending =
      options.recache.has_value() && exptime != kNever && uint64_t{exptime} < uint64_t{clock_.now()} + *options.recache;
  out.token_out = record.has_mark(kWon);
  if (!out.token_out && (ending || record.has_mark(kStale))) out.won = record.set_mark(kWon);
}

// Under the guard. Nothing is touched before the value is had: an expiry in the past would hide it from the next try.
Engine::Looked Engine::look(Context& context, Record record, Location location, const GetOptions& options,
                            GetResult& out) {
  if (options.touch && !record.has_exptime() && options.exptime != kNever) return Looked::wants_field;
  if (options.value && !take_value(context, record, out.item.value)) return Looked::wants_pin;
  if (options.leases) grant(record, options, out);
  if (options.touch) touch_in_place(record, location, options.exptime);
  storage_.describe(record, out.item);
  if (out.won) out.item.won = false;  // it was not before this command
  if (!options.peek) record.note_fetch(clock_.now());
  return Looked::taken;
}

// The winner's value could not be had: somebody else may win.
void Engine::take_back_token(std::string_view key, uint64_t hash, const Snapshot& seen) {
  BucketGuard guard(index_, hash);
  const Slot slot = find_live(guard, key);
  if (!slot) return;
  Record record = storage_.record(slot.location());
  if (record.version() == seen.version) record.clear_mark(kWon);
}

GetResult Engine::get(CacheContext& any, std::string_view key, const GetOptions& options) {
  auto& context = static_cast<Context&>(any);
  const uint64_t hash = index_.hash(key);
  for (;;) {
    GetResult out;
    Snapshot seen;
    bool present = false;
    Looked looked = Looked::taken;
    {
      BucketGuard guard(index_, hash);
      const Slot slot = find_live(guard, key, &out.miss);
      if (slot) {
        present = true;
        const Record record = storage_.record(slot.location());
        looked = look(context, record, slot.location(), options, out);
        if (looked == Looked::taken && !options.peek) guard.note_hit(slot);
        if (looked != Looked::taken || out.won) seen = snapshot(record, slot.location());
      }
    }
    if (!present) {
      if (!options.vivify || vivify(context, key, hash, options, out)) return out;
      continue;
    }
    out.outcome = Outcome::out_of_memory;
    if (looked == Looked::taken) {
      const bool at_hand = !options.value || out.item.value_size <= kPinThreshold;
      if (at_hand || finish_value(context, out.item.value)) {
        out.outcome = Outcome::done;
      } else if (std::exchange(out.won, false)) {
        take_back_token(key, hash, seen);
      }
      return out;
    }
    if (looked == Looked::wants_pin ? !widen_spare_pin(context, seen)
                                    : widen(context, key, hash, seen, {true, false}) == Linked::out_of_memory) {
      return out;
    }
  }
}

bool Engine::vivify(Context& context, std::string_view key, uint64_t hash, const GetOptions& options, GetResult& out) {
  RecordPlan plan;
  plan.key = key;
  plan.hash = hash;
  plan.exptime = *options.vivify;
  plan.exptime_field = plan.exptime != kNever;
  plan.cas_field = needs_cas_field(options.vivify_cas);
  // The miss that makes the item counts as its first hit, as in memcached.
  plan.marks =
      static_cast<uint8_t>(kWon | (options.vivify_binary_key ? kBinaryKey : 0) | (options.peek ? 0 : kFetched));
  out.outcome = Outcome::out_of_memory;
  const Lease lease = write(plan);
  if (!lease) return true;
  Link wanted;
  wanted.key = key;
  wanted.hash = hash;
  wanted.record = lease.location();
  wanted.mode = Mode::add;
  wanted.new_cas = options.vivify_cas;
  Placed placed;
  const Linked linked = link(context, wanted, placed);
  if (linked == Linked::out_of_memory) return true;
  if (linked != Linked::done) return false;
  out.outcome = finish_store(linked, placed, 0).outcome;
  out.won = true;
  out.item.cas = placed.cas;
  out.item.exptime = placed.exptime;
  out.item.last_access = clock_.now();
  out.item.binary_key = options.vivify_binary_key;
  out.item.item_size = plan.size();
  return true;
}

}  // namespace martlet::cache
