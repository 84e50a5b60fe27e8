// The two ways to look at the peer's receive queue.
#include "tests/support/peer_queue.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>

#include "threads/unique_fd.h"

namespace martlet::support {
namespace {

struct Query {
  nlmsghdr header;
  inet_diag_req_v2 request;
};

// The ports and addresses of our socket seen from the other end.
bool fill_identity(int fd, inet_diag_req_v2* request) {
  sockaddr_storage own{};
  sockaddr_storage peer{};
  socklen_t own_size = sizeof own;
  socklen_t peer_size = sizeof peer;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &own_size) != 0) return false;
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &peer_size) != 0) return false;
  request->sdiag_family = static_cast<uint8_t>(own.ss_family);
  request->sdiag_protocol = IPPROTO_TCP;
  request->idiag_states = ~0U;
  inet_diag_sockid& id = request->id;
  id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
  id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  if (own.ss_family == AF_INET) {
    const auto* from = reinterpret_cast<const sockaddr_in*>(&peer);
    const auto* to = reinterpret_cast<const sockaddr_in*>(&own);
    id.idiag_sport = from->sin_port;
    id.idiag_dport = to->sin_port;
    std::memcpy(id.idiag_src, &from->sin_addr, sizeof from->sin_addr);
    std::memcpy(id.idiag_dst, &to->sin_addr, sizeof to->sin_addr);
  } else {
    const auto* from = reinterpret_cast<const sockaddr_in6*>(&peer);
    const auto* to = reinterpret_cast<const sockaddr_in6*>(&own);
    id.idiag_sport = from->sin6_port;
    id.idiag_dport = to->sin6_port;
    std::memcpy(id.idiag_src, &from->sin6_addr, sizeof from->sin6_addr);
    std::memcpy(id.idiag_dst, &to->sin6_addr, sizeof to->sin6_addr);
  }
  return true;
}

PeerQueue tcp_peer_queue(int fd) {
  const threads::UniqueFd netlink(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  Query query{};
  query.header.nlmsg_len = sizeof query;
  query.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  query.header.nlmsg_flags = NLM_F_REQUEST;
  if (!netlink.valid() || !fill_identity(fd, &query.request)) return PeerQueue::gone;
  if (::send(netlink.get(), &query, sizeof query, 0) != static_cast<ssize_t>(sizeof query)) return PeerQueue::gone;
  alignas(nlmsghdr) char answer[8192];
  const ssize_t got = ::recv(netlink.get(), answer, sizeof answer, 0);
  if (got < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(inet_diag_msg)))) return PeerQueue::gone;
  nlmsghdr header;
  std::memcpy(&header, answer, sizeof header);
  if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY) return PeerQueue::gone;
  inet_diag_msg found;
  std::memcpy(&found, answer + NLMSG_HDRLEN, sizeof found);
  return found.idiag_rqueue == 0 ? PeerQueue::empty : PeerQueue::waiting;
}

}  // namespace

PeerQueue peer_queue(int fd, Transport transport) {
  if (transport != Transport::unix_stream) return tcp_peer_queue(fd);
  int unread = 0;
  if (::ioctl(fd, SIOCOUTQ, &unread) != 0) return PeerQueue::gone;
  return unread == 0 ? PeerQueue::empty : PeerQueue::waiting;
}

}  // namespace martlet::support
