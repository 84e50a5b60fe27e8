// What lookups, touches and evictions must show.
#include "tests/server/cache/model/reference.h"

#include <functional>
#include <string_view>
#include <utility>

namespace martlet::cache::model {
namespace {

template <typename Number>
Complaint differs(const char* what, Number shown, Number wanted) {
  return std::string(what) + " is " + std::to_string(shown) + ", not " + std::to_string(wanted);
}

}  // namespace

const char* name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::done:
      return "done";
    case Outcome::not_found:
      return "not_found";
    case Outcome::exists:
      return "exists";
    case Outcome::not_stored:
      return "not_stored";
    case Outcome::too_large:
      return "too_large";
    case Outcome::out_of_memory:
      return "out_of_memory";
    case Outcome::non_numeric:
      return "non_numeric";
  }
  return "?";
}

void Judge::become(Item item) {
  if (!live()) entry_.since = rules_.step;
  entry_.item = std::move(item);
  entry_.flushed = false;
}

Complaint Judge::memory(size_t value_size) const {
  if (rules_.may_refuse || value_size > rules_.surely_had) return {};
  return "out of memory for a value of " + std::to_string(value_size) + " bytes, with memory to be had";
}

Complaint Judge::give_id(Item& item, const std::optional<uint64_t>& wanted, uint64_t got) const {
  if (!rules_.cas_enabled) return got == 0 ? Complaint{} : "an id, with CAS off";
  const uint64_t own = live() ? entry_.item->own_cas : 0;
  const uint64_t old = live() ? entry_.item->cas : 0;
  item.cas = got;
  item.own_cas = wanted ? own : got;
  item.new_cas = false;
  if (wanted) return got == *wanted ? Complaint{} : differs("the new id", got, *wanted);
  if (got == old || got == 0) return "the id has not changed";
  return got > own ? Complaint{} : differs("the new id", got, own) + " and more";
}

// After an operation that gives a new id and does not tell it.
void Judge::learn_id(uint64_t id) {
  Item& item = *entry_.item;
  if (!item.new_cas || id <= item.own_cas || id == item.cas) return;
  item.cas = id;
  item.own_cas = id;
  item.new_cas = false;
}

// The key is not there any more, or never was.
Complaint Judge::missed(Miss miss) {
  const bool known = entry_.item.has_value();
  const bool was_flushed = known && entry_.flushed;
  const bool was_expired = known && expired(entry_.item->exptime, rules_.now);
  entry_.item.reset();
  switch (miss) {
    case Miss::absent:
      return {};
    case Miss::expired:
      return was_expired ? Complaint{} : "a miss that is called expired";
    case Miss::flushed:
      return was_flushed ? Complaint{} : "a miss that is called flushed";
    case Miss::none:
      break;
  }
  return "a miss that is called none";
}

Complaint Judge::compare(const Item& wanted, const ItemView& view) const {
  if (view.value_size != wanted.value->size()) return differs<size_t>("size", view.value_size, wanted.value->size());
  if (view.flags != wanted.flags) return differs("flags", view.flags, wanted.flags);
  if (view.exptime != wanted.exptime) return differs("exptime", view.exptime, wanted.exptime);
  if (view.cas != wanted.cas || wanted.new_cas) return differs("cas", view.cas, wanted.cas);
  if (view.last_access != wanted.last_access) return differs("last access", view.last_access, wanted.last_access);
  if (view.fetched != wanted.fetched) return differs<int>("fetched", view.fetched, wanted.fetched);
  if (view.stale != wanted.stale) return differs<int>("stale", view.stale, wanted.stale);
  if (view.won != wanted.won) return differs<int>("won", view.won, wanted.won);
  if (view.binary_key != wanted.binary_key) return differs<int>("binary_key", view.binary_key, wanted.binary_key);
  if (view.item_size < view.value_size) return differs("item size", view.item_size, view.value_size) + " at least";
  return {};
}

Complaint Judge::shown(const ItemView& view) const {
  // A walk shows some items one after the other as they were when it looked at all of them.
  if (!live()) return entry_.evicted_in == rules_.step ? Complaint{} : "shown, though it is gone";
  return compare(*entry_.item, view);
}

Complaint Judge::vivified(const GetOptions& options, const GetResult& answer) {
  if (answer.outcome == Outcome::out_of_memory) return memory(0);
  if (answer.outcome != Outcome::done) return std::string("a miss to be vivified is ") + name_of(answer.outcome);
  if (Complaint wrong = missed(answer.miss); !wrong.empty()) return wrong;
  if (!answer.won || answer.token_out) return "who vivifies has not won";
  if (answer.item.value_size != 0 || answer.item.value.size() != 0) return "a vivified item has a value";
  Item item;
  if (Complaint wrong = give_id(item, options.vivify_cas, answer.item.cas); !wrong.empty()) return wrong;
  item.value = bytes_of({});
  item.exptime = *options.vivify;
  item.last_access = rules_.now;
  item.won = true;
  item.fetched = !options.peek;
  item.binary_key = options.vivify_binary_key;
  become(item);
  return {};
}

Complaint Judge::get(const GetOptions& options, const GetResult& answer) {
  if (!live()) {
    if (options.vivify) return vivified(options, answer);
    if (answer.outcome != Outcome::not_found) return std::string("a get of nothing is ") + name_of(answer.outcome);
    return missed(answer.miss);
  }
  Item& item = *entry_.item;
  learn_id(answer.item.cas);
  if (answer.outcome == Outcome::out_of_memory) return memory(options.value ? item.value->size() : 0);
  if (answer.outcome != Outcome::done) return std::string("a get of a live item is ") + name_of(answer.outcome);
  if (answer.miss != Miss::none) return "a hit with the name of a miss";
  Item wanted = item;
  if (options.touch) wanted.exptime = options.exptime;
  if (Complaint wrong = compare(wanted, answer.item); !wrong.empty()) return wrong;
  if (options.value && !same(answer.item.value, *item.value)) return "wrong value";
  if (!options.value && answer.item.value.size() != 0) return "a value that was not asked for";

  const bool close = options.recache && item.exptime != kNever && item.exptime - rules_.now < *options.recache;
  const bool wins = options.leases && !item.won && (item.stale || close);
  if (answer.won != wins) return wins ? "has not won" : "has won";
  if (answer.token_out != (options.leases && item.won)) return differs<int>("token_out", answer.token_out, item.won);
  if (wins) item.won = true;
  item.exptime = wanted.exptime;
  if (!options.peek) {
    item.last_access = rules_.now;
    item.fetched = true;
  }
  return {};
}

void Judge::half_done(const GetOptions& options, bool touched) {
  if (!live()) return;
  if (!options.peek) {
    entry_.item->last_access = rules_.now;
    entry_.item->fetched = true;
  }
  if (touched && options.touch) entry_.item->exptime = options.exptime;
}

Complaint Judge::touch(RelTime exptime, Outcome answer) {
  if (!live()) {
    return answer == Outcome::not_found ? Complaint{} : std::string("a touch of nothing is ") + name_of(answer);
  }
  if (answer == Outcome::out_of_memory) return memory(entry_.item->value->size());
  if (answer != Outcome::done) return std::string("a touch of a live item is ") + name_of(answer);
  entry_.item->exptime = exptime;
  entry_.item->last_access = rules_.now;
  entry_.item->fetched = true;
  return {};
}

Complaint Judge::evicted(const Eviction& eviction, bool late) {
  if (live()) learn_id(eviction.cas);
  const bool other = !live() || (rules_.cas_enabled && entry_.item->cas != eviction.cas);
  if (other && late) {
    entry_.since = rules_.step;
    return {};
  }
  if (other) return "evicted, though it is not there";
  if (!rules_.cas_enabled && eviction.cas != 0) return "an id of the evicted, with CAS off";
  const Item& item = *entry_.item;
  if (eviction.flags != item.flags) return differs("flags of the evicted", eviction.flags, item.flags);
  if (eviction.exptime != item.exptime) return differs("exptime of the evicted", eviction.exptime, item.exptime);
  if (eviction.last_access != item.last_access) {
    return differs("last access of the evicted", eviction.last_access, item.last_access);
  }
  if (eviction.fetched != item.fetched) return differs<int>("fetched of the evicted", eviction.fetched, item.fetched);
  if (eviction.value_size != item.value->size()) {
    return differs<size_t>("size of the evicted", eviction.value_size, item.value->size());
  }
  if (eviction.value_hash && *eviction.value_hash != std::hash<std::string_view>{}(*item.value)) {
    return "wrong value of the evicted";
  }
  entry_.item.reset();
  entry_.evicted_in = rules_.step;
  return {};
}

}  // namespace martlet::cache::model
