// Acceptor: what becomes of a newcomer. Main thread only.
//
//   accepted ──► slot free? ──► dispatcher ──► a worker
//                   │ no
//                   ├─ maxconns_fast: told "Too many open connections", closed
//                   ├─ no_maxconns_fast: never accepted, the gate pauses the listeners before
//                   └─ idle_reclaim: a worker is asked to give up its longest-idle connection; the newcomer waits in a
//                      small room for the slot, and is turned away when none comes free in time
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "server/base/clock.h"
#include "server/base/diag.h"
#include "server/net/accept_gate.h"
#include "server/net/listener.h"
#include "server/net/net_settings.h"
#include "server/stats/thread_stats.h"
#include "threads/dispatcher.h"

namespace martlet::conn {

class Acceptor final : public net::AcceptHandler {
 public:
  // Asks the worker with the longest-idle connection to give it up; false when nobody is idle. Empty function: idle
  // connections are not reclaimed.
  using Reclaim = std::function<bool()>;

  Acceptor(threads::EventLoop& loop, threads::Dispatcher& dispatcher, const net::NetSettings& settings,
           const Clock& clock, const Diag& diag, stats::ThreadStats& stats, Reclaim reclaim);

  // Takes the sockets and begins to accept. False when an event cannot be registered.
  [[nodiscard]] bool start(std::vector<net::BoundSocket> sockets);

  // Closes the listeners and whoever still waits for a slot.
  void stop();

  const net::AcceptGate& gate() const { return gate_; }

  bool may_accept() override;
  void on_accepted(const net::Listener& listener, threads::UniqueFd socket, const sockaddr_storage& peer,
                   socklen_t peer_size) override;
  void on_accept_error(int error) override;

 private:
  struct Waiting {
    threads::NewSocket socket;
    uint64_t until_ms;
  };

  void serve(threads::NewSocket&& socket);
  bool wait_for_slot(threads::NewSocket& socket);
  void serve_waiting();
  void turn_away(threads::UniqueFd socket);
  static void on_room_timer(void* self);

  threads::EventLoop& loop_;
  threads::Dispatcher& dispatcher_;
  const net::NetSettings& settings_;
  const Clock& clock_;
  const Diag& diag_;
  stats::ThreadStats& stats_;
  const Reclaim reclaim_;
  net::AcceptGate gate_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  std::vector<Waiting> waiting_;  // who came first is first; as much as may wait is set aside
  threads::TimerEvent room_timer_;
  RateLimit full_log_;
  RateLimit resource_log_;
  RateLimit error_log_;
};

}  // namespace martlet::conn
