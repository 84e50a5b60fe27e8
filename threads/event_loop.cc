#include "threads/event_loop.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "threads/unique_fd.h"

namespace martlet::threads {
namespace {

struct ConfigFree {
  void operator()(event_config* config) const { event_config_free(config); }
};

[[noreturn]] void die(const char* why) {
  std::fputs(why, stderr);
  std::abort();
}

// libevent's own log lines would go to stderr unbounded, for every call the kernel refuses. Callers of arm() learn of a
// refusal from its result; only what ends the process is passed on.
void keep_libevent_quiet() {
  static const bool done = [] {
    event_set_log_callback([](int severity, const char* line) {
      if (severity == EVENT_LOG_ERR) std::fprintf(stderr, "event loop: %s\n", line);
    });
    return true;
  }();
  static_cast<void>(done);
}

// libevent opens an epoll descriptor and a pipe for each base, and ends the process when the pipe cannot be had: so it
// is asked only when there is room for the three.
bool descriptors_left() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return false;
  const UniqueFd reading(ends[0]);
  const UniqueFd writing(ends[1]);
  const UniqueFd third(::fcntl(ends[0], F_DUPFD_CLOEXEC, 0));
  return third.valid();
}

}  // namespace

std::unique_ptr<EventLoop> EventLoop::create() {
  keep_libevent_quiet();
  if (!descriptors_left()) return nullptr;
  const std::unique_ptr<event_config, ConfigFree> config(event_config_new());
  if (config == nullptr) return nullptr;
  // No locks: only the loop's thread touches its base. No environment: it could switch epoll's change list on, behind
  // which a refusal by epoll_ctl comes too late for arm() to tell.
  const int flags = EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV;
  if (event_config_set_flag(config.get(), flags) != 0) return nullptr;
  event_base* base = event_base_new_with_config(config.get());
  if (base == nullptr) return nullptr;
  std::unique_ptr<EventLoop> loop(new (std::nothrow) EventLoop(base));
  if (loop == nullptr) event_base_free(base);
  return loop;
}

EventLoop::~EventLoop() { event_base_free(base_); }

void EventLoop::run() {
  thread_.store(std::this_thread::get_id(), std::memory_order_release);
  // libevent forgets a break asked for before its loop began: stopping_ remembers.
  if (!stopping_ && event_base_loop(base_, EVLOOP_NO_EXIT_ON_EMPTY) < 0) {
    die("event loop: the kernel refuses to say which descriptors are ready\n");
  }
  stopping_ = false;
  thread_.store(std::thread::id(), std::memory_order_release);
}

void EventLoop::stop() {
  assert_in_loop();
  stopping_ = true;
  event_base_loopbreak(base_);
}

void EventLoop::assert_in_loop() const {
  const std::thread::id owner = thread_.load(std::memory_order_acquire);
  if (owner != std::thread::id() && owner != std::this_thread::get_id()) {
    die("event loop: touched from a thread that is not its own\n");
  }
}

void FdEvent::assign(EventLoop& loop, int fd, Callback callback, void* argument) {
  disarm();
  loop_ = &loop;
  event_assign(&event_, loop.base(), fd, EV_READ | EV_PERSIST, callback, argument);
}

bool FdEvent::arm(Want want) {
  if (want == armed_) return true;
  disarm();
  if (want == Want::none) return true;
  if (loop_ == nullptr) return false;
  loop_->assert_in_loop();
  const auto what = static_cast<short>(static_cast<short>(want) | EV_PERSIST);
  if (event_assign(&event_, loop_->base(), event_get_fd(&event_), what, event_get_callback(&event_),
                   event_get_callback_arg(&event_)) != 0) {
    return false;
  }
  if (event_add(&event_, nullptr) != 0) return false;
  armed_ = want;
  return true;
}

void FdEvent::disarm() {
  if (armed_ == Want::none) return;
  loop_->assert_in_loop();
  event_del(&event_);
  armed_ = Want::none;
}

TimerEvent::TimerEvent(EventLoop& loop, Callback callback, void* argument) : callback_(callback), argument_(argument) {
  evtimer_assign(&event_, loop.base(), &TimerEvent::on_timer, this);
}

bool TimerEvent::arm(std::chrono::milliseconds delay) {
  const std::chrono::milliseconds wait = std::max(delay, std::chrono::milliseconds::zero());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(wait);
  timeval after{};
  after.tv_sec = static_cast<time_t>(seconds.count());
  after.tv_usec = static_cast<suseconds_t>(std::chrono::microseconds(wait - seconds).count());
  return evtimer_add(&event_, &after) == 0;
}

void TimerEvent::cancel() { evtimer_del(&event_); }

bool TimerEvent::armed() const { return evtimer_pending(&event_, nullptr) != 0; }

void TimerEvent::on_timer(int /*fd*/, short /*what*/, void* self) {
  auto* timer = static_cast<TimerEvent*>(self);
  timer->callback_(timer->argument_);
}

SignalEvent::SignalEvent(EventLoop& loop, int signal, Callback callback, void* argument)
    : callback_(callback), argument_(argument) {
  evsignal_assign(&event_, loop.base(), signal, &SignalEvent::on_signal, this);
}

SignalEvent::~SignalEvent() { evsignal_del(&event_); }

bool SignalEvent::arm() { return evsignal_add(&event_, nullptr) == 0; }

void SignalEvent::on_signal(int signal, short /*what*/, void* self) {
  auto* event = static_cast<SignalEvent*>(self);
  event->callback_(signal, event->argument_);
}

}  // namespace martlet::threads
