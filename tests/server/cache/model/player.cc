#include "tests/server/cache/model/player.h"

#include <algorithm>
#include <sstream>
#include <utility>

namespace martlet::cache::model {
namespace {

constexpr size_t kLogged = 4096;   // operations remembered
constexpr size_t kLastShown = 25;  // of all keys, when something is wrong
constexpr size_t kLongestKey = 250;
constexpr uint64_t kSmallPart = 1024;  // of the limit: much smaller than a segment
constexpr uint64_t kFull = 70;         // percent of the limit

// Keys of all lengths, of any bytes; the first says whose it is.
std::string name_of_key(size_t owner, uint32_t number) {
  std::string out(1, Evictions::first_byte(owner));
  out += std::to_string(number);
  if (number % 16 == 3) out.append(kLongestKey - out.size(), '.');
  if (number % 16 == 7) out += std::string("\0 \r\n\xff", 5);
  return out;
}

}  // namespace

Player::Player(const Place& place, const Mix& mix, uint64_t seed)
    : place_(place),
      mix_(mix),
      operations_(mix, seed * 1'000'003 + place.owner),
      context_(place.cache.make_context()),
      entries_(mix.keys) {
  names_.reserve(mix.keys);
  for (uint32_t i = 0; i < mix.keys; ++i) {
    names_.push_back(name_of_key(place.owner, i));
    numbers_[names_.back()] = i;
  }
  walk_.cursor.done = true;
  rules_.cas_enabled = place.settings.cas_enabled;
  rules_.item_size_max = place.settings.item_size_max;
  rules_.surely_fits = static_cast<uint32_t>(std::min<uint64_t>(place.settings.item_size_max, place.lowest_limit / 2));
}

void Player::renew_rules() {
  rules_.now = place_.clock.now();
  rules_.step = step_;
  // Under a hold of segments by uploads and replies there is room for what fits a small part of one.
  const bool held = !place_.alone || !pins_.empty() || !uploads_.empty();
  rules_.may_refuse = !place_.settings.evict;
  rules_.surely_had = held ? std::min<size_t>(kPinThreshold, place_.lowest_limit / kSmallPart) : SIZE_MAX;
}

bool Player::play(uint64_t operations) {
  for (uint64_t i = 0; i < operations && !failed(); ++i) step();
  return !failed();
}

void Player::step() {
  ++step_;
  renew_rules();
  settle_evictions();
  key_ = operations_.key();
  request_ = operations_.request(present(), rules_.now);
  std::visit([this](const auto& request) { perform(request); }, request_);
}

const Item* Player::present() {
  Entry& entry = entries_[key_];
  return Judge(rules_, entry).live() ? &*entry.item : nullptr;
}

bool Player::collect(std::vector<Eviction>* own) {
  told_.clear();
  if (!place_.evictions.take(place_.owner, told_)) return false;
  for (Eviction& eviction : told_) {
    const auto found = numbers_.find(eviction.key);
    if (found == numbers_.end()) {
      wrong("a key was evicted that never was");
      return true;
    }
    if (own != nullptr && found->second == key_) {
      own->push_back(std::move(eviction));
      continue;
    }
    const Complaint complaint = Judge(rules_, entries_[found->second]).evicted(eviction, !place_.alone);
    if (complaint.empty()) continue;
    key_ = found->second;
    wrong(complaint);
    return true;
  }
  return true;
}

void Player::settle_evictions() { collect(nullptr); }

void Player::perform(const GetOptions& options) {
  GetResult answer = place_.cache.get(*context_, key(), options);
  note(answer.outcome, answer.item.value_size);
  settle([&](Judge& judge) { return judge.get(options, answer); });
  if (failed()) return;
  if (answer.outcome == Outcome::out_of_memory) return peek(&options);
  if (answer.item.value.is_pinned() && pins_.size() < mix_.pins && present() != nullptr) {
    hold(std::move(answer.item.value));
  }
}

// Looks without leaving a trace, and learns what the last operation left open.
void Player::peek(const GetOptions* half_done) {
  GetOptions options;
  options.peek = true;
  options.value = false;
  const GetResult answer = place_.cache.get(*context_, key(), options);
  settle([&](Judge& judge) {
    const Entry before = judge.entry();
    Complaint complaint = judge.get(options, answer);
    for (const bool touched : {false, true}) {
      if (complaint.empty() || half_done == nullptr) break;
      judge.entry() = before;
      judge.half_done(*half_done, touched);
      complaint = judge.get(options, answer);
    }
    return complaint;
  });
}

void Player::perform(StoreRequest request) {
  const Bytes value = bytes_of(operations_.value());
  request.key = key();
  const StoreResult answer = place_.cache.store(*context_, request, *value);
  note(answer.outcome, value->size());
  settle([&](Judge& judge) { return judge.store(request, value, answer); });
}

void Player::perform(RemoveRequest request) {
  request.key = key();
  const RemoveResult answer = place_.cache.remove(*context_, request);
  note(answer.outcome, 0);
  settle([&](Judge& judge) { return judge.remove(request, answer); });
  if (!failed() && answer.outcome == Outcome::done && request.invalidate) peek(nullptr);
}

void Player::perform(const TouchRequest& request) {
  const Outcome answer = place_.cache.touch(*context_, key(), request.exptime).outcome;
  note(answer, 0);
  settle([&](Judge& judge) { return judge.touch(request.exptime, answer); });
}

void Player::perform(ArithRequest request) {
  request.key = key();
  const ArithResult answer = place_.cache.arith(*context_, request);
  note(answer.outcome, 0);
  settle([&](Judge& judge) { return judge.arith(request, answer); });
}

void Player::flushed() {
  for (Entry& entry : entries_) {
    if (entry.item) entry.flushed = true;
  }
}

bool Player::look_at_everything(uint64_t& live) {
  live = 0;
  for (key_ = 0; key_ < mix_.keys && !failed(); ++key_) {
    ++step_;
    renew_rules();
    settle_evictions();
    if (failed()) break;
    GetOptions options;
    options.peek = true;
    request_ = options;
    perform(options);
    if (present() != nullptr) ++live;
  }
  return !failed() && let_go();
}

bool Player::remove_everything() {
  for (key_ = 0; key_ < mix_.keys && !failed(); ++key_) {
    ++step_;
    renew_rules();
    settle_evictions();
    request_ = RemoveRequest{};
    if (!failed()) perform(RemoveRequest{});
  }
  return !failed();
}

void Player::note(Outcome outcome, size_t size) {
  if (log_.size() < kLogged) log_.emplace_back();
  log_[logged_++ % kLogged] = {step_, key_, size, rules_.now, request_, outcome};
  if (outcome == Outcome::out_of_memory) refused(size);
}

// A cache that may not evict refuses when it is full, and not when its memory is in pieces.
void Player::refused(size_t size) {
  ++refusals_;
  if (place_.settings.evict || size > kPinThreshold || !place_.alone || !pins_.empty() || !uploads_.empty()) return;
  const CacheFigures figures = place_.cache.figures();
  if ((figures.bytes + figures.hash_bytes) / kFull < figures.memory_limit / 100) {
    wrong("no memory for " + std::to_string(size) + " bytes with " + std::to_string(figures.bytes) + " in use");
  }
}

void Player::wrong(const std::string& what) {
  std::ostringstream out;
  out << "player " << place_.owner << ", step " << step_ << ", key " << key_ << ": " << what << '\n';
  std::vector<Note> notes = log_;
  std::sort(notes.begin(), notes.end(), [](const Note& a, const Note& b) { return a.step < b.step; });
  for (const Note& note : notes) {
    if (note.key != key_ && note.step + kLastShown < step_) continue;
    out << "  step " << note.step << " second " << note.now << " key " << note.key << ": " << describe(note.request)
        << ", " << note.size << " bytes -> " << name_of(note.outcome) << '\n';
  }
  complaint_ = out.str();
}

}  // namespace martlet::cache::model
