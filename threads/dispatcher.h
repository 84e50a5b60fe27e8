// Dispatcher: hands accepted sockets to workers. Main thread only.
//
// accept ──► take_slot() ──► dispatch(): fewest live connections ──► NewSocket through that worker's notify pipe
#pragma once

#include "threads/conn_slot.h"
#include "threads/worker_pool.h"

namespace martlet::threads {

class Dispatcher {
 public:
  // Both outlive the dispatcher.
  Dispatcher(ConnLimit& limit, WorkerPool& workers) : limit_(limit), workers_(workers) {}

  // An invalid slot when -c connections are served already.
  ConnSlot take_slot() { return limit_.try_take(); }

  // Gives the socket, with its slot, to a worker. False when no memory could be had: the socket is closed and its slot
  // given back.
  bool dispatch(NewSocket&& socket);

  const ConnLimit& limit() const { return limit_; }

 private:
  ConnLimit& limit_;
  WorkerPool& workers_;
};

}  // namespace martlet::threads
