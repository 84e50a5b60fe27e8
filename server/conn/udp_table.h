// UdpTable: a worker's UDP sockets and their events. Worker's thread only, but for what says otherwise.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "server/conn/conn_context.h"
#include "server/conn/udp_endpoint.h"
#include "server/net/udp_socket.h"
#include "threads/event_loop.h"
#include "threads/unique_fd.h"

namespace martlet::conn {

class UdpTable {
 public:
  // `context` and `loop` outlive the table.
  UdpTable(ConnContext& context, threads::EventLoop& loop) : context_(context), loop_(loop) {}
  UdpTable(const UdpTable&) = delete;
  UdpTable& operator=(const UdpTable&) = delete;

  // Serves these sockets, one for each UDP address, from the loop's next turn on. Before the worker runs, once. False
  // when there is no memory or an event cannot be registered.
  [[nodiscard]] bool start(std::vector<threads::UniqueFd> sockets);

  // No more datagrams; the sockets close with the table.
  void stop();

  // Any thread, after start(): a row for each socket.
  size_t size() const { return ports_.size(); }
  const ConnRow& row(size_t index) const { return ports_[index].endpoint.row(); }

 private:
  struct Port {
    Port(ConnContext& context, threads::UniqueFd fd, std::span<char> buffer, uint32_t address)
        : socket(std::move(fd)), endpoint(context, socket, buffer, address) {}

    net::UdpSocket socket;
    UdpEndpoint endpoint;
    threads::FdEvent event;
  };

  static void on_readable(int fd, short what, void* port);

  ConnContext& context_;
  threads::EventLoop& loop_;
  std::unique_ptr<char[]> buffer_;  // for the datagram being served; its pages are used as far as datagrams are long
  std::deque<Port> ports_;
};

}  // namespace martlet::conn
