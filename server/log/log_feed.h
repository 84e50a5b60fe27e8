// LogFeed: what all who write events share with the one who reads them: which words are watched at all, the events'
// numbers, and the drain's bell.
//
//   writer: wanted? (one relaxed load; no for everybody while nobody watches) ─► into its ring ─► announce()
//   drain:  rings empty ─► may_sleep() ─► nothing came meanwhile? ─► poll(bell_fd()) ─► awake()
//
// The bell is rung only for a drain that sleeps, so a busy writer pays no system call per event.
#pragma once

#include <atomic>
#include <cstdint>

#include "server/base/clock.h"
#include "server/log/log_event.h"
#include "threads/notify_pipe.h"

namespace martlet::log {

class LogFeed {
 public:
  explicit LogFeed(const Clock& clock) : clock_(clock) {}

  // False when there are no descriptors left.
  [[nodiscard]] bool open() { return bell_.open(); }

  // Any thread.
  bool wants(Words words) const { return (wanted_.load(std::memory_order_relaxed) & words) != 0; }
  // The next number and the time of the day.
  void stamp(Event& event);
  // Something is in a ring: wakes the drain if it sleeps.
  void announce() {
    if (asleep_.load() && asleep_.exchange(false)) bell_.wake();
  }
  // Wakes the drain in any case.
  void ring() { bell_.wake(); }

  // Drain only.
  void set_wanted(Words words) { wanted_.store(words, std::memory_order_release); }
  // From here on announce() rings; look at the rings once more, then sleep on bell_fd().
  void may_sleep() { asleep_.store(true); }
  void awake() { asleep_.store(false); }
  void silence() { bell_.drain(); }  // once bell_fd() is readable
  int bell_fd() const { return bell_.read_fd(); }

 private:
  const Clock& clock_;
  threads::WakePipe bell_;
  alignas(64) std::atomic<Words> wanted_{0};  // read by every command, written hardly ever
  alignas(64) std::atomic<uint64_t> next_gid_{1};
  alignas(64) std::atomic<bool> asleep_{false};
};

}  // namespace martlet::log
