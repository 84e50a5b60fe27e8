// The drain on its own thread, over real sockets.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <future>
#include <string>

#include "server/log/log_drain.h"
#include "tests/support/manual_clock.h"

namespace martlet::log {
namespace {

using Ending = WatcherStream::Ending;
constexpr std::chrono::seconds kPatience{10};

// Both ends of a watcher's socket.
class SocketStream final : public WatcherStream {
 public:
  SocketStream() {
    std::array<int, 2> ends{-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    drains_.reset(ends[0]);
    clients_.reset(ends[1]);
  }
  // The client reads up to and with `mark`.
  std::string read_through(const std::string& mark) {
    while (text_.find(mark) == std::string::npos) {
      pollfd polled{clients_.get(), POLLIN, 0};
      if (::poll(&polled, 1, static_cast<int>(kPatience.count() * 1000)) != 1) return "(never came) " + text_;
      std::array<char, 4096> bytes;
      const ssize_t got = ::recv(clients_.get(), bytes.data(), bytes.size(), 0);
      if (got <= 0) return "(ended) " + text_;
      text_.append(bytes.data(), static_cast<size_t>(got));
    }
    std::string out = text_.substr(0, text_.find(mark) + mark.size());
    text_.erase(0, out.size());
    return out;
  }
  void hang_up() { clients_.reset(); }
  void speak() { EXPECT_EQ(::send(clients_.get(), "get a\r\n", 7, MSG_NOSIGNAL), 7); }
  std::future<Ending> ending() { return ending_.get_future(); }

  int fd() const override { return drains_.get(); }
  size_t send(std::string_view bytes, State* state) override {
    const ssize_t put = ::send(drains_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put < 0 && errno != EAGAIN) *state = State::failed;
    return put < 0 ? 0 : static_cast<size_t>(put);
  }
  State drop_input() override {
    std::array<char, 64> bytes;
    return ::recv(drains_.get(), bytes.data(), bytes.size(), 0) == 0 ? State::ended : State::open;
  }
  void close(Ending ending) override {
    drains_.reset();
    ending_.set_value(ending);
  }

 private:
  threads::UniqueFd drains_;
  threads::UniqueFd clients_;
  std::string text_;
  std::promise<Ending> ending_;
};

class LogThread : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(drain_->start()); }
  void TearDown() override { drain_->stop(); }

  void watch(SocketStream& stream) {
    const Reservation reserved = drain_->reserve(kFetchers);
    ASSERT_EQ(reserved.result, Reservation::Result::done);
    drain_->adopt(reserved.place, stream);
    ASSERT_EQ(stream.read_through("OK\r\n"), "OK\r\n");
  }
  void write(uint32_t size) {
    Event event;
    event.kind = Kind::item_get;
    event.size = size;
    drain_->ring(0).write(event, "k");
  }

  support::ManualClock clock_;
  SocketStream stream_;  // lives longer than the drain
  std::unique_ptr<LogDrain> drain_ = LogDrain::create({}, clock_, 1);
};

TEST_F(LogThread, AnEventWakesItHoweverOftenItHasGoneToSleep) {
  watch(stream_);
  for (uint32_t i = 0; i < 500; ++i) {
    write(i);
    const std::string line = stream_.read_through("\n");
    ASSERT_NE(line.find("key=k"), std::string::npos) << i << ": " << line;
    ASSERT_NE(line.find("size=" + std::to_string(i) + "\n"), std::string::npos) << line;
  }
}

TEST_F(LogThread, AHangUpIsNoticedWhileNoLineFlows) {
  watch(stream_);
  std::future<Ending> ending = stream_.ending();
  stream_.hang_up();
  ASSERT_EQ(ending.wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(ending.get(), Ending::by_client);
}

TEST_F(LogThread, WhatAWatcherSaysIsDropped) {
  watch(stream_);
  stream_.speak();
  write(1);
  EXPECT_NE(stream_.read_through("\n").find("key=k"), std::string::npos);
}

TEST_F(LogThread, SleepsWhenTheLastWatcherHasLeft) {
  watch(stream_);
  std::future<Ending> ending = stream_.ending();
  stream_.hang_up();
  ASSERT_EQ(ending.wait_for(kPatience), std::future_status::ready);
  const auto processor_us = [] {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
  };
  const int64_t before = processor_us();
  ::poll(nullptr, 0, 200);
  EXPECT_LT(processor_us() - before, 100'000) << "of 200,000 µs that passed";
}

}  // namespace
}  // namespace martlet::log
