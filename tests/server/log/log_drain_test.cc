// The drain without its thread: the tests take the turns.
#include "server/log/log_drain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/fake_stream.h"
#include "tests/support/manual_clock.h"

namespace martlet::log {
namespace {

using Ending = WatcherStream::Ending;
using support::FakeStream;

uint64_t lines_in(const std::string& text) { return static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n')); }

class LogDrains : public ::testing::Test {
 protected:
  static Event event_of(Kind kind) {
    Event event;
    event.kind = kind;
    event.status = "found";
    event.command = "set";
    return event;
  }
  void watch(FakeStream& stream, Words words) {
    const Reservation reserved = drain_->reserve(words);
    ASSERT_EQ(reserved.result, Reservation::Result::done);
    drain_->adopt(reserved.place, stream);
    drain_->turn();
    ASSERT_EQ(stream.take(), "OK\r\n");
  }

  support::ManualClock clock_;
  FakeStream first_;  // these live longer than the drain
  FakeStream second_;
  std::unique_ptr<LogDrain> drain_ = LogDrain::create({kLeastBuffer, kLeastBuffer}, clock_, 2);
};

TEST_F(LogDrains, AWatcherReadsItsAnswerAndThenWhatItAskedFor) {
  EXPECT_FALSE(drain_->ring(0).wants(Kind::item_get));
  watch(first_, kFetchers);
  EXPECT_TRUE(drain_->ring(0).wants(Kind::item_get));
  EXPECT_FALSE(drain_->ring(0).wants(Kind::item_store));
  drain_->ring(0).write(event_of(Kind::item_get), "a");
  drain_->ring(1).write(event_of(Kind::item_store), "b");
  drain_->turn();
  EXPECT_EQ(first_.take(), "ts=1700000000.000000 gid=1 type=item_get key=a status=found clsid=0 cfd=-1 size=0\n");
}

TEST_F(LogDrains, EachWatcherHasItsOwnWords) {
  watch(first_, kFetchers);
  watch(second_, kMutations);
  drain_->ring(1).write(event_of(Kind::item_store), "b");
  drain_->shared().write(event_of(Kind::item_get), "c");
  drain_->turn();
  EXPECT_EQ(lines_in(first_.text), 1U);
  EXPECT_NE(first_.text.find("type=item_get key=c"), std::string::npos);
  EXPECT_EQ(lines_in(second_.text), 1U);
  EXPECT_NE(second_.text.find("type=item_store key=b"), std::string::npos);
}

TEST_F(LogDrains, TwentyMayWatch) {
  std::vector<size_t> places;
  for (size_t i = 0; i < 20; ++i) {
    const Reservation reserved = drain_->reserve(kFetchers);
    ASSERT_EQ(reserved.result, Reservation::Result::done);
    places.push_back(reserved.place);
  }
  EXPECT_EQ(drain_->figures().watchers, 20U);
  EXPECT_EQ(drain_->reserve(kFetchers).result, Reservation::Result::too_many);
  drain_->give_back(places[7]);
  const Reservation again = drain_->reserve(kFetchers);
  EXPECT_EQ(again.result, Reservation::Result::done);
  EXPECT_EQ(again.place, places[7]);
}

TEST_F(LogDrains, ALostWatcherMakesRoomAndIsNoLongerWrittenFor) {
  watch(first_, kFetchers);
  first_.sending = WatcherStream::State::failed;
  drain_->ring(0).write(event_of(Kind::item_get), "a");
  drain_->turn();
  EXPECT_EQ(first_.closed, Ending::lost);
  EXPECT_FALSE(drain_->ring(0).wants(Kind::item_get));
  EXPECT_EQ(drain_->figures().watchers, 0U);
}

TEST_F(LogDrains, ASlowWatcherLosesLinesAndNobodyElseDoes) {
  watch(first_, kFetchers);
  watch(second_, kFetchers);
  first_.room = 0;
  constexpr uint64_t kEvents = 1000;
  for (uint64_t i = 0; i < kEvents; ++i) {
    drain_->ring(0).write(event_of(Kind::item_get), "key");
    drain_->turn();
  }
  const LogFigures figures = drain_->figures();
  EXPECT_EQ(figures.worker_written, kEvents);
  EXPECT_EQ(figures.worker_dropped, 0U);
  EXPECT_EQ(lines_in(second_.text), kEvents);
  EXPECT_GT(figures.watcher_skipped, 0U);
  EXPECT_EQ(figures.watcher_sent + figures.watcher_skipped, 2 * kEvents);
}

TEST_F(LogDrains, ADrainThatDoesNotComeAlongCostsEventsOnly) {
  watch(first_, kFetchers);
  for (int i = 0; i < 1000; ++i) drain_->ring(0).write(event_of(Kind::item_get), "key");
  const LogFigures figures = drain_->figures();
  EXPECT_GT(figures.worker_dropped, 0U);
  EXPECT_EQ(figures.worker_written + figures.worker_dropped, 1000U);
  drain_->turn();
  EXPECT_EQ(lines_in(first_.text), figures.worker_written);
}

TEST_F(LogDrains, TheStopSendsWhatIsWrittenAndClosesTheWatchers) {
  watch(first_, kFetchers);
  drain_->ring(0).write(event_of(Kind::item_get), "last");
  const Reservation reserved = drain_->reserve(kFetchers);
  drain_->adopt(reserved.place, second_);
  drain_->stop();
  EXPECT_NE(first_.text.find("key=last"), std::string::npos);
  EXPECT_EQ(first_.closed, Ending::shutdown);
  EXPECT_EQ(second_.closed, Ending::shutdown);
  first_.closed.reset();
  drain_->stop();
  EXPECT_FALSE(first_.closed.has_value());
}

}  // namespace
}  // namespace martlet::log
