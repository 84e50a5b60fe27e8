// LogRing: the events of one writer on their way to the drain. One thread writes, one reads; neither ever waits.
//
//   writer ─► | event key | event key | ...                | ─► drain        a full ring drops what comes, and counts
//   it
//             tail_ (the drain's)      head_ (the writer's)
//
// SharedRing: the same for events that may happen on any thread (evictions, the drain's own): a lock held for one copy
// makes its writers one.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "server/log/log_event.h"
#include "server/log/log_feed.h"
#include "server/log/ring_bytes.h"
#include "threads/mutex.h"

namespace martlet::log {

class LogRing {
 public:
  // `capacity` in bytes, raised to kLeastBuffer; `feed` outlives the ring. Null when no memory could be had.
  static std::unique_ptr<LogRing> create(LogFeed& feed, uint64_t capacity);
  LogRing(const LogRing&) = delete;
  LogRing& operator=(const LogRing&) = delete;

  // Does anybody watch such events? Ask before an Event is made.
  bool wants(Kind kind) const { return feed_.wants(word_of(kind)); }

  // Writer: whose commands are executed from here on, for `cfd=`.
  void set_client(int fd) { client_fd_ = fd; }
  int client_fd() const { return client_fd_; }

  // Writer: `key` is cut to kMaxKey bytes. Dropped and counted when there is no room.
  void write(Event event, std::string_view key);

  // Drain: the oldest event; its key is in `key`, `event->key_size` bytes of it. False when there is none.
  using Key = std::array<char, kMaxKey>;
  bool read(Event* event, Key* key);
  bool empty() const { return head_.load() == tail_.load(std::memory_order_relaxed); }

  // Any thread: how many events were written, how many were dropped.
  uint64_t written() const { return written_.load(std::memory_order_relaxed); }
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  LogRing(LogFeed& feed, RingBytes bytes) : feed_(feed), bytes_(std::move(bytes)) {}

  LogFeed& feed_;
  RingBytes bytes_;
  int client_fd_ = -1;
  alignas(64) std::atomic<uint64_t> head_{0};
  std::atomic<uint64_t> written_{0};
  std::atomic<uint64_t> dropped_{0};
  alignas(64) std::atomic<uint64_t> tail_{0};
};

class SharedRing {
 public:
  explicit SharedRing(std::unique_ptr<LogRing> ring) : ring_(std::move(ring)) {}

  bool wants(Kind kind) const { return ring_->wants(kind); }
  void write(const Event& event, std::string_view key) EXCLUDES(mu_) {
    threads::MutexLock lock(mu_);
    ring_->write(event, key);
  }
  bool usable() const { return ring_ != nullptr; }
  // Drain; for the figures any thread.
  LogRing& reader() { return *ring_; }
  const LogRing& reader() const { return *ring_; }

 private:
  threads::Mutex mu_;  // held by writers
  const std::unique_ptr<LogRing> ring_;
};

}  // namespace martlet::log
