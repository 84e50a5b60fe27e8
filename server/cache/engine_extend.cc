// append and prepend: the old value is read, both are written together, and the outcome is linked if the old value is
// still the same by then; else once more.
#include <cstring>

#include "server/cache/engine.h"

namespace martlet::cache {

std::string_view Engine::NewValue::piece_at(size_t offset) const {
  return upload != nullptr ? upload->piece_at(offset) : text.substr(offset);
}

uint32_t Engine::NewValue::size() const {
  return upload != nullptr ? upload->size() : static_cast<uint32_t>(text.size());
}

namespace {

// Calls use(piece) for all of `from`, until it returns false.
template <typename Bytes, typename Use>
bool each_piece(const Bytes& from, Use&& use) {
  for (size_t at = 0; at < from.size();) {
    const std::string_view piece = from.piece_at(at);
    if (!use(piece)) return false;
    at += piece.size();
  }
  return true;
}

}  // namespace

// done: `seen` and `value` are the item.
Outcome Engine::read_old(Context& context, const StoreRequest& request, uint64_t hash, Snapshot& seen,
                         PinnedBytes& value) {
  for (;;) {
    bool taken = false;
    {
      BucketGuard guard(index_, hash);
      const Slot slot = find_live(guard, request.key);
      if (!slot) return Outcome::not_found;
      const Record record = storage_.record(slot.location());
      if (request.compare && (request.cas == 0 || !cas_matches(record, request.cas))) return Outcome::exists;
      seen = snapshot(record, slot.location());
      if (seen.value_size > item_size_max_) return Outcome::too_large;
      taken = take_value(context, record, value);
    }
    if (taken) {
      if (seen.value_size <= kPinThreshold || finish_value(context, value)) return Outcome::done;
      return Outcome::out_of_memory;
    }
    if (!widen_spare_pin(context, seen)) return Outcome::out_of_memory;
  }
}

Engine::Linked Engine::link_joined(Context& context, const StoreRequest& request, uint64_t hash, const Snapshot& seen,
                                   const PinnedBytes& old_value, const NewValue& added, Placed& placed) {
  RecordPlan plan = plan_for(request, hash, &seen);
  plan.body_size = static_cast<uint32_t>(old_value.size()) + added.size();
  const auto both = [&](auto&& use) {
    if (request.mode == Mode::append) return each_piece(old_value, use) && each_piece(added, use);
    return each_piece(added, use) && each_piece(old_value, use);
  };
  if (!inline_value(plan)) {
    const auto joined = LargeUpload::begin(storage_, reclaimer_, quotas_, hash, plan.body_size);
    if (joined == nullptr || !both([&](std::string_view piece) { return joined->append(piece); })) {
      return Linked::out_of_memory;
    }
    return link_upload(context, request, *joined, &seen, placed);
  }
  const Lease lease = write(plan);
  if (!lease) return Linked::out_of_memory;
  char* to = storage_.record(lease.location()).body();
  both([&to](std::string_view piece) {
    std::memcpy(to, piece.data(), piece.size());
    to += piece.size();
    return true;
  });
  Link wanted = link_for(request, hash, &seen);
  wanted.record = lease.location();
  return link(context, wanted, placed);
}

StoreResult Engine::extend(Context& context, const StoreRequest& request, uint64_t hash, const NewValue& added) {
  for (;;) {
    StoreResult out;
    Snapshot seen;
    PinnedBytes old_value;
    Placed placed;
    out.outcome = read_old(context, request, hash, seen, old_value);
    if (out.outcome == Outcome::not_found) {
      out.outcome = Outcome::not_stored;
      if (!request.vivify) return out;
      StoreRequest adding = request;
      adding.mode = Mode::add;
      adding.exptime = *request.vivify;
      const Linked linked = store_new(context, adding, hash, added, placed);
      if (linked == Linked::not_stored) continue;  // somebody was faster: there is something to extend
      out = finish_store(linked, placed, added.size());
      out.created = linked == Linked::done;
      return out;
    }
    if (out.outcome != Outcome::done) return out;
    const uint64_t total = old_value.size() + uint64_t{added.size()};
    if (total > item_size_max_ || admit(request.key, static_cast<uint32_t>(total)) != Outcome::done) {
      out.outcome = Outcome::too_large;
      return out;
    }
    const Linked linked = link_joined(context, request, hash, seen, old_value, added, placed);
    if (linked != Linked::changed && linked != Linked::flushed) return finish_store(linked, placed, total);
  }
}

}  // namespace martlet::cache
