#include "server/log/watcher.h"

#include <gtest/gtest.h>

#include <string>

#include "server/log/log_settings.h"
#include "tests/support/fake_stream.h"

namespace martlet::log {
namespace {

class Watchers : public ::testing::Test {
 protected:
  void SetUp() override { watcher_->attach(stream_); }

  // Lines of 100 bytes until one is skipped; how many were taken.
  int fill() {
    int lines = 0;
    while (watcher_->offer(std::string(99, static_cast<char>('a' + lines % 26)) + "\n")) ++lines;
    return lines;
  }
  // What leaves when the socket takes `room` bytes again.
  std::string let_through(size_t room) {
    stream_.room = room;
    watcher_->may_send();
    EXPECT_TRUE(watcher_->flush());
    return stream_.take();
  }

  support::FakeStream stream_;
  std::unique_ptr<Watcher> watcher_ = Watcher::create(kFetchers, kLeastBuffer);
};

TEST_F(Watchers, LinesLeaveInOrder) {
  EXPECT_TRUE(watcher_->offer("one\n"));
  EXPECT_TRUE(watcher_->offer("two\n"));
  EXPECT_TRUE(watcher_->flush());
  EXPECT_EQ(stream_.text, "one\ntwo\n");
}

TEST_F(Watchers, WhatTheSocketDoesNotTakeWaits) {
  stream_.room = 5;
  watcher_->offer("0123456789\n");
  EXPECT_TRUE(watcher_->flush());
  EXPECT_EQ(stream_.take(), "01234");
  EXPECT_TRUE(watcher_->blocked());
  stream_.room = 100;
  EXPECT_TRUE(watcher_->flush());
  EXPECT_EQ(stream_.take(), "") << "a blocked socket is not tried again before it is ready";
  EXPECT_EQ(let_through(100), "56789\n");
}

TEST_F(Watchers, LinesForWhichThereIsNoRoomAreSkippedAndToldOfOnce) {
  stream_.room = 0;
  const int kept = fill();
  EXPECT_EQ(kept, static_cast<int>(kLeastBuffer / 100));
  EXPECT_FALSE(watcher_->offer(std::string(150, '.') + "\n"));
  watcher_->flush();
  const std::string text = let_through(SIZE_MAX);
  ASSERT_GT(text.size(), static_cast<size_t>(kept) * 100);
  EXPECT_EQ(text.substr(static_cast<size_t>(kept) * 100), "skipped=2\n");
  EXPECT_TRUE(watcher_->offer("next\n"));
  watcher_->flush();
  EXPECT_EQ(stream_.take(), "next\n");
}

TEST_F(Watchers, TheNoteStandsWhereTheLinesAreMissing) {
  stream_.room = 0;
  fill();
  watcher_->flush();
  let_through(300);
  EXPECT_TRUE(watcher_->offer("later\n"));
  const std::string text = let_through(SIZE_MAX);
  EXPECT_EQ(text.substr(text.size() - 16), "skipped=1\nlater\n");
}

TEST_F(Watchers, NothingIsTornWhereTheMemoryBeginsAgain) {
  std::string expected;
  for (int i = 0; i < 3000; ++i) {
    const std::string line = std::to_string(i) + std::string(static_cast<size_t>(i % 300), 'x') + "\n";
    expected += line;
    ASSERT_TRUE(watcher_->offer(line));
    ASSERT_TRUE(watcher_->flush());
  }
  EXPECT_EQ(stream_.text, expected);
}

TEST_F(Watchers, ALostConnectionIsNoticedWhenALineIsSent) {
  EXPECT_TRUE(watcher_->flush());
  stream_.sending = WatcherStream::State::failed;
  watcher_->offer("line\n");
  EXPECT_FALSE(watcher_->flush());
}

}  // namespace
}  // namespace martlet::log
