// ManualClock: time that passes only when a test says so. Safe from any thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "server/base/clock.h"

namespace martlet::support {

class ManualClock final : public Clock {
 public:
  uint64_t monotonic_ms() const override { return ms_.load(std::memory_order_acquire); }
  int64_t unix_seconds() const override { return unix_.load(std::memory_order_acquire); }

  void advance_ms(uint64_t ms) {
    const uint64_t before = ms_.fetch_add(ms, std::memory_order_acq_rel);
    unix_.fetch_add(static_cast<int64_t>((before + ms) / 1000U - before / 1000U), std::memory_order_acq_rel);
  }
  void advance_seconds(uint64_t seconds) { advance_ms(seconds * 1000U); }
  // The wall clock alone is set.
  void step_unix(int64_t seconds) { unix_.fetch_add(seconds, std::memory_order_acq_rel); }

 private:
  std::atomic<uint64_t> ms_{5'000'000};
  std::atomic<int64_t> unix_{1'700'000'000};
};

}  // namespace martlet::support
