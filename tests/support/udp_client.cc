#include "tests/support/udp_client.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

namespace martlet::support {
namespace {

constexpr size_t kLargest = 64 * 1024;
constexpr int kReceiveBuffer = 4 * 1024 * 1024;

}  // namespace

std::unique_ptr<UdpClient> UdpClient::connect(uint16_t port, bool v6) {
  threads::UniqueFd fd(::socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return nullptr;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  sockaddr_in address4{};
  address4.sin_family = AF_INET;
  address4.sin_port = htons(port);
  address4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in6 address6{};
  address6.sin6_family = AF_INET6;
  address6.sin6_port = htons(port);
  address6.sin6_addr = in6addr_loopback;
  const int connected = v6 ? ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address6), sizeof address6)
                           : ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address4), sizeof address4);
  if (connected != 0) return nullptr;
  return std::unique_ptr<UdpClient>(new UdpClient(std::move(fd)));
}

bool UdpClient::send(std::string_view datagram) {
  return ::send(fd_.get(), datagram.data(), datagram.size(), 0) == static_cast<ssize_t>(datagram.size());
}

std::optional<std::string> UdpClient::receive() {
  pollfd ready{fd_.get(), POLLIN, 0};
  if (::poll(&ready, 1, static_cast<int>(kDeadline.count())) != 1) return {};
  std::string datagram(kLargest, '\0');
  const ssize_t got = ::recv(fd_.get(), datagram.data(), datagram.size(), 0);
  if (got < 0) return {};
  datagram.resize(static_cast<size_t>(got));
  largest_ = std::max(largest_, datagram.size());
  return datagram;
}

bool UdpClient::settle() {
  const uint16_t last = next_id();
  if (!send(framed(last, "version\r\n"))) return false;
  for (;;) {
    const std::optional<std::string> got = receive();
    if (!got.has_value()) return false;
    if (frame_of(*got).id == last) return true;
  }
}

std::vector<std::string> UdpClient::ask(std::string_view payload) {
  const uint16_t id = next_id();
  return ask_raw(framed(id, payload), id);
}

std::vector<std::string> UdpClient::ask_raw(std::string_view datagram, uint16_t id) {
  std::vector<std::string> messages;
  const uint16_t last = next_id();
  if (!send(datagram) || !send(framed(last, "version\r\n"))) return {"(cannot send)"};
  Reassembly message;
  for (;;) {
    const std::optional<std::string> got = receive();
    if (!got.has_value()) {
      messages.emplace_back("(no answer)");
      return messages;
    }
    const Frame frame = frame_of(*got);
    if (frame.id == last) break;
    if (frame.id != id || !message.add(frame)) messages.emplace_back("(a datagram that belongs to nothing)");
    if (!message.complete()) continue;
    messages.push_back(message.text());
    message = {};
  }
  if (message.total() != 0) messages.emplace_back("(a message that is not whole)");
  return messages;
}

}  // namespace martlet::support
