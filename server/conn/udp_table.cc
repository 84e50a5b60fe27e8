#include "server/conn/udp_table.h"

#include <new>
#include <utility>

namespace martlet::conn {

bool UdpTable::start(std::vector<threads::UniqueFd> sockets) {
  if (sockets.empty()) return true;
  buffer_.reset(new (std::nothrow) char[net::kMaxDatagram]);
  if (buffer_ == nullptr) return false;
  for (threads::UniqueFd& fd : sockets) {
    const auto address = static_cast<uint32_t>(ports_.size());
    Port& port = ports_.emplace_back(context_, std::move(fd), std::span(buffer_.get(), net::kMaxDatagram), address);
    port.event.assign(loop_, port.socket.fd(), &UdpTable::on_readable, &port);
    if (!port.event.arm(threads::FdEvent::Want::read)) return false;
  }
  return true;
}

void UdpTable::stop() {
  for (Port& port : ports_) port.event.disarm();
}

void UdpTable::on_readable(int /*fd*/, short /*what*/, void* port) { static_cast<Port*>(port)->endpoint.serve(); }

}  // namespace martlet::conn
