// ConnLimit and ConnSlot: the limit is exact, and every place taken comes back once.
#include "threads/conn_slot.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace martlet::threads {
namespace {

TEST(ConnLimit, GivesExactlyAsManySlotsAsItsLimit) {
  ConnLimit limit(2);
  ConnSlot first = limit.try_take();
  const ConnSlot second = limit.try_take();
  EXPECT_TRUE(first.valid());
  EXPECT_TRUE(second.valid());
  EXPECT_FALSE(limit.try_take().valid());
  EXPECT_EQ(limit.taken(), 2u);
  EXPECT_EQ(limit.released(), 0u);
  first.release();
  EXPECT_EQ(limit.released(), 1u);
  EXPECT_TRUE(limit.try_take().valid());
}

TEST(ConnLimit, ALimitOfZeroGivesNone) {
  ConnLimit limit(0);
  EXPECT_FALSE(limit.try_take().valid());
  EXPECT_EQ(limit.taken(), 0u);
}

TEST(ConnSlot, ComesBackOnceHoweverOftenItMoves) {
  ConnLimit limit(1);
  {
    ConnSlot first = limit.try_take();
    ConnSlot second(std::move(first));
    ConnSlot third;
    third = std::move(second);
    EXPECT_TRUE(third.valid());
    EXPECT_EQ(limit.taken(), 1u);
  }
  EXPECT_EQ(limit.taken(), 0u);
  EXPECT_EQ(limit.released(), 1u);
}

TEST(ConnSlot, AssignmentGivesBackWhatWasHeld) {
  ConnLimit limit(2);
  ConnSlot kept = limit.try_take();
  ConnSlot other = limit.try_take();
  kept = std::move(other);
  EXPECT_EQ(limit.taken(), 1u);
  ConnSlot& same = kept;
  kept = std::move(same);
  EXPECT_EQ(limit.taken(), 1u);
  EXPECT_TRUE(kept.valid());
}

TEST(ConnSlot, CountsInTheLoadItIsAssignedTo) {
  ConnLimit limit(1);
  std::atomic<uint32_t> first{0};
  std::atomic<uint32_t> second{0};
  {
    ConnSlot slot = limit.try_take();
    slot.assign_to(first);
    EXPECT_EQ(first.load(), 1u);
    slot.assign_to(second);
    EXPECT_EQ(first.load(), 0u);
    EXPECT_EQ(second.load(), 1u);
    const ConnSlot moved(std::move(slot));
    EXPECT_EQ(second.load(), 1u);
  }
  EXPECT_EQ(second.load(), 0u);
}

TEST(ConnSlot, AnInvalidSlotCountsNowhere) {
  std::atomic<uint32_t> load{0};
  ConnSlot slot;
  slot.assign_to(load);
  EXPECT_EQ(load.load(), 0u);
}

TEST(ConnLimit, IsExactUnderManyThreads) {
  constexpr uint32_t kLimit = 5;
  constexpr int kRounds = 20000;
  ConnLimit limit(kLimit);
  std::atomic<uint32_t> inside{0};
  std::atomic<uint32_t> exceeded{0};
  std::atomic<uint64_t> taken{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kRounds; ++n) {
        ConnSlot slot = limit.try_take();
        if (limit.taken() > kLimit) ++exceeded;
        if (!slot.valid()) continue;
        ++taken;
        if (inside.fetch_add(1) >= kLimit) ++exceeded;
        inside.fetch_sub(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(exceeded.load(), 0u);
  EXPECT_EQ(limit.taken(), 0u);
  EXPECT_EQ(limit.released(), taken.load());
  EXPECT_GE(taken.load(), static_cast<uint64_t>(kRounds));  // there was room most of the time
}

TEST(ConnLimit, WhoeverSeesASlotComeBackFindsRoom) {
  ConnLimit limit(1);
  constexpr uint64_t kRounds = 2000;
  std::atomic<uint64_t> round{0};
  uint64_t refused = 0;
  ConnSlot slot = limit.try_take();
  std::thread giver([&] {
    for (uint64_t n = 1; n <= kRounds; ++n) {
      while (round.load() < n) std::this_thread::yield();
      slot.release();
    }
  });
  for (uint64_t n = 1; n <= kRounds; ++n) {
    const uint64_t before = limit.released();
    round.store(n);
    while (limit.released() == before) std::this_thread::yield();
    slot = limit.try_take();
    if (!slot.valid()) ++refused;
    while (!slot.valid()) slot = limit.try_take();
  }
  giver.join();
  EXPECT_EQ(refused, 0u);
}

}  // namespace
}  // namespace martlet::threads
