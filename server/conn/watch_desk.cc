#include "server/conn/watch_desk.h"

#include <utility>

#include "server/conn/conn_log.h"

namespace martlet::conn {
namespace {

constexpr int kReadsPerTurn = 16;  // of what a watcher sends, before others get their turn

std::string_view reason_of(log::WatcherStream::Ending ending) {
  switch (ending) {
    case log::WatcherStream::Ending::by_client:
      return name_of(CloseReason::normal);
    case log::WatcherStream::Ending::lost:
      return name_of(CloseReason::error);
    case log::WatcherStream::Ending::shutdown:
      break;
  }
  return name_of(CloseReason::shutdown);
}

}  // namespace

size_t WatchedClient::send(std::string_view bytes, State* state) {
  const iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
  const net::IoResult sent = transport_.write({&piece, 1});
  if (sent.status == net::IoResult::Status::ok) return sent.bytes;
  if (sent.status != net::IoResult::Status::again) *state = State::failed;
  return 0;
}

log::WatcherStream::State WatchedClient::drop_input() {
  std::array<char, 4096> dropped;
  for (int i = 0; i < kReadsPerTurn; ++i) {
    const net::IoResult got = transport_.read(dropped);
    if (got.status == net::IoResult::Status::end) return State::ended;
    if (got.status == net::IoResult::Status::error) return State::failed;
    if (got.status == net::IoResult::Status::again || got.drained) break;
  }
  return State::open;
}

void WatchedClient::close(Ending ending) {
  log_closed(desk_->drain_.shared(), row_, reason_of(ending));
  desk_->diag_.log(2, "<{} connection closed.", fd());
  if (ending == Ending::shutdown) transport_.finish();
  row_.vacate();
  transport_ = net::PlainTransport();  // the descriptor closes before the slot is given back
  slot_.release();
}

WatchDesk::WatchDesk(log::LogDrain& drain, const Diag& diag) : drain_(drain), diag_(diag) {
  for (WatchedClient& client : clients_) client.desk_ = this;
}

void WatchDesk::hand_over(size_t place, net::PlainTransport&& transport, threads::ConnSlot&& slot, const ConnRow& row) {
  WatchedClient& client = clients_[place];
  client.row_.move_in(row, ConnState::watch);
  client.transport_ = std::move(transport);
  client.slot_ = std::move(slot);
  client.slot_.assign_to(load_);
  drain_.adopt(place, client);
}

}  // namespace martlet::conn
