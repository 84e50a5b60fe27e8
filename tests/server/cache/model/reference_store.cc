// What stores, removals and counting must do.
#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "tests/server/cache/model/reference.h"

namespace martlet::cache::model {
namespace {

constexpr size_t kSurelyCounted = 1024;  // longer values may be kept in a form that is not counted in

Complaint unexpected(const char* what, Outcome outcome) { return std::string(what) + " is " + name_of(outcome); }

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

std::optional<uint64_t> number_in(const std::string& value) {
  size_t at = 0;
  while (at < value.size() && is_blank(value[at])) ++at;
  if (at < value.size() && value[at] == '+') ++at;
  size_t end = at;
  uint64_t number = 0;
  for (; end < value.size() && value[end] >= '0' && value[end] <= '9'; ++end) {
    const auto digit = static_cast<uint64_t>(value[end] - '0');
    if (number > (UINT64_MAX - digit) / 10) return std::nullopt;
    number = number * 10 + digit;
  }
  if (end == at || (end < value.size() && !is_blank(value[end]))) return std::nullopt;
  return number;
}

// The answer to a store that has to be done, unless memory is short or the value too large.
Complaint Judge::stored(const StoreRequest& request, const Bytes& value, const StoreResult& answer, bool invalidates) {
  if (answer.outcome == Outcome::out_of_memory) return memory(value->size());
  if (answer.outcome == Outcome::too_large) {
    return value->size() > rules_.surely_fits ? Complaint{} : "too large, though it fits";
  }
  if (answer.outcome != Outcome::done) return unexpected("a store that holds", answer.outcome);
  if (value->size() > rules_.item_size_max) return "stored, though it is too large";
  if (answer.value_size != value->size()) return "wrong size of what was stored";
  Item item;
  if (Complaint wrong = give_id(item, request.new_cas, answer.cas); !wrong.empty()) return wrong;
  item.value = value;
  item.flags = request.flags;
  item.exptime = request.exptime;
  item.last_access = rules_.now;
  item.binary_key = request.binary_key;
  if (invalidates) {
    item.stale = true;
    item.exptime = entry_.item->exptime;
    item.won = entry_.item->won;
  }
  become(std::move(item));
  return {};
}

Complaint Judge::extended(const StoreRequest& request, const Bytes& value, const StoreResult& answer) {
  if (request.compare && !matches(request.cas)) {
    // A value that is too large by itself is found out first.
    if (answer.outcome == Outcome::too_large && value->size() > rules_.surely_fits) return {};
    return answer.outcome == Outcome::exists ? Complaint{} : unexpected("an extension of another id", answer.outcome);
  }
  if (answer.created) return "an extension that created";
  const std::string& old = *entry_.item->value;
  const bool append = request.mode == Mode::append;
  StoreRequest whole = request;
  whole.flags = entry_.item->flags;
  whole.exptime = entry_.item->exptime;
  whole.binary_key = request.binary_key || entry_.item->binary_key;
  return stored(whole, bytes_of(append ? old + *value : *value + old), answer, false);
}

Complaint Judge::store(const StoreRequest& request, const Bytes& value, const StoreResult& answer) {
  const bool there = live();
  const bool extends = request.mode == Mode::append || request.mode == Mode::prepend;
  if (!there) {
    const bool holds = request.mode == Mode::set || request.mode == Mode::add || (extends && request.vivify);
    if (!holds) {
      const Outcome wanted = request.mode == Mode::cas ? Outcome::not_found : Outcome::not_stored;
      const bool refused = answer.outcome == Outcome::too_large && value->size() > rules_.surely_fits;
      return refused || answer.outcome == wanted ? Complaint{} : unexpected("a store over nothing", answer.outcome);
    }
    if (answer.created != (extends && answer.outcome == Outcome::done)) return "wrong mark of what is created";
    StoreRequest whole = request;
    if (extends) whole.exptime = *request.vivify;
    return stored(whole, value, answer, false);
  }
  if (extends) return extended(request, value, answer);
  if (answer.created) return "a store that created";
  if (answer.outcome == Outcome::too_large) return stored(request, value, answer, false);
  if (request.mode == Mode::add) {
    return answer.outcome == Outcome::not_stored ? Complaint{} : unexpected("an add over an item", answer.outcome);
  }
  if (request.mode != Mode::cas || matches(request.cas)) return stored(request, value, answer, false);
  if (request.invalidate && rules_.cas_enabled && entry_.item->cas > request.cas) {
    return stored(request, value, answer, true);
  }
  return answer.outcome == Outcome::exists ? Complaint{} : unexpected("a cas of another id", answer.outcome);
}

Complaint Judge::remove(const RemoveRequest& request, const RemoveResult& answer) {
  if (!live()) {
    if (answer.outcome != Outcome::not_found) return unexpected("a removal of nothing", answer.outcome);
    return missed(answer.miss);
  }
  if (request.cas && !matches(*request.cas)) {
    return answer.outcome == Outcome::exists ? Complaint{} : unexpected("a removal of another id", answer.outcome);
  }
  if (answer.outcome == Outcome::out_of_memory) {
    const bool may_grow = request.clear_value || (request.invalidate && (request.exptime || request.new_cas));
    return may_grow ? memory(0) : "out of memory for a removal";
  }
  if (answer.outcome != Outcome::done) return unexpected("a removal", answer.outcome);
  if (!request.invalidate && !request.clear_value) {
    entry_.item.reset();
    return {};
  }
  // The id that a marked item gets is not part of the answer: whoever asks next is told.
  Item& item = *entry_.item;
  if (request.clear_value) {
    item.value = bytes_of({});
    item.flags = request.flags;
    item.exptime = request.exptime.value_or(kNever);
    item.last_access = rules_.now;
    item.fetched = false;
    item.stale = false;
    item.won = false;
  }
  if (request.invalidate) {
    item.stale = true;
    item.won = false;
    if (request.exptime) item.exptime = *request.exptime;
  }
  if (request.new_cas && rules_.cas_enabled) {
    item.cas = *request.new_cas;
  } else if (request.invalidate && rules_.cas_enabled) {
    item.new_cas = true;
  }
  return {};
}

Complaint Judge::arith(const ArithRequest& request, const ArithResult& answer) {
  const std::string first = std::to_string(request.initial);
  if (!live()) {
    if (!request.vivify) {
      if (answer.outcome != Outcome::not_found) return unexpected("counting nothing", answer.outcome);
      return missed(answer.miss);
    }
    if (answer.outcome == Outcome::out_of_memory) return memory(first.size());
    if (answer.outcome != Outcome::done || !answer.created)
      return unexpected("counting to be vivified", answer.outcome);
    if (answer.number != request.initial || answer.exptime != *request.vivify) return "vivified another number";
    Item item;
    if (Complaint wrong = give_id(item, request.new_cas, answer.cas); !wrong.empty()) return wrong;
    item.value = bytes_of(first);
    item.exptime = *request.vivify;
    item.last_access = rules_.now;
    item.binary_key = request.binary_key;
    become(std::move(item));
    return {};
  }
  Item& item = *entry_.item;
  const auto old = number_in(*item.value);
  const bool same_id = !request.cas || matches(*request.cas);
  if (answer.outcome == Outcome::exists && !same_id) return {};
  if (answer.outcome == Outcome::non_numeric && (!old || item.value->size() > kSurelyCounted)) return {};
  if (answer.outcome == Outcome::out_of_memory && same_id && old) return memory(item.value->size());
  if (answer.outcome != Outcome::done || !same_id || !old) return unexpected("counting", answer.outcome);
  if (answer.created || answer.miss != Miss::none) return "counting that created";
  const uint64_t lower = *old > request.delta ? *old - request.delta : 0;
  const uint64_t number = request.negative ? lower : *old + request.delta;
  if (answer.number != number) return "counted " + std::to_string(answer.number) + ", not " + std::to_string(number);
  if (Complaint wrong = give_id(item, request.new_cas, answer.cas); !wrong.empty()) return wrong;
  std::string text = std::to_string(number);
  if (text.size() > item.value->size()) {
    // A number that outgrows its item is a new item, as memcached has it.
    item.last_access = rules_.now;
    item.fetched = false;
    item.stale = false;
    item.won = false;
  } else {
    text.resize(item.value->size(), ' ');
  }
  item.value = bytes_of(std::move(text));
  if (request.exptime) item.exptime = *request.exptime;
  if (answer.exptime != item.exptime) return "another expiry than the item's";
  return {};
}

}  // namespace martlet::cache::model
