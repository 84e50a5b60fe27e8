#include "server/conn/conn_table.h"

#include <algorithm>
#include <utility>

namespace martlet::conn {
namespace {

using std::chrono::milliseconds;

// A connection that speaks again within this time keeps its place in the idle list. So a place may be that much older
// than its connection's last command: an idle limit is that much longer than asked for, and nobody is closed early.
constexpr uint64_t kIdleGrainMs = 100;

constexpr uint64_t kLogIntervalMs = 1000;

constexpr uint64_t ms(uint32_t seconds) { return uint64_t{seconds} * 1000U; }

}  // namespace

ConnTable::ConnTable(ConnContext& context, threads::EventLoop& loop, std::unique_ptr<ConnPool> pool)
    : context_(context),
      loop_(loop),
      pool_(std::move(pool)),
      ready_timer_(loop, &ConnTable::on_ready, this),
      sweep_timer_(loop, &ConnTable::on_sweep_again, this),
      drain_timer_(loop, &ConnTable::on_drain_deadline, this),
      event_log_(kLogIntervalMs),
      idle_limit_ms_(context.settings.idle_timeout_s != 0 ? ms(context.settings.idle_timeout_s) + kIdleGrainMs : 0),
      request_limit_ms_(ms(context.settings.request_timeout_s)),
      send_limit_ms_(ms(context.settings.send_timeout_s)),
      keeps_idle_(idle_limit_ms_ != 0 || context.settings.idle_reclaim) {}

ConnTable::~ConnTable() { close_all(); }

void ConnTable::on_message(threads::WorkerMessage&& message) {
  loop_.assert_in_loop();
  using Kind = threads::WorkerMessage::Kind;
  switch (message.kind) {
    case Kind::new_socket:
      admit(std::move(*message.socket));
      break;
    case Kind::sweep:
      sweep(message.number);
      break;
    case Kind::reclaim:
      reclaim();
      break;
    case Kind::drain:
      drain(message.number);
      break;
    case Kind::stop:
      stopping_ = true;
      close_all();
      loop_.stop();
      break;
    case Kind::task:
      break;  // the worker's own
  }
}

void ConnTable::on_exit() { close_all(); }

// ---- a connection's life

void ConnTable::admit(threads::NewSocket&& socket) {
  ConnEntry* entry = stopping_ ? nullptr : pool_->acquire();
  if (entry == nullptr) return;  // the socket closes, its slot goes back
  const int fd = socket.fd.get();
  entry->table = this;
  entry->row.occupy(fd, socket.listener, PeerAddress::from(socket.peer, socket.peer_size),
                    context_.clock.monotonic_ms());
  entry->transport.emplace(std::move(socket.fd));
  entry->connection.emplace(context_, *entry->transport, entry->row, std::move(socket.slot));
  entry->event.assign(loop_, fd, &ConnTable::on_event, entry);
  log_opened(context_.log, entry->row);
  drive(*entry);
}

void ConnTable::on_event(int fd, short /*what*/, void* argument) {
  auto& entry = *static_cast<ConnEntry*>(argument);
  ConnTable& table = *entry.table;
  if (fd != entry.transport->fd()) {
    table.context_.diag.log(0, "Catastrophic: event fd {} doesn't match conn fd {}!", fd, entry.transport->fd());
    table.close(entry, CloseReason::error);
    return;
  }
  // Whoever yielded waits for its turn, however ready its descriptor is.
  if (entry.busy.in != &table.ready_) table.drive(entry);
}

void ConnTable::drive(ConnEntry& entry) { follow(entry, entry.connection->drive()); }

void ConnTable::follow(ConnEntry& entry, Wait wait) {
  using Want = threads::FdEvent::Want;
  if (wait == Wait::closed) {
    release(entry);
    return;
  }
  if (wait == Wait::moved) {
    hand_over(entry);
    return;
  }
  bool armed = true;
  if (wait == Wait::readable) armed = entry.event.arm(Want::read);
  if (wait == Wait::writable) armed = entry.event.arm(Want::write);
  if (!armed) {
    if (event_log_.allow(context_.clock.monotonic_ms())) {
      context_.diag.log(0, "fd {}: its event cannot be registered, closing", entry.transport->fd());
    }
    context_.stats.malloc_fails.add();
    close(entry, CloseReason::error);
    return;
  }
  if (stopping_ && wait == Wait::readable && entry.connection->state() == ConnState::waiting) {
    close(entry, CloseReason::shutdown);
    return;
  }
  file(entry, wait);
}

void ConnTable::close(ConnEntry& entry, CloseReason reason) {
  entry.connection->request_close(reason);
  entry.connection->drive();
  release(entry);
}

void ConnTable::release(ConnEntry& entry) {
  context_.diag.log(2, "<{} connection closed.", entry.transport->fd());
  log_closed(context_.log, entry.row, name_of(entry.connection->close_reason()));
  entry.event.disarm();
  vacate(entry);
}

// The socket leaves for the log drain as it is; only what this worker keeps of the connection ends.
void ConnTable::hand_over(ConnEntry& entry) {
  entry.event.disarm();
  context_.watch.hand_over(entry.connection->watcher(), std::move(*entry.transport), entry.connection->take_slot(),
                           entry.row);
  vacate(entry);
}

// Its event is off.
void ConnTable::vacate(ConnEntry& entry) {
  if (entry.idle.in != nullptr) entry.idle.in->remove(entry);
  if (entry.busy.in != nullptr) entry.busy.in->remove(entry);
  entry.row.vacate();
  entry.transport.reset();  // the descriptor closes before the slot is given back
  entry.connection.reset();
  pool_->release(entry);
  publish();
  if (finished()) loop_.stop();
}

// ---- who sleeps since when

void ConnTable::file(ConnEntry& entry, Wait wait) {
  const Connection& connection = *entry.connection;
  List* busy = nullptr;
  uint64_t since = 0;
  if (wait == Wait::yield) {
    busy = &ready_;
    if (!ready_timer_.armed() && !ready_timer_.arm(milliseconds(0))) {
      close(entry, CloseReason::error);
      return;
    }
  } else if (wait == Wait::writable && send_limit_ms_ != 0) {
    busy = &send_;
    since = connection.send_since_ms();
  } else if (wait == Wait::readable && request_limit_ms_ != 0 && connection.request_since_ms() != 0) {
    busy = &request_;
    since = connection.request_since_ms();
  }
  if (busy == nullptr && entry.busy.in != nullptr) entry.busy.in->remove(entry);
  if (busy != nullptr && (entry.busy.in != busy || entry.busy.since != since)) busy->push_back(entry, since);

  if (keeps_idle_) {
    const bool idle = wait == Wait::readable && connection.state() == ConnState::waiting;
    const uint64_t last = connection.last_command_ms();
    if (!idle && entry.idle.in != nullptr) idle_.remove(entry);
    if (idle && (entry.idle.in == nullptr || last - entry.idle.since >= kIdleGrainMs)) idle_.push_back(entry, last);
  }
  publish();
}

void ConnTable::publish() {
  if (!keeps_idle_ && request_limit_ms_ == 0 && send_limit_ms_ == 0) return;
  uint64_t soonest = threads::kNoDeadline;
  const auto consider = [&soonest](const List& list, List::Hook ConnEntry::*hook, uint64_t limit) {
    if (limit != 0 && !list.empty()) soonest = std::min(soonest, (list.front()->*hook).since + limit);
  };
  consider(idle_, &ConnEntry::idle, idle_limit_ms_);
  consider(request_, &ConnEntry::busy, request_limit_ms_);
  consider(send_, &ConnEntry::busy, send_limit_ms_);
  deadline_.store(soonest, std::memory_order_release);
  oldest_idle_.store(idle_.empty() ? threads::kNoDeadline : idle_.front()->idle.since, std::memory_order_relaxed);
}

void ConnTable::on_ready(void* self) {
  auto& table = *static_cast<ConnTable*>(self);
  // Those who yield again while these have their turn wait for the next one.
  ConnEntry* const last = table.ready_.empty() ? nullptr : table.ready_.back();
  bool more = last != nullptr;
  while (more && !table.ready_.empty()) {
    ConnEntry& entry = *table.ready_.front();
    more = &entry != last;
    table.ready_.remove(entry);
    table.drive(entry);
  }
  if (!table.ready_.empty() && !table.ready_timer_.armed() && !table.ready_timer_.arm(milliseconds(0))) {
    while (!table.ready_.empty()) table.close(*table.ready_.front(), CloseReason::error);
  }
}

}  // namespace martlet::conn
