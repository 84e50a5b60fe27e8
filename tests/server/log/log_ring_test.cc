#include "server/log/log_ring.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "server/log/log_settings.h"
#include "tests/support/manual_clock.h"

namespace martlet::log {
namespace {

class LogRings : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(feed_.open()); }

  static Event event_of(uint32_t size) {
    Event event;
    event.kind = Kind::item_get;
    event.size = size;
    return event;
  }
  std::string read() {
    Event event;
    LogRing::Key key;
    if (!ring_->read(&event, &key)) return "(none)";
    return std::to_string(event.size) + " " + std::string(key.data(), event.key_size);
  }

  support::ManualClock clock_;
  LogFeed feed_{clock_};
  std::unique_ptr<LogRing> ring_ = LogRing::create(feed_, kLeastBuffer);
};

TEST_F(LogRings, AnEventComesOutAsItWentIn) {
  EXPECT_TRUE(ring_->empty());
  ring_->write(event_of(5), "key");
  EXPECT_FALSE(ring_->empty());
  Event event;
  LogRing::Key key;
  ASSERT_TRUE(ring_->read(&event, &key));
  EXPECT_EQ(std::string(key.data(), event.key_size), "key");
  EXPECT_EQ(event.size, 5U);
  EXPECT_EQ(event.gid, 1U);
  EXPECT_EQ(event.time_us, clock_.unix_us());
  EXPECT_TRUE(ring_->empty());
  EXPECT_EQ(read(), "(none)");
}

TEST_F(LogRings, NumbersGrowOverAllRings) {
  const auto other = LogRing::create(feed_, kLeastBuffer);
  ring_->write(event_of(0), "a");
  other->write(event_of(0), "b");
  Event event;
  LogRing::Key key;
  ASSERT_TRUE(other->read(&event, &key));
  EXPECT_EQ(event.gid, 2U);
}

TEST_F(LogRings, AFullRingDropsWhatComesAndKeepsWhatItHas) {
  const std::string key(100, 'k');
  uint32_t written = 0;
  while (ring_->dropped() == 0) ring_->write(event_of(written++), key);
  const uint32_t kept = written - 1;
  EXPECT_EQ(ring_->written(), kept);
  ASSERT_EQ(kept, kLeastBuffer / (sizeof(Event) + key.size()));
  ring_->write(event_of(999), key);
  EXPECT_EQ(ring_->dropped(), 2U);
  for (uint32_t i = 0; i < kept; ++i) EXPECT_EQ(read(), std::to_string(i) + " " + key);
  EXPECT_EQ(read(), "(none)");
  ring_->write(event_of(1), key);
  EXPECT_EQ(read(), "1 " + key);
}

TEST_F(LogRings, NothingIsTornWhereTheMemoryBeginsAgain) {
  for (uint32_t i = 0; i < 2000; ++i) {
    const std::string key(i % 251, static_cast<char>('a' + i % 26));
    ring_->write(event_of(i), key);
    ASSERT_EQ(read(), std::to_string(i) + " " + key);
  }
}

TEST_F(LogRings, AKeyTooLongIsCut) {
  ring_->write(event_of(1), std::string(kMaxKey + 5, 'x'));
  EXPECT_EQ(read(), "1 " + std::string(kMaxKey, 'x'));
}

TEST_F(LogRings, OnlyWhatIsWatchedIsWanted) {
  EXPECT_FALSE(ring_->wants(Kind::item_get));
  feed_.set_wanted(kFetchers | kConnEvents);
  EXPECT_TRUE(ring_->wants(Kind::item_get));
  EXPECT_TRUE(ring_->wants(Kind::conn_close));
  EXPECT_FALSE(ring_->wants(Kind::item_store));
  feed_.set_wanted(0);
  EXPECT_FALSE(ring_->wants(Kind::item_get));
}

// What was written is read or was counted as dropped, in order and whole, while both ends are at work.
TEST_F(LogRings, WriterAndReaderAgreeOnEveryEvent) {
  constexpr uint32_t kEvents = 50'000;
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (uint32_t i = 0; i < kEvents; ++i) ring_->write(event_of(i), std::string(i % 97, 'k'));
    done.store(true);
  });
  Event event;
  LogRing::Key key;
  uint64_t read_count = 0;
  int64_t last = -1;
  bool whole = true;
  while (true) {
    const bool last_look = done.load();
    while (ring_->read(&event, &key)) {
      ++read_count;
      whole = whole && int64_t{event.size} > last && event.key_size == event.size % 97;
      last = event.size;
    }
    if (last_look) break;
  }
  writer.join();
  EXPECT_TRUE(whole);
  EXPECT_EQ(read_count, ring_->written());
  EXPECT_EQ(ring_->written() + ring_->dropped(), kEvents);
}

TEST_F(LogRings, ManyThreadsShareOneRing) {
  SharedRing shared(LogRing::create(feed_, 1 << 20));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (uint32_t i = 0; i < 500; ++i) shared.write(event_of(i), "some key");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(shared.reader().written(), 2000U);
  Event event;
  LogRing::Key key;
  int count = 0;
  while (shared.reader().read(&event, &key)) ++count;
  EXPECT_EQ(count, 2000);
}

}  // namespace
}  // namespace martlet::log
