// What the cache is asked and what it answers: plain data, one pair for each verb of cache.h.
//
// The vocabulary is the meta protocol's, the widest of the dialects; the others use a part of it. Where a request has
// no opinion its fields keep their defaults. "Lease" is the life of a value that has to be computed anew: a miss that
// vivifies, an item close to its end or a stale one makes exactly one client the winner, and the others are told that
// the token is out, until any store replaces the item.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "server/base/rel_time.h"
#include "server/cache/item_view.h"

namespace martlet::cache {

enum class Mode : uint8_t { set, add, replace, append, prepend, cas };

enum class Outcome : uint8_t {
  done,           // hit, stored, removed, touched, counted
  not_found,      // no such key
  exists,         // the CAS id differs
  not_stored,     // add on a present key; replace, append, prepend on an absent one
  too_large,      // past item_size_max
  out_of_memory,  // nothing could be evicted (or evictions are off), or a quota is spent
  non_numeric,    // arith on something that is no number
};

// Why a lookup found nothing, or what kind of miss it was: for the counters.
enum class Miss : uint8_t { none, absent, expired, flushed };

struct GetOptions {
  bool touch = false;        // set the expiry as well (gat, mg T)
  RelTime exptime = kNever;  // with touch
  bool peek = false;         // leaves last access and the hit mark as they are (mg u, me)
  bool value = true;         // false: the view comes without the value's bytes
  bool leases = false;       // mg: stale items and recache make winners; others never touch a token

  // A miss stores an empty item with this expiry, and the caller has won (mg N).
  std::optional<RelTime> vivify{};
  std::optional<uint64_t> vivify_cas{};  // the id of that item (mg E)
  bool vivify_binary_key = false;        // StoreRequest::binary_key of that item

  // The first to find fewer seconds left than this (a duration) wins (mg R). Items that never expire have no end.
  std::optional<RelTime> recache{};
};

struct GetResult {
  Outcome outcome = Outcome::not_found;  // done, not_found, out_of_memory
  Miss miss = Miss::none;                // also set when the miss was vivified: the outcome is done then
  bool won = false;                      // leases: this client is to compute the value anew (W)
  bool token_out = false;                // leases: another has won before (Z)
  ItemView item;                         // as it was before this command, but for a new expiry
};

struct StoreRequest {
  std::string_view key;
  Mode mode = Mode::set;
  uint32_t flags = 0;
  RelTime exptime = kNever;

  // The id the item must have. Mode cas: not_found when there is none; 0 never matches. Modes append and prepend:
  // looked at when `compare` is set. Not looked at by the others.
  uint64_t cas = 0;
  bool compare = false;

  // Mode cas: an item whose id is above `cas` is replaced all the same, by a value that is stale from the start and
  // keeps the present item's expiry and token (ms I). One whose id is below is left: exists.
  bool invalidate = false;

  std::optional<uint64_t> new_cas{};  // the id the item gets, instead of the next one (E)
  std::optional<RelTime> vivify{};    // append, prepend: a miss stores the value, with this expiry and `flags` (ms N)
  bool binary_key = false;            // the client spelled the key in base64: kept as a mark for listings
};

struct StoreResult {
  Outcome outcome = Outcome::not_stored;
  uint64_t cas = 0;         // done: the item's new id (0 with CAS off)
  uint32_t value_size = 0;  // done: of the whole item, as it is now
  uint8_t size_class = 0;   // of the item stored, or of the one that was in the way (exists); 0: of none
  bool created = false;     // append, prepend: vivified
};

struct RemoveRequest {
  std::string_view key;
  std::optional<uint64_t> cas{};  // the id the item must have, else exists

  // Instead of removing: the item stays and is stale, its token free, its id new (md I); with `exptime`, that is its
  // expiry.
  bool invalidate = false;
  // Instead of removing: an empty value takes its place, with `flags` and `exptime` (none: never); the id stays unless
  // new_cas says otherwise or the item is invalidated as well (md x).
  bool clear_value = false;
  std::optional<RelTime> exptime{};
  uint32_t flags = 0;
  std::optional<uint64_t> new_cas{};
};

struct RemoveResult {
  // done, not_found, exists; out_of_memory with clear_value, and with invalidate when the item has to be copied since
  // it has no room for the expiry or the id it is given.
  Outcome outcome = Outcome::not_found;
  Miss miss = Miss::none;
  uint8_t size_class = 0;  // done: of the item that was met
};

struct ArithRequest {
  std::string_view key;
  uint64_t delta = 0;
  bool negative = false;  // decrements stop at 0, increments wrap modulo 2^64

  std::optional<uint64_t> cas{};      // the id the item must have, else exists
  std::optional<uint64_t> new_cas{};  // the id it gets, instead of the next one
  std::optional<RelTime> exptime{};   // its expiry from here on (ma T)
  std::optional<RelTime> vivify{};    // a miss stores `initial` with this expiry; delta is not applied
  uint64_t initial = 0;
  bool binary_key = false;  // StoreRequest::binary_key of that item
};

struct ArithResult {
  Outcome outcome = Outcome::not_found;  // done, not_found, exists, non_numeric, out_of_memory
  Miss miss = Miss::none;
  uint64_t number = 0;
  uint64_t cas = 0;          // done: the item's new id
  RelTime exptime = kNever;  // done
  bool created = false;      // vivified
  uint8_t size_class = 0;    // done
};

// Where a walk stands.
struct WalkCursor {
  uint64_t at = 0;
  bool done = false;
};

using WalkVisit = std::function<void(std::string_view key, const ItemView& item)>;

// One size class: its gauges, and what happened to its items. Counters only grow.
struct ClassFigures {
  uint32_t item_size = 0;  // largest item of the class, bytes, all of it counted
  uint64_t items = 0;
  uint64_t bytes = 0;              // of those items
  uint64_t evicted = 0;
  uint64_t evicted_nonzero = 0;  // that had an expiry
  RelTime evicted_age = 0;       // seconds since the last access of the item evicted last
  uint64_t evicted_unfetched = 0;
  uint64_t evicted_active = 0;
  uint64_t expired_unfetched = 0;
  uint64_t reclaimed = 0;          // expired items whose memory was taken back
  uint64_t crawler_reclaimed = 0;  // of these, by background work
  uint64_t crawler_checked = 0;    // items background work has looked at
  uint64_t out_of_memory = 0;      // stores refused
  uint64_t moved = 0;              // items copied by cleaning or as survivors
};

}  // namespace martlet::cache
