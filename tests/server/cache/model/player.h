// Player: plays random operations on keys of its own and knows what every one of them must answer.
//
// Alone on a cache it knows everything: what is evicted is told before the call that evicted returns, so every miss
// is explained or wrong. Beside other players, who evict its items too, a miss may come before its explanation: the
// player waits for it, and one that never comes is wrong as well.
//
// One thread at a time. The context of a player is its own.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/cache/cache.h"
#include "tests/server/cache/model/evictions.h"
#include "tests/server/cache/model/operations.h"
#include "tests/server/cache/model/reference.h"

namespace martlet::cache::model {

// Where a player plays.
struct Place {
  Cache& cache;
  const RelClock& clock;
  Evictions& evictions;
  size_t owner = 0;
  bool alone = true;  // no other thread uses the cache
  CacheSettings settings;
  uint64_t lowest_limit = 0;  // that the memory limit will have
};

class Player {
 public:
  Player(const Place& place, const Mix& mix, uint64_t seed);

  // False when an answer was wrong: complaint() says what, and what came before.
  bool play(uint64_t operations);
  const std::string& complaint() const { return complaint_; }

  // Operations that were refused for want of memory.
  uint64_t refusals() const { return refusals_; }

  // Everything stored so far is gone.
  void flushed();

  // Forgets uploads and pins, after a last look at these.
  bool let_go();
  // Asks for every key. `live`: the items found.
  bool look_at_everything(uint64_t& live);
  bool remove_everything();

 private:
  struct Note {
    uint64_t step = 0;
    uint32_t key = 0;
    size_t size = 0;
    RelTime now = 0;
    Request request;
    Outcome outcome = Outcome::done;
  };
  struct Pin {
    PinnedBytes bytes;
    Bytes wanted;
  };
  struct Arriving {
    uint32_t key = 0;
    Bytes value;
    size_t done = 0;
    std::unique_ptr<Upload> upload;
  };
  struct Walk {
    WalkCursor cursor;
    uint64_t began = 0;  // step
    std::unordered_map<uint32_t, uint32_t> shown;
  };

  void step();
  void perform(const GetOptions& options);
  void perform(StoreRequest request);
  void perform(RemoveRequest request);
  void perform(const TouchRequest& request);
  void perform(ArithRequest request);
  void perform(Errand errand);
  void after_shortage(const GetOptions& options);
  void peek(const GetOptions* half_done);

  void begin_upload();
  void advance_upload(Arriving& arriving, bool completely);
  void publish_upload(Arriving& arriving);
  void look_at_pins();
  void hold(PinnedBytes bytes);
  void walk();
  void visit(std::string_view key, const ItemView& view);
  void end_walk();

  // Finds an order of the operation and the evictions that were told in which `check` has no complaint.
  template <typename Check>
  void settle(Check&& check);
  template <typename Check>
  Complaint in_some_order(const std::vector<Eviction>& own, Check&& check);
  // Evictions told meanwhile: of the present key to `own`, of others into the reference.
  bool collect(std::vector<Eviction>* own);
  void settle_evictions();

  void renew_rules();
  void note(Outcome outcome, size_t size);
  void refused(size_t size);
  void wrong(const std::string& what);
  bool failed() const { return !complaint_.empty(); }
  const Item* present();
  const std::string& key() const { return names_[key_]; }

  const Place place_;
  const Mix mix_;
  Operations operations_;
  std::unique_ptr<CacheContext> context_;
  std::vector<std::string> names_;
  std::unordered_map<std::string_view, uint32_t> numbers_;
  std::vector<Entry> entries_;
  Rules rules_;
  uint64_t step_ = 0;
  uint32_t key_ = 0;  // of the present operation
  Request request_;
  std::vector<Eviction> told_;
  std::deque<Pin> pins_;
  std::deque<Arriving> uploads_;
  Walk walk_;
  std::vector<Note> log_;  // a ring
  uint64_t logged_ = 0;
  uint64_t refusals_ = 0;
  std::string complaint_;
};

inline constexpr auto kPatience = std::chrono::seconds(20);  // for the explanation of a miss

template <typename Check>
Complaint Player::in_some_order(const std::vector<Eviction>& own, Check&& check) {
  Complaint first;
  for (size_t before = 0; before <= own.size(); ++before) {
    Entry trial = entries_[key_];
    Judge judge(rules_, trial);
    Complaint complaint;
    const auto evict = [&](size_t from, size_t to) {
      for (size_t i = from; i < to && complaint.empty(); ++i) complaint = judge.evicted(own[i], !place_.alone);
    };
    evict(0, before);
    if (complaint.empty()) complaint = check(judge);
    evict(before, own.size());
    if (complaint.empty()) {
      entries_[key_] = std::move(trial);
      return {};
    }
    if (first.empty()) first = complaint;
  }
  return first;
}

template <typename Check>
void Player::settle(Check&& check) {
  std::vector<Eviction> own;
  collect(&own);
  if (failed()) return;
  Complaint complaint = in_some_order(own, check);
  if (complaint.empty()) return;
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!place_.alone && std::chrono::steady_clock::now() < until) {
    const size_t known = own.size();
    collect(&own);
    if (failed()) return;
    if (own.size() == known) {
      std::this_thread::yield();
      continue;
    }
    complaint = in_some_order(own, check);
    if (complaint.empty()) return;
  }
  wrong(complaint);
}

}  // namespace martlet::cache::model
