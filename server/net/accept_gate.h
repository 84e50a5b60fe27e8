// AcceptGate: stops all listeners when no more can be accepted, and opens them again.
//
//   pause() ──► listeners quiet ──► backoff timer every 10 ms: is there room? ──► all listeners resume
//
// Two reasons to pause: all connections of -c are taken (and clients are to wait rather than to be turned away), or
// descriptors or memory ran out. Main thread only, but for the figures.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <vector>

#include "server/base/clock.h"
#include "server/base/diag.h"
#include "server/net/listener.h"
#include "threads/conn_slot.h"
#include "threads/event_loop.h"

namespace martlet::net {

class AcceptGate {
 public:
  enum class Reason : uint8_t { connections, resources };

  static constexpr std::chrono::milliseconds kBackoff{10};

  AcceptGate(threads::EventLoop& loop, const threads::ConnLimit& limit, const Clock& clock, const Diag& diag);

  // The listeners outlive the gate's use; none is added while paused.
  void add(Listener& listener) { listeners_.push_back(&listener); }

  void pause(Reason reason);

  // For good: at the end. Forgets the listeners, which may go then.
  void shut();

  // Any thread.
  bool accepting() const { return accepting_.load(std::memory_order_relaxed); }
  uint64_t times_disabled() const { return times_disabled_.load(std::memory_order_relaxed); }
  uint64_t disabled_us() const;

 private:
  static void on_backoff(void* self);
  bool room() const;
  bool resume();

  const threads::ConnLimit& limit_;
  const Clock& clock_;
  const Diag& diag_;
  std::vector<Listener*> listeners_;
  threads::TimerEvent timer_;
  Reason reason_ = Reason::connections;
  uint64_t released_at_pause_ = 0;  // slots given back by then
  uint64_t paused_at_us_ = 0;
  std::atomic<bool> accepting_{true};
  std::atomic<uint64_t> times_disabled_{0};
  std::atomic<uint64_t> disabled_us_{0};  // of the pauses that are over
};

}  // namespace martlet::net
