#include "server/conn/reply_queue.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

namespace martlet::conn {
namespace {

// A value in pieces of seven bytes that counts how often it was let go.
class Pieces final : public PinOwner {
 public:
  explicit Pieces(std::string bytes) : bytes_(std::move(bytes)) {}
  std::string_view piece_at(void*, size_t offset) const override {
    return std::string_view(bytes_).substr(offset, 7 - offset % 7);
  }
  void unpin(void*) override { ++let_go; }
  PinnedBytes pin() { return PinnedBytes::pinned(*this, nullptr, bytes_.size()); }

  int let_go = 0;

 private:
  std::string bytes_;
};

// Sends everything, `step` bytes a write.
std::string drain(ReplyQueue& queue, size_t step) {
  std::string out;
  while (!queue.empty()) {
    std::array<iovec, 5> pieces;
    const size_t count = queue.gather(pieces);
    EXPECT_GT(count, 0U);
    size_t left = step;
    for (size_t i = 0; i < count && left > 0; ++i) {
      const size_t here = std::min(left, pieces[i].iov_len);
      out.append(static_cast<const char*>(pieces[i].iov_base), here);
      left -= here;
    }
    queue.consume(step - left);
  }
  return out;
}

TEST(ReplyQueue, RepliesLeaveInOrder) {
  BufferPool pool(0);
  for (const size_t step : {1U, 2U, 3U, 7U, 64U, 1'000'000U}) {
    ReplyQueue queue(pool);
    Pieces value(std::string(100, 'v'));
    ASSERT_TRUE(queue.append("VALUE a 0 100\r\n"));
    ASSERT_TRUE(queue.append_value(value.pin()));
    ASSERT_TRUE(queue.append("\r\nEND\r\n"));
    EXPECT_EQ(queue.bytes(), 15U + 100U + 7U);
    EXPECT_EQ(drain(queue, step), "VALUE a 0 100\r\n" + std::string(100, 'v') + "\r\nEND\r\n");
    EXPECT_EQ(value.let_go, 1);
    EXPECT_EQ(queue.bytes(), 0U);
  }
  EXPECT_EQ(pool.figures().blocks, 0U);
}

TEST(ReplyQueue, APinIsKeptUntilItsLastByteIsSent) {
  BufferPool pool(0);
  ReplyQueue queue(pool);
  Pieces value(std::string(20, 'v'));
  ASSERT_TRUE(queue.append_value(value.pin()));
  queue.consume(19);
  EXPECT_EQ(value.let_go, 0);
  queue.consume(1);
  EXPECT_EQ(value.let_go, 1);
}

TEST(ReplyQueue, ClearingLetsGoOfEverything) {
  BufferPool pool(0);
  Pieces value(std::string(20, 'v'));
  {
    ReplyQueue queue(pool);
    ASSERT_TRUE(queue.append(std::string(100'000, 'x')));
    ASSERT_TRUE(queue.append_value(value.pin()));
  }
  EXPECT_EQ(value.let_go, 1);
  EXPECT_EQ(pool.figures().blocks, 0U);
}

TEST(ReplyQueue, TransientBytesAreCopied) {
  BufferPool pool(0);
  ReplyQueue queue(pool);
  std::string value = "value";
  ASSERT_TRUE(queue.append_value(PinnedBytes::transient(value)));
  value = "other";
  EXPECT_EQ(drain(queue, 100), "value");
}

TEST(ReplyQueue, FormattingInPlaceCommitsWhatWasUsed) {
  BufferPool pool(0);
  ReplyQueue queue(pool);
  for (int i = 0; i < 200; ++i) {
    char* space = queue.prepare(512);
    ASSERT_NE(space, nullptr);
    space[0] = 'a';
    space[1] = 'b';
    queue.commit(2);
  }
  std::string expected;
  for (int i = 0; i < 200; ++i) expected += "ab";
  EXPECT_EQ(drain(queue, 33), expected);
}

TEST(ReplyQueue, NoMemoryIsSaid) {
  BufferPool pool(1);
  ReplyQueue queue(pool);
  EXPECT_FALSE(queue.append("x"));
  EXPECT_EQ(queue.prepare(10), nullptr);
  Pieces value("0123456789");
  EXPECT_FALSE(queue.append_value(value.pin()));
  EXPECT_EQ(value.let_go, 1);
  EXPECT_TRUE(queue.empty());
}

TEST(ReplyQueue, RandomMixesKeepTheirBytes) {
  std::mt19937 random(11);
  BufferPool pool(0);
  for (int round = 0; round < 300; ++round) {
    ReplyQueue queue(pool);
    Pieces value(std::string(1 + random() % 500, static_cast<char>('A' + round % 26)));
    std::string expected;
    int pins = 0;
    for (int i = 0; i < 20; ++i) {
      if (random() % 3 == 0) {
        ASSERT_TRUE(queue.append_value(value.pin()));
        ++pins;
        for (size_t at = 0; at < value.pin().size();) {
          const auto piece = value.piece_at(nullptr, at);
          expected += piece;
          at += piece.size();
        }
      } else {
        const std::string bytes(random() % 30'000, static_cast<char>('a' + i));
        ASSERT_TRUE(queue.append(bytes));
        expected += bytes;
      }
    }
    ASSERT_EQ(drain(queue, 1 + random() % 5000), expected);
  }
}

}  // namespace
}  // namespace martlet::conn
