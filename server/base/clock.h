// Where time comes from. Everything that measures or compares time asks a Clock, so that tests can turn it by hand.
#pragma once

#include <cstdint>

namespace martlet {

class Clock {
 public:
  virtual ~Clock() = default;

  // Milliseconds of a clock that never steps (CLOCK_MONOTONIC). Safe from any thread.
  virtual uint64_t monotonic_ms() const = 0;

  // Seconds since the Unix epoch; may step. Safe from any thread.
  virtual int64_t unix_seconds() const = 0;
};

// The machine's clocks.
class SystemClock final : public Clock {
 public:
  uint64_t monotonic_ms() const override;
  int64_t unix_seconds() const override;
};

}  // namespace martlet
