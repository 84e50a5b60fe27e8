#include "server/base/rel_time.h"

#include <algorithm>
#include <limits>

namespace martlet {
namespace {

constexpr int64_t kLatest = std::numeric_limits<RelTime>::max();

RelTime saturate(int64_t seconds) {
  if (seconds <= kAlreadyExpired) return kAlreadyExpired;
  return static_cast<RelTime>(std::min(seconds, kLatest));
}

}  // namespace

RelClock::RelClock(const Clock& clock)
    : clock_(clock), start_ms_(clock.monotonic_ms()), start_unix_(clock.unix_seconds()) {}

RelTime RelClock::current() const {
  const uint64_t passed = (clock_.monotonic_ms() - start_ms_) / 1000U;
  return saturate(static_cast<int64_t>(passed) + kFirstSecond);
}

RelTime RelClock::from_exptime(int64_t exptime) const {
  if (exptime == 0) return kNever;
  if (exptime < 0) return kAlreadyExpired;
  if (exptime <= kMaxRelativeExptime) return saturate(exptime + now());
  if (exptime <= start_unix_) return kAlreadyExpired;
  // Unix time: where it lies seen from the current wall clock, laid off from now on the monotonic one.
  return saturate(exptime - clock_.unix_seconds() + now());
}

int64_t RelClock::to_unix(RelTime time) const { return start_unix_ + static_cast<int64_t>(time) - kFirstSecond; }

}  // namespace martlet
