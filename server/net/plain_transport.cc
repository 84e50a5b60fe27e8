#include "server/net/plain_transport.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace martlet::net {
namespace {

constexpr size_t kMaxDropped = 256 * 1024;  // bytes read and dropped at most by drop_input()

IoResult failed() {
  const bool again = errno == EAGAIN || errno == EWOULDBLOCK;
  return {again ? IoResult::Status::again : IoResult::Status::error, 0, again};
}

}  // namespace

IoResult PlainTransport::read(std::span<char> into) {
  ssize_t got = 0;
  do {
    got = ::recv(socket_.get(), into.data(), into.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return failed();
  if (got == 0) return {IoResult::Status::end, 0, true};
  const auto bytes = static_cast<size_t>(got);
  return {IoResult::Status::ok, bytes, bytes < into.size()};
}

IoResult PlainTransport::write(std::span<const iovec> pieces) {
  ssize_t put = 0;
  do {
    if (pieces.size() == 1) {
      put = ::send(socket_.get(), pieces[0].iov_base, pieces[0].iov_len, MSG_NOSIGNAL);
    } else {
      msghdr message{};
      message.msg_iov = const_cast<iovec*>(pieces.data());
      message.msg_iovlen = pieces.size();
      put = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
    }
  } while (put < 0 && errno == EINTR);
  if (put < 0) return failed();
  return {IoResult::Status::ok, static_cast<size_t>(put), false};
}

// Reading is ended last: from then on a unix socket takes nothing more from its peer, so nothing is left unread.
void PlainTransport::finish() {
  ::shutdown(socket_.get(), SHUT_WR);
  drop_input();
  ::shutdown(socket_.get(), SHUT_RD);
  drop_input();
}

void PlainTransport::drop_input() {
  std::array<char, 4096> dropped;
  for (size_t total = 0; total < kMaxDropped;) {
    const IoResult result = read(dropped);
    if (result.status != IoResult::Status::ok) return;
    total += result.bytes;
  }
}

}  // namespace martlet::net
