// A listening socket on loopback that a test plays the server with.
#pragma once

#include <sys/socket.h>

#include <stdexcept>
#include <string_view>

#include "tests/bench/socket.h"

namespace martlet::bench {

class FakePeer {
 public:
  FakePeer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(here);
    if (::bind(listener_.fd(), reinterpret_cast<sockaddr*>(&here), size) != 0 || ::listen(listener_.fd(), 16) != 0 ||
        ::getsockname(listener_.fd(), reinterpret_cast<sockaddr*>(&here), &size) != 0) {
      throw std::runtime_error("cannot listen");
    }
    endpoint_.port = ntohs(here.sin_port);
  }

  const Endpoint& endpoint() const { return endpoint_; }
  Socket accept() const { return Socket(::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC)); }

 private:
  Socket listener_;
  Endpoint endpoint_;
};

// Sends a whole short text.
inline void say(const Socket& socket, std::string_view text) {
  if (::send(socket.fd(), text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size())) {
    throw std::runtime_error("cannot send");
  }
}

}  // namespace martlet::bench
