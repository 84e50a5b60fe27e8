// Sixteen threads on a few keys, while segments are cleaned and evicted and the index grows: nothing is counted twice,
// nothing is lost but what the hook tells of, and whatever has one winner has exactly one.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "tests/server/cache/model/crowd.h"
#include "tests/server/cache/model/reference.h"

namespace martlet::cache::model {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kRounds = 3000;
#else
constexpr int kRounds = 40'000;
#endif
constexpr uint64_t kBusyKeys = 6;
constexpr uint64_t kKeys = 400;  // all of them: those in little use are evicted, too

// Mostly one of the few.
uint64_t some_key(Crowd::Random& random) { return random() % (random() % 8 == 0 ? kKeys : kBusyKeys); }

constexpr Crowd::Settings kSettings = {6ULL << 20, true, false, true};

// What every thread notes for itself, so that noting orders nothing.
using Ids = std::array<std::vector<uint64_t>, Crowd::kThreads>;

std::vector<uint64_t> joined(const Ids& ids) {
  std::vector<uint64_t> out;
  for (const auto& own : ids) out.insert(out.end(), own.begin(), own.end());
  std::sort(out.begin(), out.end());
  return out;
}

bool all_differ(const std::vector<uint64_t>& sorted) {
  return std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
}

std::string text_in(const GetResult& hit) {
  std::string out;
  while (out.size() < hit.item.value.size()) out += hit.item.value.piece_at(out.size());
  return out;
}

TEST(Contention, SumsAreExactWhateverIsEvicted) {
  Crowd crowd(kSettings);
  std::array<std::map<std::string, uint64_t>, Crowd::kThreads> added;
  crowd.run([&](CacheContext& context, unsigned thread, Crowd::Random& random) {
    for (int i = 0; crowd.goes_on(i, kRounds); ++i) {
      const std::string key = Crowd::shared_key("n", some_key(random));
      ArithRequest request;
      request.key = key;
      request.delta = 1 + random() % 1000;
      request.vivify = kNever;
      request.initial = request.delta;
      const ArithResult answer = crowd.cache().arith(context, request);
      ASSERT_EQ(answer.outcome, Outcome::done);
      added[thread][key] += request.delta;
    }
  });
  std::map<std::string, uint64_t> wanted;
  for (const auto& own : added) {
    for (const auto& [key, sum] : own) wanted[key] += sum;
  }
  std::map<std::string, uint64_t> found;
  for (const Crowd::Lost& lost : crowd.lost()) {
    const auto number = number_in(lost.value);
    ASSERT_TRUE(number.has_value()) << lost.key << " was evicted as " << lost.value;
    found[lost.key] += *number;
  }
  for (const auto& [key, sum] : wanted) {
    const GetResult hit = crowd.cache().get(crowd.context(), key, {});
    if (hit.outcome == Outcome::done) found[key] += number_in(text_in(hit)).value_or(0);
    EXPECT_EQ(found[key], sum) << key;
  }
  EXPECT_TRUE(crowd.was_noisy());
}

// Every id that an item ever had ends once: replaced by one cas, evicted, or still there.
TEST(Contention, EveryCasRoundHasOneWinner) {
  Crowd crowd(kSettings);
  Ids made;
  Ids replaced;
  crowd.run([&](CacheContext& context, unsigned thread, Crowd::Random& random) {
    for (int i = 0; crowd.goes_on(i, kRounds); ++i) {
      const std::string key = Crowd::shared_key("c", some_key(random));
      const GetResult hit = crowd.cache().get(context, key, {});
      StoreRequest request;
      request.key = key;
      request.mode = hit.outcome == Outcome::done ? Mode::cas : Mode::add;
      request.cas = hit.item.cas;
      if (random() % 4 == 0) request.exptime = crowd.now() + 1000;
      if (random() % 64 == 0) std::this_thread::yield();
      const std::string value(random() % 300, 'v');
      const StoreResult answer = crowd.cache().store(context, request, value);
      if (answer.outcome != Outcome::done) continue;
      made[thread].push_back(answer.cas);
      if (request.mode == Mode::cas) replaced[thread].push_back(request.cas);
    }
  });
  std::vector<uint64_t> ended = joined(replaced);
  EXPECT_TRUE(all_differ(ended)) << "two winners of one round";
  for (const Crowd::Lost& lost : crowd.lost()) ended.push_back(lost.cas);
  for (uint64_t i = 0; i < kKeys; ++i) {
    const GetResult hit = crowd.cache().get(crowd.context(), Crowd::shared_key("c", i), {});
    if (hit.outcome == Outcome::done) ended.push_back(hit.item.cas);
  }
  std::sort(ended.begin(), ended.end());
  EXPECT_TRUE(all_differ(joined(made))) << "an id was given twice";
  EXPECT_EQ(joined(made), ended);
  EXPECT_TRUE(crowd.was_noisy());
}

// One client at a time computes a value anew: after a miss, near the end of an item, and when it is stale.
TEST(Contention, EveryLeaseHasOneWinner) {
  Crowd crowd(kSettings);
  Ids won;
  Ids refused;
  crowd.run([&](CacheContext& context, unsigned thread, Crowd::Random& random) {
    for (int i = 0; crowd.goes_on(i, kRounds); ++i) {
      const std::string key = Crowd::shared_key("l", some_key(random));
      GetOptions options;
      options.leases = true;
      options.vivify = kNever;
      if (random() % 2 == 0) options.recache = 100;
      const GetResult hit = crowd.cache().get(context, key, options);
      ASSERT_EQ(hit.outcome, Outcome::done);
      ASSERT_FALSE(hit.won && hit.token_out);
      if (hit.token_out) refused[thread].push_back(hit.item.cas);
      if (hit.won) won[thread].push_back(hit.item.cas);
      if (random() % 8 == 0) {
        RemoveRequest request;
        request.key = key;
        request.invalidate = random() % 4 != 0;
        crowd.cache().remove(context, request);
      } else if (random() % 8 == 0) {
        StoreRequest request;
        request.key = key;
        request.exptime = random() % 2 == 0 ? crowd.now() + 50 : kNever;  // ends soon enough to be computed anew
        crowd.cache().store(context, request, "computed");
      }
    }
  });
  const std::vector<uint64_t> winners = joined(won);
  EXPECT_TRUE(all_differ(winners)) << "two winners of one lease";
  EXPECT_GT(winners.size(), 1000U);
  for (const uint64_t id : joined(refused)) {
    ASSERT_TRUE(std::binary_search(winners.begin(), winners.end(), id)) << "a token is out that nobody has got";
  }
  for (uint64_t i = 0; i < kKeys; ++i) {
    GetOptions options;
    options.leases = true;
    const GetResult hit = crowd.cache().get(crowd.context(), Crowd::shared_key("l", i), options);
    if (hit.outcome != Outcome::done) continue;
    const bool had_winner = std::binary_search(winners.begin(), winners.end(), hit.item.cas);
    EXPECT_EQ(hit.token_out, had_winner);
    EXPECT_EQ(hit.won, hit.item.stale && !had_winner);
  }
  EXPECT_TRUE(crowd.was_noisy());
}

constexpr size_t kPiece = 12;  // thread and number

std::string piece(unsigned thread, int number) {
  std::string out = std::to_string(100'000UL * (thread + 10) + static_cast<unsigned>(number));
  out.resize(kPiece - 1, '.');
  return out + ";";
}

// Whole pieces, and those of one thread in the order it appended them.
bool well_formed(const std::string& value) {
  if (value.size() % kPiece != 0) return false;
  std::map<uint64_t, uint64_t> last;
  for (size_t at = 0; at < value.size(); at += kPiece) {
    if (value[at + kPiece - 1] != ';') return false;
    const uint64_t number = std::strtoull(value.c_str() + at, nullptr, 10);
    uint64_t& before = last[number / 100'000];
    if (number < before + 1) return false;
    before = number;
  }
  return true;
}

TEST(Contention, EveryAppendIsThereOnce) {
  Crowd crowd(kSettings);
  constexpr size_t kLongest = 6000;
  std::atomic<uint64_t> appended{0};
  std::atomic<uint64_t> removed{0};
  crowd.run([&](CacheContext& context, unsigned thread, Crowd::Random& random) {
    for (int i = 0; crowd.goes_on(i, kRounds); ++i) {
      const std::string key = Crowd::shared_key("a", some_key(random));
      StoreRequest request;
      request.key = key;
      request.mode = Mode::append;
      request.vivify = kNever;
      const StoreResult answer = crowd.cache().store(context, request, piece(thread, i));
      ASSERT_EQ(answer.outcome, Outcome::done);
      appended.fetch_add(kPiece, std::memory_order_relaxed);
      if (answer.value_size > kLongest) {
        RemoveRequest all;
        all.key = key;
        all.cas = answer.cas;
        if (crowd.cache().remove(context, all).outcome == Outcome::done) removed.fetch_add(answer.value_size);
      }
      if (i % 16 != 0) continue;
      const GetResult hit = crowd.cache().get(context, key, {});
      ASSERT_TRUE(hit.outcome != Outcome::done || well_formed(text_in(hit)));
    }
  });
  uint64_t found = removed.load();
  for (const Crowd::Lost& lost : crowd.lost()) found += lost.value_size;
  for (uint64_t i = 0; i < kKeys; ++i) {
    found += crowd.cache().get(crowd.context(), Crowd::shared_key("a", i), {}).item.value_size;
  }
  EXPECT_EQ(found, appended.load());
  EXPECT_TRUE(crowd.was_noisy());
}

TEST(Contention, AddsHaveOneWinnerAndRemovalsToo) {
  Crowd crowd(kSettings);
  std::atomic<int64_t> present{0};
  crowd.run([&](CacheContext& context, unsigned, Crowd::Random& random) {
    for (int i = 0; crowd.goes_on(i, kRounds); ++i) {
      const std::string key = Crowd::shared_key("p", some_key(random));
      if (random() % 2 == 0) {
        StoreRequest request;
        request.key = key;
        request.mode = Mode::add;
        const bool added = crowd.cache().store(context, request, "p").outcome == Outcome::done;
        present.fetch_add(added ? 1 : 0);
      } else {
        present.fetch_sub(crowd.cache().remove(context, key) == Outcome::done ? 1 : 0);
      }
    }
  });
  int64_t found = 0;
  for (uint64_t i = 0; i < kKeys; ++i) {
    const GetResult hit = crowd.cache().get(crowd.context(), Crowd::shared_key("p", i), {});
    found += hit.outcome == Outcome::done ? 1 : 0;
  }
  EXPECT_EQ(found, present.load() - static_cast<int64_t>(crowd.lost().size()));
  EXPECT_TRUE(crowd.was_noisy());
}

}  // namespace
}  // namespace martlet::cache::model
