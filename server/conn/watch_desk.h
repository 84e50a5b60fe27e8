// WatchDesk: where connections that became watchers live on. A worker's connection hands its socket, its transport and
// its ConnSlot over for good; from then on they are the log drain's, which reads, writes and closes through a
// WatchedClient. There is room for every place of the drain, so handing over allocates nothing and cannot fail.
//
// WatchedClient: one place. Its row may be read by any thread at any time.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/base/diag.h"
#include "server/conn/conn_row.h"
#include "server/log/log_drain.h"
#include "server/log/watcher.h"
#include "server/net/plain_transport.h"
#include "threads/conn_slot.h"

namespace martlet::conn {

class WatchDesk;

class WatchedClient final : public log::WatcherStream {
 public:
  const ConnRow& row() const { return row_; }

  int fd() const override { return transport_.fd(); }
  size_t send(std::string_view bytes, State* state) override;
  State drop_input() override;
  void close(Ending ending) override;

 private:
  friend class WatchDesk;

  WatchDesk* desk_ = nullptr;
  net::PlainTransport transport_;
  threads::ConnSlot slot_;
  ConnRow row_;
};

class WatchDesk {
 public:
  // Both outlive the desk; the drain is stopped before the desk is destroyed.
  WatchDesk(log::LogDrain& drain, const Diag& diag);
  WatchDesk(const WatchDesk&) = delete;
  WatchDesk& operator=(const WatchDesk&) = delete;

  // Worker: the client of `row` goes over to the drain, to a place that was reserved for it.
  void hand_over(size_t place, net::PlainTransport&& transport, threads::ConnSlot&& slot, const ConnRow& row);

  // Any thread: the row of each place.
  const ConnRow& row(size_t place) const { return clients_[place].row(); }

 private:
  friend class WatchedClient;

  log::LogDrain& drain_;
  const Diag& diag_;
  std::atomic<uint32_t> load_{0};  // what watchers are to the drain, as a worker's connections are to it
  std::array<WatchedClient, log::kMaxWatchers> clients_;
};

}  // namespace martlet::conn
