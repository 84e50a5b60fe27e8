// Listener: one listening socket in the main loop. It accepts until nothing waits, its batch is done or its owner says
// stop, and hands on what it accepted. Main thread only.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "server/net/bound_socket.h"
#include "threads/event_loop.h"
#include "threads/unique_fd.h"

namespace martlet::net {

class Listener;

// Who decides about what a listener accepts.
class AcceptHandler {
 public:
  // May one more be accepted now? False leaves it waiting in the kernel's queue.
  virtual bool may_accept() = 0;
  virtual void on_accepted(const Listener& listener, threads::UniqueFd socket, const sockaddr_storage& peer,
                           socklen_t peer_size) = 0;
  // accept failed with `error`, which is neither "nothing waits" nor a lost newcomer.
  virtual void on_accept_error(int error) = 0;

 protected:
  ~AcceptHandler() = default;
};

class Listener {
 public:
  // `index`: how the owner numbers it. `handler` and `loop` outlive the listener.
  Listener(threads::EventLoop& loop, BoundSocket socket, uint32_t index, int backlog, AcceptHandler& handler);
  ~Listener();  // removes the socket file of a unix listener
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // False when the event cannot be registered.
  [[nodiscard]] bool start();

  // Goes quiet: no event; with `refuse_queue` the kernel's queue is closed to newcomers as well.
  void pause(bool refuse_queue);
  [[nodiscard]] bool resume();

  uint32_t index() const { return index_; }
  const BoundSocket& socket() const { return socket_; }

 private:
  static void on_readable(int fd, short what, void* self);
  bool accept_one();

  BoundSocket socket_;
  const uint32_t index_;
  const int backlog_;
  AcceptHandler& handler_;
  threads::EventLoop& loop_;
  bool lacks_accept4_ = false;
  bool paused_ = false;
  threads::FdEvent event_;
};

}  // namespace martlet::net
