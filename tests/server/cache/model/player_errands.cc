// What a player does besides single verbs: values that arrive in pieces, values that are held for long, walks.
#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "tests/server/cache/model/player.h"

namespace martlet::cache::model {
namespace {

constexpr uint64_t kSmallUpload = 64;  // of the limit: fewer pieces than an upload may hold segments
constexpr size_t kWalkedAtOnce = 40;
constexpr size_t kWalkSlack = 500;  // a call shows whole buckets

}  // namespace

void Player::perform(Errand errand) {
  note(Outcome::done, 0);
  switch (errand) {
    case Errand::begin_upload:
      if (uploads_.size() < mix_.uploads) begin_upload();
      return;
    case Errand::advance_upload:
      if (!uploads_.empty()) advance_upload(uploads_[operations_.draw(uploads_.size())], false);
      return;
    case Errand::abandon_upload:
      if (!uploads_.empty()) uploads_.pop_front();
      return;
    case Errand::publish_upload:
      if (uploads_.empty()) return;
      std::swap(uploads_.front(), uploads_[operations_.draw(uploads_.size())]);
      advance_upload(uploads_.front(), true);
      if (!failed() && uploads_.front().upload != nullptr) publish_upload(uploads_.front());
      uploads_.pop_front();
      return;
    case Errand::look_at_pins:
      return look_at_pins();
    case Errand::walk:
      return walk();
  }
}

void Player::begin_upload() {
  Arriving arriving;
  arriving.key = key_;
  arriving.value = bytes_of(make_text(operations_.draw(UINT64_MAX), operations_.large_size()));
  const auto size = static_cast<uint32_t>(arriving.value->size());
  if (place_.cache.admit(key(), size) != Outcome::done) {
    if (size <= rules_.surely_fits) wrong("a value that fits is not admitted");
    return;
  }
  if (size > rules_.item_size_max) return wrong("a value that is too large is admitted");
  arriving.upload = place_.cache.begin_upload(*context_, key(), size);
  if (arriving.upload != nullptr) {
    uploads_.push_back(std::move(arriving));
  } else if (!rules_.may_refuse && size <= rules_.surely_had) {
    wrong("no upload, with memory to be had");
  }
}

// Writes some of what is missing, or all. Without memory the upload is given up.
void Player::advance_upload(Arriving& arriving, bool completely) {
  if (arriving.upload == nullptr) return;
  size_t steps = completely ? SIZE_MAX : 1 + operations_.draw(4);
  while (arriving.done < arriving.value->size() && steps-- > 0) {
    if (arriving.upload->remaining() != arriving.value->size() - arriving.done) return wrong("wrong rest of an upload");
    const std::span<char> space = arriving.upload->space(*context_);
    if (space.empty()) {
      // What a slow upload holds is counted in whole segments, in which its pieces lie beside those of others.
      const bool only = pins_.empty() && uploads_.size() == 1 && place_.alone && place_.settings.evict;
      const bool small = arriving.value->size() <= place_.lowest_limit / kSmallUpload;
      if (only && small) wrong("no memory for the only upload");
      arriving.upload.reset();
      break;
    }
    const size_t most = std::min(space.size(), arriving.value->size() - arriving.done);
    const size_t size = completely ? most : 1 + operations_.draw(most);
    arriving.value->copy(space.data(), size, arriving.done);
    arriving.upload->advance(size);
    arriving.done += size;
  }
  if (!failed()) settle_evictions();
}

void Player::publish_upload(Arriving& arriving) {
  key_ = arriving.key;
  const Bytes value = arriving.value;
  if (arriving.upload->remaining() != 0) return wrong("a rest of an upload that is complete");
  StoreRequest request = operations_.store(present(), rules_.now);
  request_ = request;
  request.key = key();
  const StoreResult answer = place_.cache.publish(*context_, request, std::move(arriving.upload));
  note(answer.outcome, value->size());
  settle([&](Judge& judge) { return judge.store(request, value, answer); });
}

void Player::hold(PinnedBytes bytes) {
  const Bytes wanted = entries_[key_].item->value;
  if (bytes.size() == wanted->size()) pins_.push_back({std::move(bytes), wanted});
}

void Player::look_at_pins() {
  for (const Pin& pin : pins_) {
    if (!same(pin.bytes, *pin.wanted)) return wrong("a held value has changed");
  }
  if (!pins_.empty()) pins_.pop_front();
}

bool Player::let_go() {
  uploads_.clear();
  while (!failed() && !pins_.empty()) look_at_pins();
  pins_.clear();
  return !failed();
}

void Player::walk() {
  if (walk_.cursor.done) {
    walk_ = {};
    walk_.began = step_;
  }
  size_t shown = 0;
  place_.cache.walk(*context_, walk_.cursor, kWalkedAtOnce, [&](std::string_view name, const ItemView& view) {
    ++shown;
    if (!failed()) visit(name, view);
  });
  if (failed()) return;
  if (shown > kWalkedAtOnce + kWalkSlack) return wrong("a walk in steps that are too large");
  if (walk_.cursor.done) end_walk();
}

void Player::visit(std::string_view name, const ItemView& view) {
  if (name.empty() || name[0] != Evictions::first_byte(place_.owner)) {
    if (place_.alone) wrong("a walk shows a key that never was");
    return;
  }
  const auto found = numbers_.find(name);
  if (found == numbers_.end()) return wrong("a walk shows a key that never was");
  key_ = found->second;
  ++walk_.shown[key_];
  settle([&](Judge& judge) { return judge.shown(view); });
}

// What was there all the time has been shown once.
void Player::end_walk() {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  for (uint32_t number = 0; number < mix_.keys && !failed(); ++number) {
    for (;;) {
      const Entry& entry = entries_[number];
      const auto found = walk_.shown.find(number);
      const uint32_t times = found == walk_.shown.end() ? 0 : found->second;
      key_ = number;
      if (times == 1 || present() == nullptr || entry.since >= walk_.began) break;
      if (place_.alone || std::chrono::steady_clock::now() > until) {
        return wrong("a walk shows an item " + std::to_string(times) + " times");
      }
      std::this_thread::yield();
      settle_evictions();
      if (failed()) return;
    }
  }
}

}  // namespace martlet::cache::model
