// EventLoop: one libevent base and the one thread that runs it. FdEvent, TimerEvent, SignalEvent: what can happen in
// it.
//
// Callbacks are a plain function and its argument, so that an event costs nothing but libevent's own structure, which
// is embedded. An event belongs to its loop's thread: it is assigned, armed, disarmed and destroyed there (or before
// the loop runs, or after it ended). A loop is destroyed after all its events.
//
// Source: libevent 2.1, http://www.wangafu.net/~nickm/libevent-book/
#pragma once

#include <event2/event.h>
#include <event2/event_struct.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

namespace martlet::threads {

class EventLoop {
 public:
  // Null when libevent cannot make a base (no descriptors, no memory).
  static std::unique_ptr<EventLoop> create();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Dispatches events until stop(). The calling thread becomes the loop's thread.
  void run();
  // Makes run() return once the callback under way has; before run(): makes it return at once. Loop's thread only.
  void stop();
  // Whether stop() was called and run() has yet to return. Loop's thread only.
  bool stopping() const { return stopping_; }

  // Aborts when called from another thread while the loop runs.
  void assert_in_loop() const;

  // libevent's version, in its own words. Static storage.
  static const char* library_version() { return event_get_version(); }

  event_base* base() const { return base_; }

 private:
  explicit EventLoop(event_base* base) : base_(base) {}

  event_base* base_;
  bool stopping_ = false;
  std::atomic<std::thread::id> thread_{};
};

// Readiness of a descriptor, persistent and level-triggered.
class FdEvent {
 public:
  enum class Want : short { none = 0, read = EV_READ, write = EV_WRITE };
  // `what`: EV_READ or EV_WRITE.
  using Callback = void (*)(int fd, short what, void* argument);

  FdEvent() = default;
  ~FdEvent() { disarm(); }
  FdEvent(const FdEvent&) = delete;
  FdEvent& operator=(const FdEvent&) = delete;

  // Says what to watch and whom to tell. Disarms first. The descriptor is closed after the event was disarmed.
  void assign(EventLoop& loop, int fd, Callback callback, void* argument);

  // Watches for `want` (none: disarms). Nothing is done when that is armed already. False when the kernel or libevent
  // refuses (epoll_ctl: ENOSPC, ENOMEM): the descriptor cannot be served.
  [[nodiscard]] bool arm(Want want);
  void disarm();
  Want armed() const { return armed_; }

 private:
  event event_{};  // keeps descriptor, callback and argument while disarmed, too
  EventLoop* loop_ = nullptr;
  Want armed_ = Want::none;
};

// A one-shot timer.
class TimerEvent {
 public:
  using Callback = void (*)(void* argument);

  TimerEvent(EventLoop& loop, Callback callback, void* argument);
  ~TimerEvent() { cancel(); }
  TimerEvent(const TimerEvent&) = delete;
  TimerEvent& operator=(const TimerEvent&) = delete;

  // Fires once after `delay`; zero: in the loop's next turn, after other ready events had theirs. Re-arming moves it.
  // In a callback the delay counts from the turn's beginning, on a clock some ms coarse (CLOCK_MONOTONIC_COARSE): look
  // at the time again where it matters. False when no memory could be had.
  [[nodiscard]] bool arm(std::chrono::milliseconds delay);
  void cancel();
  bool armed() const;

 private:
  static void on_timer(int fd, short what, void* self);

  event event_{};
  Callback callback_;
  void* argument_;
};

// A signal, delivered as an event in the loop's thread. Main loop only (libevent: one base owns signals).
class SignalEvent {
 public:
  using Callback = void (*)(int signal, void* argument);

  SignalEvent(EventLoop& loop, int signal, Callback callback, void* argument);
  ~SignalEvent();
  SignalEvent(const SignalEvent&) = delete;
  SignalEvent& operator=(const SignalEvent&) = delete;

  [[nodiscard]] bool arm();

 private:
  static void on_signal(int signal, short what, void* self);

  event event_{};
  Callback callback_;
  void* argument_;
};

}  // namespace martlet::threads
