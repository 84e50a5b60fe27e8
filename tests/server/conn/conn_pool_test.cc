#include "server/conn/conn_pool.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <vector>

namespace martlet::conn {
namespace {

TEST(ConnPool, AReleasedEntryIsTakenAgainNewestFirst) {
  auto pool = ConnPool::create(10);
  ConnEntry* a = pool->acquire();
  ConnEntry* b = pool->acquire();
  pool->release(*a);
  pool->release(*b);
  EXPECT_EQ(pool->acquire(), b);
  EXPECT_EQ(pool->acquire(), a);
  EXPECT_EQ(pool->made(), 2U);
  EXPECT_EQ(pool->reused(), 2U);
}

TEST(ConnPool, AGenerationEndsWithItsOccupant) {
  auto pool = ConnPool::create(1);
  ConnEntry* entry = pool->acquire();
  const uint32_t before = entry->generation;
  pool->release(*entry);
  ASSERT_EQ(pool->acquire(), entry);
  EXPECT_NE(entry->generation, before);
}

TEST(ConnPool, NoMoreThanItsCapacity) {
  auto pool = ConnPool::create(3);
  for (int i = 0; i < 3; ++i) EXPECT_NE(pool->acquire(), nullptr);
  EXPECT_EQ(pool->acquire(), nullptr);
  EXPECT_EQ(pool->in_use(), 3U);
}

TEST(ConnPool, ChurnMakesNoStructures) {
  auto pool = ConnPool::create(1000);
  for (int i = 0; i < 100'000; ++i) pool->release(*pool->acquire());
  EXPECT_EQ(pool->made(), 1U);
  EXPECT_EQ(pool->in_use(), 0U);
}

uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  uint64_t size = 0;
  uint64_t resident = 0;
  statm >> size >> resident;
  return resident * 4096;
}

TEST(ConnPool, AHugeReservationCostsNothingUntilItIsUsed) {
  const uint64_t before = resident_bytes();
  auto pool = ConnPool::create(1'000'000);
  ASSERT_NE(pool, nullptr);
  EXPECT_EQ(pool->capacity(), 1'000'000U);
  EXPECT_LT(resident_bytes() - before, 1U << 20);
}

// An idle connection holds its structure and nothing else; libevent and the allocator add about 90 bytes.
TEST(ConnPool, AStructureKeepsToItsBudget) { EXPECT_LE(sizeof(ConnEntry), 504U); }

}  // namespace
}  // namespace martlet::conn
