// conn_new and conn_close, for those who watch connevents.
#pragma once

#include <cstdint>
#include <string_view>

#include "server/conn/conn_row.h"
#include "server/log/log_event.h"

namespace martlet::conn {

enum class CloseReason : uint8_t {
  none,
  normal,
  error,
  idle_timeout,
  request_timeout,
  send_timeout,
  reclaimed,
  shutdown
};

// As `reason=` shows it. Static storage.
std::string_view name_of(CloseReason reason);

namespace detail {

template <typename Ring>
void write_conn_event(Ring& ring, log::Kind kind, const ConnRow& row, std::string_view reason) {
  ConnRow::View client;
  if (!row.read(&client)) return;
  log::Event event;
  event.kind = kind;
  event.status = reason;
  event.command = client.peer.transport();
  event.port = client.peer.port;
  event.client_fd = client.fd;
  ring.write(event, client.peer.host());
}

}  // namespace detail

// Whose client `row` shows has come, or goes. `ring`: a LogRing of the calling thread, or a SharedRing. `reason` is of
// static storage.
template <typename Ring>
void log_opened(Ring& ring, const ConnRow& row) {
  if (ring.wants(log::Kind::conn_new)) [[unlikely]] {
    detail::write_conn_event(ring, log::Kind::conn_new, row, {});
  }
}
template <typename Ring>
void log_closed(Ring& ring, const ConnRow& row, std::string_view reason) {
  if (ring.wants(log::Kind::conn_close)) [[unlikely]] {
    detail::write_conn_event(ring, log::Kind::conn_close, row, reason);
  }
}

}  // namespace martlet::conn
