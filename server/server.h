// Server: the composition root. It builds the rooms in order, runs the main loop, and tears the rooms down in reverse;
// this is the only place where they are wired to each other.
//
//   main thread:  listeners, accept gate, clock tick, signals, MainMessages
//   workers:      one WorkerRoom each
//   idle-timeout: only when a limit is set
//   log-drain:    what is watched, and who watches
//   maintainer:   the cache's background work
//
// The end, in this order: no more accepting; idle connections closed; what is under way is finished and sent, to a
// deadline; workers joined, then the log drain. A second signal ends the process at once.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/base/clock.h"
#include "server/base/diag.h"
#include "server/base/rel_time.h"
#include "server/base/result.h"
#include "server/cache/cache.h"
#include "server/conn/acceptor.h"
#include "server/conn/watch_desk.h"
#include "server/control_desk.h"
#include "server/log/log_drain.h"
#include "server/net/bound_socket.h"
#include "server/settings/settings.h"
#include "server/worker_room.h"
#include "threads/background_thread.h"
#include "threads/dispatcher.h"
#include "threads/event_loop.h"
#include "threads/idle_timeout.h"
#include "threads/notify_pipe.h"
#include "threads/worker_pool.h"

namespace martlet {

struct ServerOptions {
  uint64_t reserved_fds = 0;                     // descriptors kept beyond -c
  bool handle_signals = true;                    // tests run servers beside each other, without
  size_t max_read = conn::BufferPool::kLargest;  // bytes per read; tests split the stream with it
};

class Server {
 public:
  // `clock` outlives the server. Errors carry the exit code.
  static Result<std::unique_ptr<Server>> create(const settings::Settings& settings, const Clock& clock,
                                                const ServerOptions& options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  struct Address {
    int family;
    uint16_t port;
    std::string text;
  };
  const std::vector<Address>& addresses() const { return addresses_; }
  const std::vector<Address>& udp_addresses() const { return udp_addresses_; }

  // Serves until it is told to stop. The calling thread is the main thread. Returns the exit code.
  int run();

  // Any thread: begins the stop.
  void stop(bool graceful);

  // Any thread: runs `task` on the main thread.
  void post(std::function<void()> task);

  // Main thread: one tick of the clock.
  void tick();

 private:
  struct MainMessage {
    enum class Kind : uint8_t { stop, worker_done, task } kind = Kind::task;
    std::function<void()> task;
  };

  Server(const settings::Settings& settings, const Clock& clock, const ServerOptions& options);

  // create(), room by room.
  Status build();
  Status build_log();
  Status build_cache();
  Status build_workers();
  Status build_front();
  Status build_udp();
  void build_idle_timeout();
  [[nodiscard]] bool arm_signals();
  [[nodiscard]] bool arm_events();
  bool reclaim_longest_idle();

  void begin_stop();
  void arm_tick();
  void on_messages();

  static void on_pipe(int fd, short what, void* self);
  static void on_tick(void* self);
  static void on_signal(int signal, void* self);

  const settings::Settings settings_;
  const Clock& clock_;
  const ServerOptions options_;
  Diag diag_;
  RelClock rel_clock_;
  std::unique_ptr<threads::EventLoop> loop_;
  threads::NotifyPipe<MainMessage> pipe_;
  threads::FdEvent pipe_event_;
  std::unique_ptr<threads::TimerEvent> tick_timer_;
  std::vector<std::unique_ptr<threads::SignalEvent>> signals_;
  stats::ThreadStats main_stats_;

  threads::ConnLimit limit_;
  std::unique_ptr<log::LogDrain> log_;
  std::unique_ptr<conn::WatchDesk> watch_;
  std::unique_ptr<cache::Cache> cache_;
  threads::BackgroundThread maintainer_{"maintainer", [this] { return cache_->maintain(); }};
  std::unique_ptr<ControlDesk> desk_;
  std::unique_ptr<threads::WorkerPool> workers_;
  std::vector<std::unique_ptr<WorkerRoom>> rooms_;
  std::unique_ptr<threads::Dispatcher> dispatcher_;
  std::unique_ptr<conn::Acceptor> acceptor_;
  std::unique_ptr<threads::IdleTimeout> idle_timeout_;
  std::vector<Address> addresses_;
  std::vector<Address> udp_addresses_;
  bool workers_running_ = false;
  bool stopping_ = false;
  size_t workers_done_ = 0;
};

}  // namespace martlet
