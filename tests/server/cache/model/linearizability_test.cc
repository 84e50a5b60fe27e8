// Does the checker tell right histories from wrong ones?
#include "tests/server/cache/model/linearizability.h"

#include <gtest/gtest.h>

#include <random>

namespace martlet::cache::model {
namespace {

// Histories in short: each operation says its thread and its time.
class History {
 public:
  History& set(uint32_t thread, uint64_t from, uint64_t to, uint64_t number, uint64_t id) {
    return put({Step::set, Effect::done, thread, from, to, number, 0, 0, id});
  }
  History& get(uint32_t thread, uint64_t from, uint64_t to, uint64_t number, uint64_t id) {
    return put({Step::get, Effect::done, thread, from, to, number, 0, 0, id});
  }
  History& miss(uint32_t thread, uint64_t from, uint64_t to) {
    return put({Step::get, Effect::absent, thread, from, to, 0, 0, 0, 0});
  }
  History& add(uint32_t thread, uint64_t from, uint64_t to, Effect effect, uint64_t number, uint64_t id) {
    return put({Step::add, effect, thread, from, to, number, 0, 0, id});
  }
  History& cas(uint32_t thread, uint64_t from, uint64_t to, Effect effect, uint64_t old_id, uint64_t number,
               uint64_t id) {
    return put({Step::cas, effect, thread, from, to, number, 0, old_id, id});
  }
  History& remove(uint32_t thread, uint64_t from, uint64_t to, Effect effect) {
    return put({Step::remove, effect, thread, from, to, 0, 0, 0, 0});
  }
  History& incr(uint32_t thread, uint64_t from, uint64_t to, uint64_t delta, uint64_t number, uint64_t id) {
    return put({Step::incr, Effect::done, thread, from, to, number, delta, 0, id});
  }

  bool right() const { return verdict(false).linearizable; }
  bool right_if_it_may_forget() const { return verdict(true).linearizable; }
  Verdict verdict(bool may_forget) const {
    std::vector<Operation> copy = operations_;
    return check_history(copy, may_forget);
  }

 private:
  History& put(const Operation& operation) {
    operations_.push_back(operation);
    return *this;
  }
  std::vector<Operation> operations_;
};

constexpr auto kDone = Effect::done;
constexpr auto kRefused = Effect::refused;
constexpr auto kAbsent = Effect::absent;

TEST(Linearizability, OneAfterTheOtherIsRight) {
  History history;
  history.miss(0, 1, 2).set(0, 3, 4, 7, 1).get(1, 5, 6, 7, 1).incr(0, 7, 8, 3, 10, 2).get(1, 9, 10, 10, 2);
  history.add(2, 11, 12, kRefused, 5, 0).cas(2, 13, 14, kRefused, 1, 6, 0).cas(2, 15, 16, kDone, 2, 6, 3);
  history.remove(1, 17, 18, kDone).remove(1, 19, 20, kAbsent).add(2, 21, 22, kDone, 5, 4).get(0, 23, 24, 5, 4);
  EXPECT_TRUE(history.right());
  EXPECT_TRUE(history.right_if_it_may_forget());
}

TEST(Linearizability, OverlappingReadsMaySeeEither) {
  History old_one;
  EXPECT_TRUE(old_one.set(0, 1, 2, 7, 1).set(0, 3, 10, 8, 2).get(1, 4, 5, 7, 1).get(2, 6, 7, 8, 2).right());
  History both;
  EXPECT_TRUE(both.set(0, 1, 20, 7, 1).set(1, 2, 19, 8, 2).get(2, 3, 4, 8, 2).get(2, 5, 6, 7, 1).right());
}

TEST(Linearizability, OnceTheNewValueWasSeenTheOldOneIsWrong) {
  History history;
  history.set(0, 1, 2, 7, 1).set(0, 3, 10, 8, 2).get(1, 4, 5, 8, 2).get(2, 6, 7, 7, 1);
  EXPECT_FALSE(history.right());
  EXPECT_FALSE(history.right_if_it_may_forget());
}

TEST(Linearizability, StaleReadIsWrong) {
  EXPECT_FALSE(History().set(0, 1, 2, 7, 1).set(0, 3, 4, 8, 2).get(1, 5, 6, 7, 1).right_if_it_may_forget());
}

TEST(Linearizability, ReadBeforeTheWriteBeganIsWrong) {
  EXPECT_FALSE(History().get(1, 1, 2, 7, 1).set(0, 3, 4, 7, 1).right_if_it_may_forget());
}

TEST(Linearizability, ValueThatNobodyWroteIsWrong) {
  EXPECT_FALSE(History().set(0, 1, 2, 7, 1).get(1, 3, 4, 9, 1).right_if_it_may_forget());
  EXPECT_FALSE(History().set(0, 1, 2, 7, 1).get(1, 3, 4, 7, 2).right_if_it_may_forget());
}

TEST(Linearizability, TwoWinnersOfACasAreWrong) {
  History history;
  history.set(0, 1, 2, 7, 1).cas(1, 3, 10, kDone, 1, 8, 2).cas(2, 4, 9, kDone, 1, 9, 3);
  EXPECT_FALSE(history.right_if_it_may_forget());
}

TEST(Linearizability, CasThatLostToNobodyIsWrong) {
  EXPECT_FALSE(History().set(0, 1, 2, 7, 1).cas(1, 3, 4, kRefused, 1, 8, 0).right_if_it_may_forget());
}

TEST(Linearizability, TwoWinnersOfAnAddAreWrongUnlessItMayForget) {
  History history;
  history.add(0, 1, 10, kDone, 7, 1).add(1, 2, 9, kDone, 8, 2);
  EXPECT_FALSE(history.right());
  EXPECT_TRUE(history.right_if_it_may_forget());
}

TEST(Linearizability, AddRefusedByNothingIsWrong) {
  EXPECT_FALSE(History().add(0, 1, 2, kRefused, 7, 0).right_if_it_may_forget());
}

TEST(Linearizability, LostCountIsWrong) {
  History history;
  history.set(0, 1, 2, 100, 1).incr(1, 3, 10, 5, 105, 2).incr(2, 4, 9, 5, 105, 3);
  EXPECT_FALSE(history.right_if_it_may_forget());
  History right;
  EXPECT_TRUE(right.set(0, 1, 2, 100, 1).incr(1, 3, 10, 5, 110, 3).incr(2, 4, 9, 5, 105, 2).right());
}

TEST(Linearizability, RemovedValueThatComesBackIsWrong) {
  History history;
  history.set(0, 1, 2, 7, 1).remove(0, 3, 4, kDone).get(1, 5, 6, 7, 1);
  EXPECT_FALSE(history.right_if_it_may_forget());
}

TEST(Linearizability, ForgottenValueStaysForgotten) {
  History history;
  history.set(0, 1, 2, 7, 1).miss(1, 3, 4);
  EXPECT_FALSE(history.right());
  EXPECT_TRUE(history.right_if_it_may_forget());
  history.get(1, 5, 6, 7, 1);
  EXPECT_FALSE(history.right_if_it_may_forget());
}

TEST(Linearizability, SlowOperationMayComeAnywhereInItsTime) {
  History history;
  history.incr(9, 1, 1000, 1, 51, 60).set(0, 2, 3, 50, 50);
  for (uint64_t i = 0; i < 50; ++i) history.set(static_cast<uint32_t>(i % 3), 10 + 4 * i, 12 + 4 * i, i + 1000, i + 61);
  EXPECT_FALSE(history.get(0, 500, 501, 51, 60).right()) << "it was overwritten";
  History in_between;
  in_between.incr(9, 1, 1000, 1, 51, 60).set(0, 2, 3, 50, 50).get(1, 4, 5, 51, 60).set(0, 6, 7, 1, 61);
  EXPECT_TRUE(in_between.get(0, 500, 501, 1, 61).right());
}

// Answers that follow from an order of effects inside the operations' times are right; with two of them exchanged
// where they can be told apart, wrong.
TEST(Linearizability, LongHistoriesAreJudgedByEveryAnswer) {
  std::mt19937_64 random(5);
  constexpr uint64_t kThreads = 16;
  std::vector<Operation> history;
  std::vector<uint64_t> free_at(kThreads, 0);
  uint64_t state = 0;
  uint64_t number = 0;
  for (uint64_t i = 1; i <= 5000; ++i) {
    const uint64_t at = i * 100;  // of the effect
    const auto thread = static_cast<uint32_t>(random() % kThreads);
    if (free_at[thread] + 2 >= at) continue;
    Operation operation;
    operation.thread = thread;
    operation.called = std::max(free_at[thread] + 1, at - std::min<uint64_t>(at, random() % 1000));
    operation.returned = at + 1 + random() % 1000;
    free_at[thread] = operation.returned;
    operation.step = state == 0 || random() % 3 == 0 ? Step::set : Step::get;
    if (operation.step == Step::set) state = number = i;
    operation.id = state;
    operation.number = number;
    history.push_back(operation);
  }
  std::vector<Operation> copy = history;
  const Verdict right = check_history(copy, false);
  EXPECT_TRUE(right.linearizable) << right.what;
  ASSERT_GT(history.size(), 1000U);
  size_t noticed = 0;
  size_t tried = 0;
  for (size_t i = 20; i + 100 < history.size(); i += 50) {
    copy = history;
    if (copy[i].step != Step::get || copy[i + 90].step != Step::get) continue;
    std::swap(copy[i].id, copy[i + 90].id);
    std::swap(copy[i].number, copy[i + 90].number);
    ++tried;
    noticed += check_history(copy, true).linearizable ? 0U : 1U;
  }
  EXPECT_GT(tried, 5U);
  EXPECT_EQ(noticed, tried);
}

}  // namespace
}  // namespace martlet::cache::model
