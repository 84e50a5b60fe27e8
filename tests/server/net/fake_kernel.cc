#include "tests/server/net/fake_kernel.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace martlet::support {
namespace {

int next(std::deque<int>& errors) {
  if (errors.empty()) return 0;
  const int error = errors.front();
  errors.pop_front();
  return error;
}

int accept_error(FakeKernel& kernel) {
  const int error = next(kernel.accept_errors);
  return error != 0 ? error : kernel.accept_error_for_good;
}

}  // namespace

FakeKernel& FakeKernel::instance() {
  static FakeKernel kernel;
  return kernel;
}

}  // namespace martlet::support

using martlet::support::FakeKernel;

extern "C" int accept4(int fd, sockaddr* address, socklen_t* size, int flags) {
  FakeKernel& kernel = FakeKernel::instance();
  ++kernel.accept4_calls;
  errno = kernel.has_accept4 ? martlet::support::accept_error(kernel) : ENOSYS;
  if (errno != 0) return -1;
  return static_cast<int>(::syscall(SYS_accept4, fd, address, size, flags));
}

extern "C" int accept(int fd, sockaddr* address, socklen_t* size) {
  FakeKernel& kernel = FakeKernel::instance();
  ++kernel.accept_calls;
  errno = martlet::support::accept_error(kernel);
  if (errno != 0) return -1;
  return static_cast<int>(::syscall(SYS_accept4, fd, address, size, 0));
}

extern "C" int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) noexcept {
  if (operation != EPOLL_CTL_DEL) {
    errno = martlet::support::next(FakeKernel::instance().register_errors);
    if (errno != 0) return -1;
  }
  return static_cast<int>(::syscall(SYS_epoll_ctl, epoll, operation, fd, event));
}
