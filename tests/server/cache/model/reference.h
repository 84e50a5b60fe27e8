// The reference: what a cache must answer, one key at a time, in the plainest code that says it.
//
// A Judge is shown a request together with the answer that the cache gave. It says what is wrong with the answer, or
// makes the change that the request makes. What the reference cannot know it takes from the answer and checks against
// what is promised: ids of a present item grow; a lost item may be reported as expired, flushed or absent; memory may
// be short where Rules says so. Everything else has to be exact, last access and the hit mark included.
//
// An Entry is cheap to copy, so that a caller can try in which order an eviction and an operation took place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/cache/cache.h"
#include "tests/server/cache/model/values.h"

namespace martlet::cache::model {

struct Item {
  Bytes value;
  uint32_t flags = 0;
  RelTime exptime = kNever;
  uint64_t cas = 0;
  uint64_t own_cas = 0;  // the last id that the cache gave, while clients may have chosen others
  bool new_cas = false;  // the cache has given an id that nobody has seen yet
  RelTime last_access = 0;
  bool fetched = false;
  bool stale = false;
  bool won = false;
  bool binary_key = false;
};

// One key. An item that is expired or flushed stays here until the cache was asked for it.
struct Entry {
  std::optional<Item> item;
  bool flushed = false;
  uint64_t since = 0;       // step in which the key became present
  uint64_t evicted_in = 0;  // the last step in which it was evicted
};

// What holds for all keys at the moment.
struct Rules {
  bool cas_enabled = true;
  uint32_t item_size_max = 1U << 20;  // values above it are refused
  uint32_t surely_fits = 1U << 20;    // values up to it are not
  bool may_refuse = false;            // out_of_memory is an answer always,
  size_t surely_had = SIZE_MAX;       // and otherwise for larger values only
  RelTime now = 0;
  uint64_t step = 0;
};

// An item that was evicted, as the hook showed it.
struct Eviction {
  std::string key;
  uint64_t cas = 0;
  uint32_t flags = 0;
  RelTime exptime = kNever;
  RelTime last_access = 0;
  bool fetched = false;
  uint32_t value_size = 0;
  std::optional<size_t> value_hash;  // std::hash, when the hook had the value
};

// What is wrong; empty: nothing.
using Complaint = std::string;

class Judge {
 public:
  Judge(const Rules& rules, Entry& entry) : rules_(rules), entry_(entry) {}

  Complaint get(const GetOptions& options, const GetResult& answer);
  Complaint touch(RelTime exptime, Outcome answer);
  Complaint store(const StoreRequest& request, const Bytes& value, const StoreResult& answer);
  Complaint remove(const RemoveRequest& request, const RemoveResult& answer);
  Complaint arith(const ArithRequest& request, const ArithResult& answer);

  // The item was evicted; `late`: perhaps before it was replaced by the one that the reference knows.
  Complaint evicted(const Eviction& eviction, bool late);
  // The item was shown without being asked for.
  Complaint shown(const ItemView& view) const;
  // A get was refused for want of memory half way: it may have counted as an access, and have set the expiry.
  void half_done(const GetOptions& options, bool touched);

  Entry& entry() { return entry_; }
  bool live() const { return entry_.item.has_value() && !entry_.flushed && !expired(entry_.item->exptime, rules_.now); }

 private:
  Complaint vivified(const GetOptions& options, const GetResult& answer);
  Complaint missed(Miss miss);
  Complaint compare(const Item& wanted, const ItemView& view) const;
  // Gives the item, which takes the present one's place, the id `got`.
  Complaint give_id(Item& item, const std::optional<uint64_t>& wanted, uint64_t got) const;
  Complaint memory(size_t value_size) const;
  void learn_id(uint64_t id);
  bool matches(uint64_t id) const { return rules_.cas_enabled && id != 0 && entry_.item->cas == id; }
  void become(Item item);

  Complaint stored(const StoreRequest& request, const Bytes& value, const StoreResult& answer, bool invalidates);
  Complaint extended(const StoreRequest& request, const Bytes& value, const StoreResult& answer);

  const Rules& rules_;
  Entry& entry_;
};

const char* name_of(Outcome outcome);

// The number at the beginning of a value, as strtoull sees it, if a blank or the end follows.
std::optional<uint64_t> number_in(const std::string& value);

}  // namespace martlet::cache::model
