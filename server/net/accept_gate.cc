#include "server/net/accept_gate.h"

namespace martlet::net {
namespace {

// Descriptors may be freed by others than our connections, so after this long it is simply tried again.
constexpr uint64_t kRetryUs = 500'000;

}  // namespace

AcceptGate::AcceptGate(threads::EventLoop& loop, const threads::ConnLimit& limit, const Clock& clock, const Diag& diag)
    : limit_(limit), clock_(clock), diag_(diag), timer_(loop, &AcceptGate::on_backoff, this) {}

void AcceptGate::pause(Reason reason) {
  if (!accepting()) return;
  reason_ = reason;
  released_at_pause_ = limit_.released();
  paused_at_us_ = clock_.monotonic_us();
  accepting_.store(false, std::memory_order_relaxed);
  times_disabled_.store(times_disabled() + 1, std::memory_order_relaxed);
  for (Listener* listener : listeners_) listener->pause(reason == Reason::connections);
  // Without the timer nobody would open the gate again: leave it open then, and try again at the next newcomer.
  if (!timer_.arm(kBackoff)) (void)resume();
}

void AcceptGate::shut() {
  timer_.cancel();
  accepting_.store(false, std::memory_order_relaxed);
  for (Listener* listener : listeners_) listener->pause(true);
  listeners_.clear();
}

bool AcceptGate::room() const {
  if (reason_ == Reason::connections) return limit_.taken() < limit_.limit();
  return limit_.released() != released_at_pause_ || clock_.monotonic_us() - paused_at_us_ >= kRetryUs;
}

void AcceptGate::on_backoff(void* argument) {
  auto& self = *static_cast<AcceptGate*>(argument);
  if (!self.room() && self.timer_.arm(kBackoff)) return;
  if (!self.resume()) self.pause(Reason::resources);
}

// False when a listener could not be resumed.
bool AcceptGate::resume() {
  bool all = true;
  disabled_us_.store(disabled_us_.load(std::memory_order_relaxed) + clock_.monotonic_us() - paused_at_us_,
                     std::memory_order_relaxed);
  accepting_.store(true, std::memory_order_relaxed);
  for (Listener* listener : listeners_) {
    if (listener->resume()) continue;
    all = false;
    diag_.log(0, "{}: its event cannot be registered, new connections wait", listener->socket().address);
  }
  return all;
}

uint64_t AcceptGate::disabled_us() const { return disabled_us_.load(std::memory_order_relaxed); }

}  // namespace martlet::net
