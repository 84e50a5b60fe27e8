#include "server/conn/acceptor.h"

#include <sys/resource.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

#include "server/net/plain_transport.h"

namespace martlet::conn {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kTooMany = "ERROR Too many open connections\r\n";
constexpr uint64_t kLogIntervalMs = 1000;

// The room of those who wait for a reclaimed slot: how many, how long, how often it is looked at.
constexpr size_t kRoomSize = 64;
constexpr uint64_t kRoomWaitMs = 200;
constexpr milliseconds kRoomPoll{1};

bool lacks_resources(int error) { return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM; }

}  // namespace

Acceptor::Acceptor(threads::EventLoop& loop, threads::Dispatcher& dispatcher, const net::NetSettings& settings,
                   const Clock& clock, const Diag& diag, stats::ThreadStats& stats, Reclaim reclaim)
    : loop_(loop),
      dispatcher_(dispatcher),
      settings_(settings),
      clock_(clock),
      diag_(diag),
      stats_(stats),
      reclaim_(std::move(reclaim)),
      gate_(loop, dispatcher.limit(), clock, diag),
      room_timer_(loop, &Acceptor::on_room_timer, this),
      full_log_(kLogIntervalMs),
      resource_log_(kLogIntervalMs),
      error_log_(kLogIntervalMs) {
  if (reclaim_) waiting_.reserve(kRoomSize);
}

bool Acceptor::start(std::vector<net::BoundSocket> sockets) {
  for (net::BoundSocket& socket : sockets) {
    const auto index = static_cast<uint32_t>(listeners_.size());
    listeners_.push_back(std::make_unique<net::Listener>(loop_, std::move(socket), index, settings_.backlog, *this));
    gate_.add(*listeners_.back());
    if (!listeners_.back()->start()) return false;
  }
  return true;
}

void Acceptor::stop() {
  gate_.shut();
  room_timer_.cancel();
  waiting_.clear();
  listeners_.clear();
}

bool Acceptor::may_accept() {
  if (settings_.maxconns_fast || reclaim_ || dispatcher_.limit().taken() < dispatcher_.limit().limit()) return true;
  gate_.pause(net::AcceptGate::Reason::connections);
  return false;
}

void Acceptor::on_accepted(const net::Listener& listener, threads::UniqueFd socket, const sockaddr_storage& peer,
                           socklen_t peer_size) {
  serve_waiting();  // first come, first served
  threads::NewSocket newcomer{std::move(socket), dispatcher_.take_slot(), listener.index(), peer, peer_size};
  if (newcomer.slot.valid()) {
    serve(std::move(newcomer));
  } else if (!wait_for_slot(newcomer)) {
    turn_away(std::move(newcomer.fd));
  }
}

void Acceptor::serve(threads::NewSocket&& socket) {
  stats_.total_connections.add();
  if (!dispatcher_.dispatch(std::move(socket))) {
    stats_.malloc_fails.add();
    if (error_log_.allow(clock_.monotonic_ms())) {
      diag_.log(0, "no memory to hand a new connection to a worker, closed");
    }
  }
}

bool Acceptor::wait_for_slot(threads::NewSocket& socket) {
  if (!reclaim_ || waiting_.size() >= kRoomSize || !reclaim_()) return false;
  if (!room_timer_.armed() && !room_timer_.arm(kRoomPoll)) return false;
  try {
    waiting_.emplace_back();
  } catch (const std::bad_alloc&) {
    return false;
  }
  waiting_.back() = {std::move(socket), clock_.monotonic_ms() + kRoomWaitMs};
  return true;
}

// Whoever can have a slot is served, whoever has waited too long is turned away.
void Acceptor::serve_waiting() {
  const uint64_t now = clock_.monotonic_ms();
  auto first = waiting_.begin();
  for (; first != waiting_.end(); ++first) {
    first->socket.slot = dispatcher_.take_slot();
    if (first->socket.slot.valid()) {
      serve(std::move(first->socket));
    } else if (now >= first->until_ms) {
      turn_away(std::move(first->socket.fd));
    } else {
      break;
    }
  }
  waiting_.erase(waiting_.begin(), first);
}

void Acceptor::on_room_timer(void* argument) {
  auto& self = *static_cast<Acceptor*>(argument);
  self.serve_waiting();
  if (self.waiting_.empty() || self.room_timer_.arm(kRoomPoll)) return;
  for (Waiting& each : self.waiting_) self.turn_away(std::move(each.socket.fd));
  self.waiting_.clear();
}

void Acceptor::turn_away(threads::UniqueFd socket) {
  stats_.rejected_connections.add();
  if (full_log_.allow(clock_.monotonic_ms())) {
    diag_.log(0, "Too many open connections: {} of {} served, newcomer turned away", dispatcher_.limit().taken(),
              dispatcher_.limit().limit());
  }
  net::PlainTransport transport(std::move(socket));
  const std::array<iovec, 1> line{{{const_cast<char*>(kTooMany.data()), kTooMany.size()}}};
  (void)transport.write(line);  // best effort: a newcomer that cannot be told is closed all the same
  transport.finish();
}

void Acceptor::on_accept_error(int error) {
  const uint64_t now = clock_.monotonic_ms();
  if (!lacks_resources(error)) {
    if (error_log_.allow(now)) diag_.log(0, "accept: {}", std::strerror(error));
    return;
  }
  if (resource_log_.allow(now)) {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    diag_.log(0, "accept: {} ({} connections open, descriptor limit {}); new connections wait", std::strerror(error),
              dispatcher_.limit().taken(), files.rlim_cur);
  }
  gate_.pause(net::AcceptGate::Reason::resources);
}

}  // namespace martlet::conn
