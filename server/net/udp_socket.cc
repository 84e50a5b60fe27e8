#include "server/net/udp_socket.h"

#include <fmt/format.h>
#include <netinet/in.h>

#include <cerrno>
#include <cstring>

namespace martlet::net {
namespace {

constexpr int kExitOs = 71;
constexpr int kSendBuffer = 4 * 1024 * 1024;  // bytes; the system may grant less

bool switch_on(int fd, int level, int option) {
  const int on = 1;
  return ::setsockopt(fd, level, option, &on, sizeof on) == 0;
}

Error os_error(const std::string& address) {
  return {kExitOs, fmt::format("failed to share {} among the workers: {}", address, std::strerror(errno))};
}

void enlarge_send_buffer(int fd) { (void)::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof kSendBuffer); }

// Takes over what was set on the first socket.
bool copy_mark(int from, int to) {
  uint32_t mark = 0;
  socklen_t size = sizeof mark;
  if (::getsockopt(from, SOL_SOCKET, SO_MARK, &mark, &size) != 0 || mark == 0) return true;
  return ::setsockopt(to, SOL_SOCKET, SO_MARK, &mark, sizeof mark) == 0;
}

}  // namespace

DatagramSocket::Received UdpSocket::receive(std::span<char> into, DatagramPeer* peer) {
  iovec piece{into.data(), into.size()};
  msghdr message{};
  message.msg_name = &peer->address;
  message.msg_namelen = sizeof peer->address;
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  ssize_t got = -1;
  do {
    got = ::recvmsg(fd_.get(), &message, MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return {errno == EAGAIN ? Status::none : Status::error, 0, true};
  peer->size = message.msg_namelen;
  return {Status::datagram, static_cast<size_t>(got), (message.msg_flags & MSG_TRUNC) == 0};
}

bool UdpSocket::send(std::span<const char> bytes, const DatagramPeer& peer) {
  ssize_t sent = -1;
  do {
    sent = ::sendto(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                    reinterpret_cast<const sockaddr*>(&peer.address), peer.size);
  } while (sent < 0 && errno == EINTR);
  return sent >= 0;
}

Result<std::vector<threads::UniqueFd>> share_udp(BoundSocket bound, size_t count) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  const int first = bound.fd.get();
  if (::getsockname(first, reinterpret_cast<sockaddr*>(&address), &size) != 0) return os_error(bound.address);
  if (count > 1 && !switch_on(first, SOL_SOCKET, SO_REUSEPORT)) return os_error(bound.address);
  enlarge_send_buffer(first);
  std::vector<threads::UniqueFd> sockets;
  sockets.push_back(std::move(bound.fd));
  while (sockets.size() < count) {
    threads::UniqueFd fd(::socket(bound.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd.valid() || !switch_on(fd.get(), SOL_SOCKET, SO_REUSEPORT)) return os_error(bound.address);
    if (bound.family == AF_INET6 && !switch_on(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY)) return os_error(bound.address);
    if (!copy_mark(first, fd.get())) return os_error(bound.address);
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) return os_error(bound.address);
    enlarge_send_buffer(fd.get());
    sockets.push_back(std::move(fd));
  }
  return sockets;
}

}  // namespace martlet::net
