// incr and decr: in place where the result fits, padded with spaces as memcached does, else as a new record.
#include <cstring>

#include "server/cache/decimal.h"
#include "server/cache/engine.h"

namespace martlet::cache {
namespace {

uint64_t apply(uint64_t number, const ArithRequest& request) {
  if (!request.negative) return number + request.delta;
  return number > request.delta ? number - request.delta : 0;
}

ArithResult counted(Outcome outcome, uint64_t number) {
  ArithResult out;
  out.outcome = outcome;
  out.number = number;
  return out;
}

}  // namespace

// not_stored: the result is longer than the value, which `longer` then describes.
ArithResult Engine::count_in_place(Context& context, const ArithRequest& request, uint64_t hash, Snapshot& longer) {
  BucketGuard guard(index_, hash);
  const Slot slot = find_live(guard, request.key);
  if (!slot) return counted(Outcome::not_found, 0);
  Record record = storage_.record(slot.location());
  if (record.kind() != RecordKind::item) return counted(Outcome::non_numeric, 0);
  const auto old = parse_decimal(record.value());
  if (!old) return counted(Outcome::non_numeric, 0);
  const uint64_t number = apply(*old, request);
  char digits[kMaxDecimal];
  const std::string_view text = format_decimal(number, digits);
  if (text.size() > record.body_size()) {
    longer = snapshot(record, slot.location());
    return counted(Outcome::not_stored, number);
  }
  std::memcpy(record.body(), text.data(), text.size());
  std::memset(record.body() + text.size(), ' ', record.body_size() - text.size());
  record.set_cas(next_cas(context, record.cas()));
  return counted(Outcome::done, number);
}

ArithResult Engine::arith(CacheContext& any, const ArithRequest& request) {
  auto& context = static_cast<Context&>(any);
  const uint64_t hash = index_.hash(request.key);
  for (;;) {
    Snapshot seen;
    const ArithResult result = count_in_place(context, request, hash, seen);
    if (result.outcome != Outcome::not_stored) return result;
    char digits[kMaxDecimal];
    const std::string_view text = format_decimal(result.number, digits);
    RecordPlan plan;
    plan.key = request.key;
    plan.hash = hash;
    plan.flags = seen.flags;
    plan.exptime = seen.exptime;
    plan.exptime_field = seen.exptime_field;
    plan.body_size = static_cast<uint32_t>(text.size());
    const Lease lease = reclaimer_.reserve(Log::items, plan.size());
    if (!lease) return counted(Outcome::out_of_memory, 0);
    std::memcpy(Record::write(arena_->at(lease.location()), plan, clock_.now()).body(), text.data(), text.size());
    Link wanted;
    wanted.key = request.key;
    wanted.hash = hash;
    wanted.record = lease.location();
    wanted.expected = &seen;
    uint64_t cas = 0;
    const Linked linked = link(context, wanted, cas);
    if (linked == Linked::done) return counted(Outcome::done, result.number);
    if (linked == Linked::out_of_memory) return counted(Outcome::out_of_memory, 0);
  }
}

}  // namespace martlet::cache
