#include "tests/server/cache/model/operations.h"

#include <algorithm>

#include "tests/server/cache/model/values.h"

namespace martlet::cache::model {

// Half of the time one of a twentieth of the keys.
uint32_t Operations::key() {
  const uint64_t busy = std::max<uint64_t>(mix_.keys / 20, 1);
  return static_cast<uint32_t>(one_in(2) ? draw(busy) : draw(mix_.keys));
}

RelTime Operations::exptime(RelTime now) {
  const uint64_t dice = draw(20);
  if (dice < 11) return kNever;
  if (dice < 12) return kAlreadyExpired;
  if (dice < 13) return now;
  if (dice < 18) return now + 1 + static_cast<RelTime>(draw(8));
  return now + static_cast<RelTime>(draw(100'000));
}

// The item's id, or one close to it, or any other; never 0.
uint64_t Operations::some_id(const Item* item) {
  if (item == nullptr || one_in(8)) return 1 + draw(1'000'000);
  if (one_in(3)) return std::max<uint64_t>(item->cas + draw(3) - 1, 1);
  return std::max<uint64_t>(item->cas, 1);
}

std::optional<uint64_t> Operations::new_id(const Item* item) {
  if (!mix_.ids || !one_in(12)) return std::nullopt;
  if (item != nullptr && one_in(3)) return item->cas + 1;
  return 1 + draw(one_in(2) ? 1ULL << 39 : 1ULL << 62);
}

uint32_t Operations::large_size() {
  const uint32_t most = one_in(8) ? mix_.longest : std::min<uint32_t>(mix_.longest, 8 * kPinThreshold);
  return static_cast<uint32_t>(draw(most + uint64_t{1}));
}

std::string Operations::value() {
  const uint64_t dice = draw(1000);
  if (dice < 150) return std::to_string(random_() >> draw(64));
  if (dice < 170) return {};
  if (dice < 172) return std::string(draw(6), ' ') + "+00" + std::to_string(draw(1000)) + " and more";
  size_t size = draw(mix_.usual);
  if (dice > 960) size = draw(std::min<uint64_t>(mix_.longest, 5000));
  if (dice > 990) size = draw(std::min<uint64_t>(mix_.longest, 2 * kPinThreshold));
  if (dice > 998 && one_in(4)) size = large_size();
  return make_text(random_(), size);
}

GetOptions Operations::get(RelTime now) {
  GetOptions out;
  out.touch = one_in(8);
  if (out.touch) out.exptime = exptime(now);
  out.peek = one_in(8);
  out.value = !one_in(8);
  out.leases = one_in(3);
  if (out.leases && one_in(3)) {
    out.vivify = exptime(now);
    out.vivify_cas = new_id(nullptr);
    out.vivify_binary_key = one_in(3);
  }
  // Together with a touch it is open which of the two expiries counts.
  if (out.leases && !out.touch && one_in(3)) out.recache = static_cast<RelTime>(draw(12));
  return out;
}

StoreRequest Operations::store(const Item* item, RelTime now) {
  StoreRequest out;
  const uint64_t dice = draw(20);
  out.mode = dice < 9    ? Mode::set
             : dice < 11 ? Mode::add
             : dice < 13 ? Mode::replace
             : dice < 15 ? Mode::append
             : dice < 16 ? Mode::prepend
                         : Mode::cas;
  if (one_in(3)) out.flags = static_cast<uint32_t>(random_());
  out.exptime = exptime(now);
  out.cas = out.mode == Mode::cas && one_in(30) ? 0 : some_id(item);
  out.compare = one_in(4);
  out.invalidate = out.mode == Mode::cas && out.cas != 0 && one_in(3);
  if (out.invalidate && item != nullptr && one_in(2)) out.cas = std::max<uint64_t>(item->cas - draw(5), 1);
  out.new_cas = new_id(item);
  const bool extends = out.mode == Mode::append || out.mode == Mode::prepend;
  if (extends && one_in(4)) out.vivify = exptime(now);
  out.binary_key = one_in(4);
  return out;
}

RemoveRequest Operations::remove(const Item* item, RelTime now) {
  RemoveRequest out;
  if (one_in(3)) out.cas = some_id(item);
  out.invalidate = one_in(2);
  out.clear_value = one_in(4);
  if (out.invalidate || out.clear_value) {
    if (one_in(2)) out.exptime = exptime(now);
    if (one_in(2)) out.flags = static_cast<uint32_t>(random_());
    out.new_cas = new_id(item);
  }
  return out;
}

ArithRequest Operations::arith(const Item* item, RelTime now) {
  ArithRequest out;
  out.delta = random_() >> draw(64);
  out.negative = one_in(2);
  if (one_in(6)) out.cas = some_id(item);
  out.new_cas = new_id(item);
  if (one_in(6)) out.exptime = exptime(now);
  if (one_in(3)) out.vivify = exptime(now);
  out.initial = random_() >> draw(64);
  out.binary_key = one_in(4);
  return out;
}

Request Operations::request(const Item* item, RelTime now) {
  const uint64_t dice = draw(1000);
  if (dice < 420) return get(now);
  if (dice < 780) return store(item, now);
  if (dice < 850) return remove(item, now);
  if (dice < 890) return TouchRequest{exptime(now)};
  if (dice < 970) return arith(item, now);
  if (dice < 972) return Errand::begin_upload;
  if (dice < 984) return Errand::advance_upload;
  if (dice < 985) return Errand::abandon_upload;
  if (dice < 992) return Errand::publish_upload;
  if (dice < 996) return Errand::look_at_pins;
  return Errand::walk;
}

}  // namespace martlet::cache::model
