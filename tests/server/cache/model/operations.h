// Operations: one random operation after the other, biased towards what is likely to go wrong: present keys, ids that
// match, expiries that are near.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <variant>

#include "server/cache/cache.h"
#include "tests/server/cache/model/reference.h"

namespace martlet::cache::model {

// What is drawn from.
struct Mix {
  uint32_t keys = 2000;         // of one player
  uint32_t longest = 1U << 20;  // bytes of value, the rarest
  uint32_t usual = 300;         // most values are shorter
  bool ids = true;              // explicit ids too
  uint32_t uploads = 3;         // under way at once
  uint32_t pins = 3;            // values held while other things happen
};

struct TouchRequest {
  RelTime exptime = kNever;
};

// Things a player does that are not one verb on one key.
enum class Errand : uint8_t { begin_upload, advance_upload, abandon_upload, publish_upload, look_at_pins, walk };

using Request = std::variant<GetOptions, StoreRequest, RemoveRequest, TouchRequest, ArithRequest, Errand>;

// For the log. Keys are left out.
std::string describe(const Request& request);

class Operations {
 public:
  Operations(const Mix& mix, uint64_t seed) : mix_(mix), random_(seed) {}

  uint32_t key();
  // `item`: what the key has at the moment, or null.
  Request request(const Item* item, RelTime now);
  StoreRequest store(const Item* item, RelTime now);
  std::string value();
  uint32_t large_size();
  uint64_t draw(uint64_t below) { return random_() % below; }
  bool one_in(uint64_t n) { return draw(n) == 0; }

 private:
  GetOptions get(RelTime now);
  RemoveRequest remove(const Item* item, RelTime now);
  ArithRequest arith(const Item* item, RelTime now);
  RelTime exptime(RelTime now);
  uint64_t some_id(const Item* item);
  std::optional<uint64_t> new_id(const Item* item);

  const Mix mix_;
  std::mt19937_64 random_;
};

}  // namespace martlet::cache::model
