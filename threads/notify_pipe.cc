#include "threads/notify_pipe.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace martlet::threads {

bool WakePipe::open() {
  int ends[2];
  if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return false;
  read_.reset(ends[0]);
  write_.reset(ends[1]);
  return true;
}

void WakePipe::wake() {
  const char byte = 0;
  // EAGAIN: a full pipe is readable, so its reader is woken as it is.
  while (::write(write_.get(), &byte, 1) < 0 && errno == EINTR) {
  }
}

void WakePipe::drain() {
  std::array<char, 64> bytes;
  while (true) {
    const ssize_t got = ::read(read_.get(), bytes.data(), bytes.size());
    if (got == static_cast<ssize_t>(bytes.size())) continue;
    if (got < 0 && errno == EINTR) continue;
    return;
  }
}

}  // namespace martlet::threads
