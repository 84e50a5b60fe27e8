// Sixteen threads on thirty-two keys: is there for each key one order that explains all that they saw? Without eviction
// to the letter; under noise that evicts, cleans and grows, where a key may be forgotten at any time.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "tests/server/cache/model/crowd.h"
#include "tests/server/cache/model/linearizability.h"
#include "tests/server/cache/model/reference.h"

namespace martlet::cache::model {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kRounds = 5000;
#else
constexpr int kRounds = 25'000;
#endif
constexpr uint64_t kKeys = 32;
constexpr uint64_t kApart = 1 << 20;  // of two numbers that are stored: more than is ever added

using Histories = std::vector<std::vector<Operation>>;  // by key

uint64_t now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
}

// Does what it draws and writes down what came of it.
class Witness {
 public:
  Witness(Cache& cache, CacheContext& context, unsigned thread, Crowd::Random& random)
      : cache_(cache), context_(context), thread_(thread), random_(random), seen_(kKeys), histories(kKeys) {}

  void act() {
    key_ = random_() % kKeys;
    name_ = Crowd::shared_key("h", key_);
    Operation operation;
    operation.thread = thread_;
    const uint64_t dice = random_() % 100;
    if (dice < 45) {
      get(operation);
    } else if (dice < 60) {
      store(operation, Step::set, Mode::set);
    } else if (dice < 70) {
      store(operation, Step::add, Mode::add);
    } else if (dice < 85) {
      store(operation, Step::cas, Mode::cas);
    } else if (dice < 92) {
      remove(operation);
    } else {
      incr(operation);
    }
  }

 private:
  void get(Operation& operation) {
    operation.step = Step::get;
    operation.called = now();
    const GetResult hit = cache_.get(context_, name_, {});
    operation.returned = now();
    if (hit.outcome == Outcome::out_of_memory) return;
    operation.effect = hit.outcome == Outcome::done ? Effect::done : Effect::absent;
    operation.id = hit.item.cas;
    if (hit.outcome == Outcome::done) {
      std::string all;
      while (all.size() < hit.item.value.size()) all += hit.item.value.piece_at(all.size());
      const auto number = number_in(all);
      const size_t blanks = all.find_first_not_of("0123456789");
      ASSERT_TRUE(number.has_value() && all.find_first_not_of(' ', std::min(blanks, all.size())) == std::string::npos);
      operation.number = *number;
    }
    seen_[key_] = operation.id;
    histories[key_].push_back(operation);
  }

  // A number that nobody else stores; blanks after it, sometimes so many that the value is a large one.
  void store(Operation& operation, Step step, Mode mode) {
    operation.step = step;
    operation.number = (++stored_ * Crowd::kThreads + thread_) * kApart;
    operation.old_id = seen_[key_];
    std::string value = std::to_string(operation.number);
    const uint64_t dice = random_() % 100;
    value.append(dice == 0 ? 30'000 : dice < 20 ? random_() % 600 : 0, ' ');
    StoreRequest request;
    request.key = name_;
    request.mode = mode;
    request.cas = operation.old_id;
    operation.called = now();
    const StoreResult answer = cache_.store(context_, request, value);
    operation.returned = now();
    // Refused for want of memory: without effect.
    if (answer.outcome == Outcome::out_of_memory) return;
    const bool done = answer.outcome == Outcome::done;
    operation.effect = done ? Effect::done : answer.outcome == Outcome::not_found ? Effect::absent : Effect::refused;
    operation.id = answer.cas;
    if (done) seen_[key_] = answer.cas;
    histories[key_].push_back(operation);
  }

  void remove(Operation& operation) {
    operation.step = Step::remove;
    operation.called = now();
    const Outcome outcome = cache_.remove(context_, name_);
    operation.returned = now();
    operation.effect = outcome == Outcome::done ? Effect::done : Effect::absent;
    histories[key_].push_back(operation);
  }

  void incr(Operation& operation) {
    operation.step = Step::incr;
    operation.delta = 1 + random_() % 3;
    ArithRequest request;
    request.key = name_;
    request.delta = operation.delta;
    operation.called = now();
    const ArithResult answer = cache_.arith(context_, request);
    operation.returned = now();
    if (answer.outcome == Outcome::out_of_memory) return;
    operation.effect = answer.outcome == Outcome::done        ? Effect::done
                       : answer.outcome == Outcome::not_found ? Effect::absent
                                                              : Effect::refused;
    operation.id = answer.cas;
    operation.number = answer.number;
    histories[key_].push_back(operation);
  }

  Cache& cache_;
  CacheContext& context_;
  const unsigned thread_;
  Crowd::Random& random_;
  std::vector<uint64_t> seen_;  // the last id of each key
  uint64_t stored_ = 0;
  uint64_t key_ = 0;
  std::string name_;

 public:
  Histories histories;
};

void check(const Crowd::Settings& settings) {
  Crowd crowd(settings);
  std::array<Histories, Crowd::kThreads> seen;
  crowd.run([&](CacheContext& context, unsigned thread, Crowd::Random& random) {
    Witness witness(crowd.cache(), context, thread, random);
    for (int i = 0; crowd.goes_on(i, kRounds); ++i) {
      witness.act();
      if (::testing::Test::HasFatalFailure()) break;
    }
    seen[thread] = std::move(witness.histories);
  });
  EXPECT_EQ(crowd.was_noisy(), settings.noise);
  size_t most = 0;
  for (uint64_t key = 0; key < kKeys; ++key) {
    std::vector<Operation> history;
    for (const Histories& own : seen) history.insert(history.end(), own[key].begin(), own[key].end());
    EXPECT_GT(history.size(), Crowd::kThreads * kRounds / kKeys / 2);
    const Verdict verdict = check_history(history, settings.noise);
    EXPECT_TRUE(verdict.linearizable) << "key " << key << ": " << verdict.what;
    most = std::max(most, verdict.most_configurations);
  }
  EXPECT_GT(most, 2U) << "no two operations ever met";
}

TEST(Histories, HaveOneOrderForEachKey) { check({64ULL << 20, false, false}); }

TEST(Histories, HaveOneOrderWhileItemsAreForgotten) { check({6ULL << 20, true, false}); }

}  // namespace
}  // namespace martlet::cache::model
