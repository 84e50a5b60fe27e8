#include "server/conn/buffer_pool.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <set>
#include <vector>

namespace martlet::conn {
namespace {

TEST(BufferPool, LendsTheSmallestClassThatFits) {
  BufferPool pool(0);
  for (const size_t size : {1U, 576U, 577U, 4352U, 4353U, 18'688U}) {
    char* block = pool.take(size);
    ASSERT_NE(block, nullptr);
    EXPECT_GE(BufferPool::capacity(block), size);
    std::memset(block, 'x', size);
    pool.give(block);
  }
  EXPECT_EQ(pool.take(BufferPool::kLargest + 1), nullptr);
}

TEST(BufferPool, BlocksDoNotOverlap) {
  BufferPool pool(0);
  std::vector<char*> blocks;
  for (int i = 0; i < 100; ++i) {
    blocks.push_back(pool.take(BufferPool::kBlockSizes[static_cast<size_t>(i) % 3]));
    std::memset(blocks.back(), i, BufferPool::capacity(blocks.back()));
  }
  for (size_t i = 0; i < blocks.size(); ++i) {
    for (size_t at = 0; at < BufferPool::capacity(blocks[i]); ++at) {
      ASSERT_EQ(blocks[i][at], static_cast<char>(i)) << "block " << i;
    }
  }
  for (char* block : blocks) pool.give(block);
}

TEST(BufferPool, TheNewestBlockIsLentFirst) {
  BufferPool pool(0);
  char* first = pool.take(100);
  char* second = pool.take(100);
  pool.give(first);
  pool.give(second);
  EXPECT_EQ(pool.take(100), second);
  EXPECT_EQ(pool.take(100), first);
  pool.give(first);
  pool.give(second);
}

TEST(BufferPool, WhatABurstTookGoesBackToTheSystem) {
  BufferPool pool(0);
  std::vector<char*> blocks;
  for (int i = 0; i < 5000; ++i) blocks.push_back(pool.take(BufferPool::kBlockSizes[static_cast<size_t>(i) % 3]));
  EXPECT_EQ(pool.figures().blocks, 5000U);
  EXPECT_GT(pool.figures().bytes, 5000U * 576U);
  for (char* block : blocks) pool.give(block);
  EXPECT_EQ(pool.figures().blocks, 0U);
  EXPECT_LE(pool.figures().bytes, 3 * BufferPool::kSlabSize);
  EXPECT_EQ(pool.figures().bytes_free, pool.figures().bytes);
}

TEST(BufferPool, TheLimitIsKept) {
  BufferPool pool(2 * BufferPool::kSlabSize);
  std::vector<char*> blocks;
  while (char* block = pool.take(BufferPool::kLargest)) blocks.push_back(block);
  EXPECT_EQ(pool.figures().bytes, 2 * BufferPool::kSlabSize);
  EXPECT_EQ(blocks.size(), 14U);
  pool.give(blocks.back());
  blocks.back() = pool.take(BufferPool::kLargest);
  EXPECT_NE(blocks.back(), nullptr);
  for (char* block : blocks) pool.give(block);
}

TEST(BufferPool, RandomUseKeepsItsBooks) {
  BufferPool pool(0);
  std::mt19937 random(7);
  std::vector<char*> lent;
  std::set<char*> seen;
  for (int i = 0; i < 200'000; ++i) {
    if (lent.empty() || random() % 2 == 0) {
      char* block = pool.take(1 + random() % BufferPool::kLargest);
      ASSERT_TRUE(seen.insert(block).second) << "lent twice";
      lent.push_back(block);
    } else {
      std::swap(lent[random() % lent.size()], lent.back());
      seen.erase(lent.back());
      pool.give(lent.back());
      lent.pop_back();
    }
    ASSERT_EQ(pool.figures().blocks, lent.size());
  }
  for (char* block : lent) pool.give(block);
  EXPECT_LE(pool.figures().bytes, 3 * BufferPool::kSlabSize);
}

}  // namespace
}  // namespace martlet::conn
