// LogDrain: the log's own thread. It takes events out of the rings, puts them into words, hands the lines to the
// watchers who asked for them, and serves the watchers' sockets, which are its own from adopt() on.
//
//   worker ─► LogRing ───┐
//   worker ─► LogRing ───┼─► drain: a line per event ─► Watcher's buffer ─► its socket
//   anyone ─► SharedRing ┘                         └──► Watcher's buffer ─► its socket
//
// While nobody watches, nothing is written and the thread sleeps without a timer. Nobody ever waits for the drain: a
// full ring and a full watcher lose what comes, and count it.
//
// A watcher comes in two steps: reserve(), by the command, takes one of the places; then either adopt(), when the
// connection has let go of its socket, or give_back(). The first line is the command's answer, so that whatever the
// client does after it has read `OK` is seen.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "server/log/log_feed.h"
#include "server/log/log_ring.h"
#include "server/log/log_settings.h"
#include "server/log/watcher.h"
#include "threads/mutex.h"

namespace martlet::log {

inline constexpr size_t kMaxWatchers = 20;

// What became of a wish to watch.
struct Reservation {
  enum class Result : uint8_t { done, too_many, no_memory } result = Result::no_memory;
  size_t place = 0;  // done: below kMaxWatchers
};

struct LogFigures {
  uint64_t worker_written = 0;   // events
  uint64_t worker_dropped = 0;   // events for which a ring had no room
  uint64_t watcher_sent = 0;     // lines queued for watchers
  uint64_t watcher_skipped = 0;  // lines for which a watcher had no room
  uint64_t watchers = 0;         // at this moment
};

class LogDrain {
 public:
  // `writers` rings. `clock` outlives the drain. Null when no memory or descriptors could be had.
  static std::unique_ptr<LogDrain> create(const LogSettings& settings, const Clock& clock, size_t writers);
  ~LogDrain();
  LogDrain(const LogDrain&) = delete;
  LogDrain& operator=(const LogDrain&) = delete;

  // Begins the thread. False when it cannot be had.
  [[nodiscard]] bool start();
  // After the writers have ended: what they wrote is sent as far as the sockets take it, the watchers are closed, the
  // thread is joined. Idempotent.
  void stop();

  // The ring of the writer with this number, for its thread only.
  LogRing& ring(size_t writer) { return *rings_[writer]; }
  // For all other threads.
  SharedRing& shared() { return shared_; }

  // Any thread. The caller owes an adopt() or a give_back() for a place that it got.
  Reservation reserve(Words words) EXCLUDES(mu_);
  void give_back(size_t place) EXCLUDES(mu_);
  // `stream` is the drain's until it calls close(), and lives at least as long.
  void adopt(size_t place, WatcherStream& stream) EXCLUDES(mu_);

  // Any thread.
  LogFigures figures() const;

  // One turn of the thread, for tests that are the drain themselves: all but the sleep.
  void turn();

 private:
  LogDrain(const LogSettings& settings, const Clock& clock);

  bool build(size_t writers);
  void run();
  void welcome() EXCLUDES(mu_);
  bool carry();
  void deliver(const Event& event, std::string_view key);
  void flush();
  void wait(bool busy);
  bool rings_are_empty() const;
  void close(size_t place, WatcherStream::Ending ending) EXCLUDES(mu_);
  void publish_wanted();

  const uint64_t worker_buffer_;
  const uint64_t watcher_buffer_;
  LogFeed feed_;
  std::vector<std::unique_ptr<LogRing>> rings_;
  SharedRing shared_;
  std::thread thread_;
  bool open_ = false;  // built, and not stopped: the owner's thread only
  std::atomic<bool> stopping_{false};
  std::atomic<uint64_t> sent_{0};
  std::atomic<uint64_t> skipped_{0};

  // A taken place: its watcher waits in `arriving` until the drain has seen its socket.
  struct Seat {
    bool taken = false;
    std::unique_ptr<Watcher> arriving;
  };
  mutable threads::Mutex mu_;
  std::array<Seat, kMaxWatchers> seats_ GUARDED_BY(mu_);

  std::array<std::unique_ptr<Watcher>, kMaxWatchers> watching_;  // drain's thread only
};

}  // namespace martlet::log
