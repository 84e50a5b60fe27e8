#include "server/conn/read_buffer.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace martlet::conn {
namespace {

class ReadBufferTest : public ::testing::Test {
 protected:
  ~ReadBufferTest() override { buffer_.release(pool_); }

  void receive(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::span<char> space = buffer_.space(pool_, BufferPool::kLargest);
      ASSERT_FALSE(space.empty());
      const size_t count = std::min(space.size(), bytes.size());
      std::memcpy(space.data(), bytes.data(), count);
      buffer_.commit(count);
      bytes.remove_prefix(count);
    }
  }

  BufferPool pool_{0};
  ReadBuffer buffer_;
};

TEST_F(ReadBufferTest, GivesWhatCameInAndForgetsWhatWasUsed) {
  receive("get a\r\nget b\r\n");
  EXPECT_EQ(buffer_.pending(), "get a\r\nget b\r\n");
  buffer_.consume(7);
  EXPECT_EQ(buffer_.pending(), "get b\r\n");
}

TEST_F(ReadBufferTest, AnIdleBufferHoldsNoBlock) {
  receive("get a\r\n");
  buffer_.consume(7);
  buffer_.park(pool_);
  EXPECT_FALSE(buffer_.holds_block());
  EXPECT_EQ(pool_.figures().blocks, 0U);
}

TEST_F(ReadBufferTest, APartOfARequestIsKeptInABlockThatFits) {
  const std::string part = "set key 0 0 100\r\n0123456789";
  receive(part);
  buffer_.park(pool_);
  EXPECT_EQ(BufferPool::capacity(buffer_.pending().data()), BufferPool::kBlockSizes[0]);
  EXPECT_EQ(buffer_.pending(), part);
  receive("and the rest");
  EXPECT_EQ(buffer_.pending(), part + "and the rest");
  EXPECT_EQ(pool_.figures().blocks, 1U);
}

TEST_F(ReadBufferTest, TheLimitOfASpaceIsKept) { EXPECT_EQ(buffer_.space(pool_, 3).size(), 3U); }

TEST_F(ReadBufferTest, TakesAWholeBlockEvenWhenItsFrontWasUsedUp) {
  receive(std::string(BufferPool::kLargest, 'a'));
  EXPECT_TRUE(buffer_.full());
  buffer_.consume(10);
  EXPECT_FALSE(buffer_.full());
  receive("0123456789");
  EXPECT_TRUE(buffer_.full());
  EXPECT_EQ(buffer_.pending().substr(BufferPool::kLargest - 11), "a0123456789");
}

TEST_F(ReadBufferTest, NoMemoryIsAnEmptySpace) {
  BufferPool none(1);
  ReadBuffer buffer;
  EXPECT_TRUE(buffer.space(none, 100).empty());
}

}  // namespace
}  // namespace martlet::conn
