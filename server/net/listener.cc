#include "server/net/listener.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace martlet::net {
namespace {

// Accepted in one turn of the loop; more have to wait until timers and signals had theirs.
constexpr int kBatch = 64;

// For kernels without accept4.
int accept_and_set(int listener, sockaddr* peer, socklen_t* size) {
  const int fd = ::accept(listener, peer, size);
  if (fd < 0) return fd;
  const int flags = ::fcntl(fd, F_GETFL, 0);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    const int error = errno;
    ::close(fd);
    errno = error;
    return -1;
  }
  return fd;
}

}  // namespace

Listener::Listener(threads::EventLoop& loop, BoundSocket socket, uint32_t index, int backlog, AcceptHandler& handler)
    : socket_(std::move(socket)), index_(index), backlog_(backlog), handler_(handler), loop_(loop) {}

Listener::~Listener() {
  event_.disarm();
  if (!socket_.unix_path.empty()) ::unlink(socket_.unix_path.c_str());
}

bool Listener::start() {
  event_.assign(loop_, socket_.fd.get(), &Listener::on_readable, this);
  return event_.arm(threads::FdEvent::Want::read);
}

void Listener::pause(bool refuse_queue) {
  paused_ = true;
  event_.disarm();
  if (refuse_queue) ::listen(socket_.fd.get(), 0);
}

bool Listener::resume() {
  paused_ = false;
  ::listen(socket_.fd.get(), backlog_);
  return event_.arm(threads::FdEvent::Want::read);
}

void Listener::on_readable(int /*fd*/, short /*what*/, void* argument) {
  auto& self = *static_cast<Listener*>(argument);
  for (int i = 0; i < kBatch && !self.paused_ && self.handler_.may_accept(); ++i) {
    if (!self.accept_one()) return;
  }
}

// One accept; false when the batch ends here.
bool Listener::accept_one() {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  auto* address = reinterpret_cast<sockaddr*>(&peer);
  const int fd = lacks_accept4_ ? accept_and_set(socket_.fd.get(), address, &size)
                                : ::accept4(socket_.fd.get(), address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) {
    // A client of a unix socket mostly has no name: say at least what it is.
    if (peer.ss_family == AF_UNSPEC) peer.ss_family = static_cast<sa_family_t>(socket_.family);
    handler_.on_accepted(*this, threads::UniqueFd(fd), peer, size);
    return true;
  }
  switch (errno) {
    case EINTR:
    case ECONNABORTED:
      return true;  // interrupted, or the newcomer is gone again
    case EAGAIN:
      return false;
    case ENOSYS:
      if (lacks_accept4_) break;
      lacks_accept4_ = true;
      return true;
    default:
      break;
  }
  handler_.on_accept_error(errno);
  return false;
}

}  // namespace martlet::net
