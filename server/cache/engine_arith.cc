// incr and decr: in place where the result fits, padded with spaces as memcached does, else as a new record. An item
// that lacks the field for what the command gives it is copied with that field first.
#include <cstring>

#include "server/cache/decimal.h"
#include "server/cache/engine.h"

namespace martlet::cache {
namespace {

uint64_t apply(uint64_t number, const ArithRequest& request) {
  if (!request.negative) return number + request.delta;
  return number > request.delta ? number - request.delta : 0;
}

void finish(ArithResult& out, uint64_t number, uint64_t cas, RelTime exptime, uint8_t size_class) {
  out.outcome = Outcome::done;
  out.number = number;
  out.cas = cas;
  out.exptime = exptime;
  out.size_class = size_class;
}

}  // namespace

// longer: the result is longer than the value. wider: a field is missing. Both describe the item in `seen`.
Engine::Counted Engine::count_in_place(Context& context, const ArithRequest& request, uint64_t hash, Snapshot& seen,
                                       ArithResult& out) {
  BucketGuard guard(index_, hash);
  const Slot slot = find_live(guard, request.key, &out.miss);
  if (!slot) return Counted::finished;
  Record record = storage_.record(slot.location());
  out.outcome = Outcome::exists;
  if (request.cas && !cas_matches(record, *request.cas)) return Counted::finished;
  out.outcome = Outcome::non_numeric;
  if (record.kind() != RecordKind::item) return Counted::finished;
  const auto old = parse_decimal(record.value());
  if (!old) return Counted::finished;
  const uint64_t number = apply(*old, request);
  char digits[kMaxDecimal];
  const std::string_view text = format_decimal(number, digits);
  out.number = number;
  seen = snapshot(record, slot.location());
  if (text.size() > record.body_size()) return Counted::longer;
  if (needs_cas_field(request.new_cas) && !record.has_cas()) return Counted::wider;
  if (request.exptime && !touch_in_place(record, slot.location(), *request.exptime)) return Counted::wider;
  std::memcpy(record.body(), text.data(), text.size());
  std::memset(record.body() + text.size(), ' ', record.body_size() - text.size());
  give_id(context, record, &record, request.new_cas);
  finish(out, number, shown_cas(record.cas()), record.exptime(), storage_.size_class(record));
  return Counted::finished;
}

Engine::Linked Engine::count_longer(Context& context, const ArithRequest& request, uint64_t hash, const Snapshot& seen,
                                    ArithResult& out) {
  char digits[kMaxDecimal];
  const std::string_view text = format_decimal(out.number, digits);
  RecordPlan plan;
  plan.key = request.key;
  plan.hash = hash;
  plan.flags = seen.flags;
  plan.exptime = request.exptime.value_or(seen.exptime);
  plan.exptime_field = request.exptime ? *request.exptime != kNever : seen.exptime_field;
  plan.cas_field = needs_cas_field(request.new_cas);
  plan.marks = seen.binary_key ? kBinaryKey : uint8_t{0};
  plan.body_size = static_cast<uint32_t>(text.size());
  const Lease lease = write(plan);
  if (!lease) return Linked::out_of_memory;
  std::memcpy(storage_.record(lease.location()).body(), text.data(), text.size());
  Link wanted;
  wanted.key = request.key;
  wanted.hash = hash;
  wanted.record = lease.location();
  wanted.expected = &seen;
  wanted.keep = request.exptime ? Link::Keep::nothing : Link::Keep::expiry;
  wanted.new_cas = request.new_cas;
  Placed placed;
  const Linked linked = link(context, wanted, placed);
  if (linked == Linked::done) finish(out, out.number, placed.cas, placed.exptime, placed.size_class);
  return linked;
}

// There is none: it begins with request.initial.
Engine::Linked Engine::count_from_nothing(Context& context, const ArithRequest& request, uint64_t hash,
                                          ArithResult& out) {
  char digits[kMaxDecimal];
  StoreRequest adding;
  adding.key = request.key;
  adding.mode = Mode::add;
  adding.exptime = *request.vivify;
  adding.new_cas = request.new_cas;
  adding.binary_key = request.binary_key;
  const std::string_view text = format_decimal(request.initial, digits);
  Placed placed;
  const Linked linked = store_small(context, adding, hash, text, placed);
  if (linked == Linked::done) {
    finish_store(linked, placed, text.size());
    finish(out, request.initial, placed.cas, placed.exptime, placed.size_class);
    out.created = true;
  }
  return linked;
}

ArithResult Engine::arith(CacheContext& any, const ArithRequest& request) {
  auto& context = static_cast<Context&>(any);
  const uint64_t hash = index_.hash(request.key);
  for (;;) {
    ArithResult out;
    Snapshot seen;
    const Counted counted = count_in_place(context, request, hash, seen, out);
    const bool absent = counted == Counted::finished && out.outcome == Outcome::not_found;
    if (counted == Counted::finished && !(absent && request.vivify)) return out;
    Linked linked = Linked::changed;
    if (absent) {
      linked = count_from_nothing(context, request, hash, out);
    } else if (counted == Counted::longer) {
      linked = count_longer(context, request, hash, seen, out);
    } else {
      const Fields fields = {request.exptime.value_or(kNever) != kNever, needs_cas_field(request.new_cas)};
      linked = widen(context, request.key, hash, seen, fields);
    }
    if (linked == Linked::done && counted != Counted::wider) return out;
    if (linked == Linked::out_of_memory) {
      ArithResult refused;
      refused.outcome = Outcome::out_of_memory;
      refused.miss = out.miss;
      return refused;
    }
  }
}

}  // namespace martlet::cache
