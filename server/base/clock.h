// Where time comes from. Everything that measures or compares time asks a Clock, so that tests can turn it by hand.
#pragma once

#include <cstdint>

namespace martlet {

class Clock {
 public:
  virtual ~Clock() = default;

  // Milliseconds of a clock that never steps (CLOCK_MONOTONIC). Safe from any thread.
  virtual uint64_t monotonic_ms() const = 0;

  // The same clock in microseconds, where the milliseconds are too coarse.
  virtual uint64_t monotonic_us() const { return monotonic_ms() * 1000U; }

  // Seconds since the Unix epoch; may step. Safe from any thread.
  virtual int64_t unix_seconds() const = 0;

  // The same clock in microseconds, where the seconds are too coarse.
  virtual int64_t unix_us() const { return unix_seconds() * 1'000'000; }
};

// The machine's clocks. Milliseconds come from the coarse clock (a few ms of grain), which is asked at every wake-up.
class SystemClock final : public Clock {
 public:
  uint64_t monotonic_ms() const override;
  uint64_t monotonic_us() const override;
  int64_t unix_seconds() const override;
  int64_t unix_us() const override;
};

}  // namespace martlet
