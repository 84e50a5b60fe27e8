// Item times: whole seconds since shortly before the server started, as a 32-bit number (136 years).
//
// The main thread ticks a RelClock; every other thread reads the second it published. An exptime from the wire becomes
// a RelTime exactly once, when the command is executed: relative times by the monotonic clock, so a step of the wall
// clock neither expires everything nor makes anything immortal.
#pragma once

#include <atomic>
#include <cstdint>

#include "server/base/clock.h"

namespace martlet {

using RelTime = uint32_t;

inline constexpr RelTime kNever = 0;           // as an expiry: never
inline constexpr RelTime kAlreadyExpired = 1;  // as an expiry: in the past since before the first tick
inline constexpr RelTime kFirstSecond = 2;     // what now() shows when the clock is made
inline constexpr int64_t kMaxRelativeExptime = 60 * 60 * 24 * 30;  // protocol: larger exptimes are Unix times

class RelClock {
 public:
  explicit RelClock(const Clock& clock);

  // The published second. Any thread.
  RelTime now() const { return now_.load(std::memory_order_relaxed); }

  // Publishes the current second. Main thread only (tests: whoever turns the manual clock).
  void tick() { publish(current()); }

  // How far the present second has come, 0 to 999.
  uint64_t ms_into_second() const { return (clock_.monotonic_ms() - start_ms_) % 1000U; }

  // The second tick() would publish.
  RelTime current() const;
  void publish(RelTime now) { now_.store(now, std::memory_order_relaxed); }

  // An exptime as clients send it: 0 never, negative already expired, up to kMaxRelativeExptime relative to now,
  // beyond that a Unix time (at or before the server's start: already expired). Times past the range saturate.
  RelTime from_exptime(int64_t exptime) const;

  // Unix seconds of a RelTime, and seconds since start for `uptime`. Any thread.
  int64_t to_unix(RelTime time) const;
  uint32_t uptime() const { return now() - kFirstSecond; }
  int64_t start_unix() const { return start_unix_; }

  const Clock& source() const { return clock_; }

 private:
  const Clock& clock_;
  const uint64_t start_ms_;   // monotonic
  const int64_t start_unix_;  // wall clock at start
  std::atomic<RelTime> now_{kFirstSecond};
};

// Is an item with this expiry gone at `now`?
inline bool expired(RelTime exptime, RelTime now) { return exptime != kNever && exptime <= now; }

// Seconds until then: -1 where an item never expires, 0 where it already has.
inline int64_t seconds_left(RelTime exptime, RelTime now) {
  if (exptime == kNever) return -1;
  return exptime > now ? exptime - now : 0;
}

// Seconds since then; 0 for what another thread did in a second that this one has not seen yet.
inline uint32_t seconds_since(RelTime then, RelTime now) { return now > then ? now - then : 0; }

}  // namespace martlet
