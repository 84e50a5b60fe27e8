#include "server/server.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "server/command/event_log.h"
#include "server/net/udp_socket.h"

namespace martlet {
namespace {

using std::chrono::milliseconds;

// What is under way when the stop begins has this long.
constexpr uint64_t kDrainMs = 600;

Error no_memory(const std::string& what) { return {71, "out of memory or descriptors for " + what}; }

}  // namespace

Result<std::unique_ptr<Server>> Server::create(const settings::Settings& settings, const Clock& clock,
                                               const ServerOptions& options) {
  std::unique_ptr<Server> server(new Server(settings, clock, options));
  const Status built = server->build();
  if (!built) return built.error();
  return server;
}

Server::Server(const settings::Settings& settings, const Clock& clock, const ServerOptions& options)
    : settings_(settings),
      clock_(clock),
      options_(options),
      diag_(settings.verbosity),
      rel_clock_(clock),
      limit_(settings.conn.max_connections) {}

Server::~Server() {
  idle_timeout_.reset();
  maintainer_.stop();
  if (acceptor_ != nullptr) acceptor_->stop();
  if (workers_running_) {
    workers_->broadcast([] { return threads::WorkerMessage{threads::WorkerMessage::Kind::stop, 0, nullptr, {}}; });
    workers_->join();
  }
  if (log_ != nullptr) log_->stop();
}

// ---- building

Status Server::build() {
  loop_ = threads::EventLoop::create();
  if (loop_ == nullptr || !pipe_.open()) return no_memory("the main loop");
  if (Status status = build_log(); !status) return status;
  if (Status status = build_cache(); !status) return status;
  if (Status status = build_workers(); !status) return status;
  // Before there are sockets to be left behind: a signal that comes early waits for the loop.
  if (options_.handle_signals && !arm_signals()) return no_memory("signals");
  if (Status status = build_udp(); !status) return status;
  if (Status status = build_front(); !status) return status;
  build_idle_timeout();
  return Ok{};
}

Status Server::build_log() {
  log_ = log::LogDrain::create(settings_.log, clock_, settings_.threads);
  if (log_ == nullptr) return no_memory("the log");
  watch_ = std::make_unique<conn::WatchDesk>(*log_, diag_);
  return Ok{};
}

Status Server::build_cache() {
  Result<std::unique_ptr<cache::Cache>> cache =
      cache::Cache::create(settings_.cache, rel_clock_, command::eviction_hook(log_->shared(), rel_clock_));
  if (!cache) return cache.error();
  cache_ = cache.take();
  cache_->on_work([this] { maintainer_.wake(); });
  return Ok{};
}

Status Server::build_workers() {
  desk_ = std::make_unique<ControlDesk>(
      ControlDesk::Parts{settings_, rel_clock_, diag_, *cache_, limit_, *log_, *watch_, options_.reserved_fds},
      [this](bool graceful) { stop(graceful); });
  workers_ = threads::WorkerPool::create(settings_.threads);
  if (workers_ == nullptr) return no_memory("the workers");
  for (size_t i = 0; i < workers_->size(); ++i) {
    auto room = WorkerRoom::create({settings_, clock_, rel_clock_, diag_, *cache_, *desk_, desk_->tuning(),
                                    desk_->prefixes(), log_->ring(i), *watch_, options_.max_read},
                                   workers_->worker(i), [this] {
                                     (void)pipe_.post({MainMessage::Kind::worker_done, {}});
                                   });
    if (room == nullptr) return no_memory("a worker's connections");
    rooms_.push_back(std::move(room));
  }
  return Ok{};
}

// Each worker gets a socket of each address.
Status Server::build_udp() {
  Result<std::vector<net::BoundSocket>> bound = net::bind_udp(settings_.net, diag_);
  if (!bound) return bound.error();
  std::vector<std::vector<threads::UniqueFd>> shares(rooms_.size());
  for (net::BoundSocket& socket : bound.value()) {
    udp_addresses_.push_back({socket.family, socket.port, socket.address});
    Result<std::vector<threads::UniqueFd>> shared = net::share_udp(std::move(socket), rooms_.size());
    if (!shared) return shared.error();
    for (size_t i = 0; i < rooms_.size(); ++i) shares[i].push_back(std::move(shared.value()[i]));
  }
  for (size_t i = 0; i < rooms_.size(); ++i) {
    if (!rooms_[i]->serve_udp(std::move(shares[i]))) return no_memory("the UDP sockets");
  }
  return Ok{};
}

Status Server::build_front() {
  Result<std::vector<net::BoundSocket>> bound = net::bind_all(settings_.net, diag_);
  if (!bound) return bound.error();
  std::vector<std::string> names;
  std::vector<int> fds;
  for (const net::BoundSocket& socket : bound.value()) {
    addresses_.push_back({socket.family, socket.port, socket.address});
    names.push_back(socket.address);
    fds.push_back(socket.fd.get());
  }
  dispatcher_ = std::make_unique<threads::Dispatcher>(limit_, *workers_);
  conn::Acceptor::Reclaim reclaim;
  if (settings_.conn.idle_reclaim) reclaim = [this] { return reclaim_longest_idle(); };
  acceptor_ = std::make_unique<conn::Acceptor>(*loop_, *dispatcher_, settings_.net, clock_, diag_, main_stats_,
                                               std::move(reclaim));
  if (!acceptor_->start(bound.take())) return no_memory("the listeners");
  std::vector<const WorkerRoom*> rooms;
  for (const auto& room : rooms_) rooms.push_back(room.get());
  std::vector<std::string> udp_names;
  for (const Address& address : udp_addresses_) udp_names.push_back(address.text);
  desk_->show(std::move(rooms), acceptor_->gate(), {std::move(names), std::move(fds), std::move(udp_names)},
              main_stats_);
  return Ok{};
}

void Server::build_idle_timeout() {
  const conn::ConnSettings& conn = settings_.conn;
  uint32_t shortest = UINT32_MAX;
  for (const uint32_t limit : {conn.idle_timeout_s, conn.request_timeout_s, conn.send_timeout_s}) {
    if (limit != 0) shortest = std::min(shortest, limit);
  }
  if (shortest == UINT32_MAX) return;
  std::vector<const std::atomic<uint64_t>*> deadlines;
  for (const auto& room : rooms_) deadlines.push_back(&room->table().deadline());
  idle_timeout_ = std::make_unique<threads::IdleTimeout>(
      *workers_, std::move(deadlines), [this] { return clock_.monotonic_ms(); }, std::chrono::seconds(shortest));
}

bool Server::reclaim_longest_idle() {
  WorkerRoom* longest = nullptr;
  uint64_t since = threads::kNoDeadline;
  for (const auto& room : rooms_) {
    const uint64_t oldest = room->table().oldest_idle_ms();
    if (oldest >= since) continue;
    since = oldest;
    longest = room.get();
  }
  return longest != nullptr && longest->worker().post({threads::WorkerMessage::Kind::reclaim, 0, nullptr, {}});
}

// ---- running

bool Server::arm_events() {
  pipe_event_.assign(*loop_, pipe_.read_fd(), &Server::on_pipe, this);
  if (!pipe_event_.arm(threads::FdEvent::Want::read)) return false;
  tick_timer_ = std::make_unique<threads::TimerEvent>(*loop_, &Server::on_tick, this);
  arm_tick();
  return true;
}

bool Server::arm_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGHUP}) {
    signals_.push_back(std::make_unique<threads::SignalEvent>(*loop_, signal, &Server::on_signal, this));
    if (!signals_.back()->arm()) return false;
  }
  return true;
}

int Server::run() {
  std::vector<threads::WorkerHandler*> handlers;
  for (const auto& room : rooms_) handlers.push_back(room.get());
  workers_running_ = workers_->start(handlers);
  if (!workers_running_ || !log_->start() || !arm_events() || !maintainer_.start() ||
      (idle_timeout_ != nullptr && !idle_timeout_->start())) {
    diag_.line("martlet: a thread or an event could not be had");
    return 71;
  }
  loop_->run();
  if (idle_timeout_ != nullptr) idle_timeout_->stop();
  maintainer_.stop();
  workers_->join();
  workers_running_ = false;
  log_->stop();
  signals_.clear();
  tick_timer_.reset();
  pipe_event_.disarm();
  return 0;
}

// The timer is set anew each time, to the second's edge of the clock the items live by.
void Server::arm_tick() {
  const uint64_t into_second = rel_clock_.ms_into_second();
  if (!tick_timer_->arm(milliseconds(1000 - into_second))) diag_.line("martlet: the clock's timer could not be set");
}

void Server::tick() {
  const RelTime next = rel_clock_.current();
  cache_->tick(next);
  rel_clock_.publish(next);
}

void Server::on_tick(void* self) {
  auto& server = *static_cast<Server*>(self);
  server.tick();
  server.arm_tick();
}

// ---- ending

void Server::stop(bool /*graceful*/) { (void)pipe_.post({MainMessage::Kind::stop, {}}); }

void Server::post(std::function<void()> task) { (void)pipe_.post({MainMessage::Kind::task, std::move(task)}); }

void Server::on_signal(int signal, void* self) {
  auto& server = *static_cast<Server*>(self);
  if (signal == SIGHUP) {
    server.diag_.log(1, "Signal handled: Hangup; nothing to re-read.");
    return;
  }
  // At once: no exit handler, and no run-time library's own end, which may wait for the threads that go on.
  if (server.stopping_) ::syscall(SYS_exit_group, 0);
  server.diag_.log(1, "Signal handled: {}.", ::strsignal(signal));
  server.begin_stop();
}

void Server::begin_stop() {
  if (stopping_) return;
  stopping_ = true;
  acceptor_->stop();
  const uint64_t deadline = clock_.monotonic_ms() + kDrainMs;
  workers_->broadcast([deadline] {
    return threads::WorkerMessage{threads::WorkerMessage::Kind::drain, deadline, nullptr, {}};
  });
}

void Server::on_pipe(int /*fd*/, short /*what*/, void* self) { static_cast<Server*>(self)->on_messages(); }

void Server::on_messages() {
  std::vector<MainMessage> messages;
  pipe_.take(messages);
  for (MainMessage& message : messages) {
    switch (message.kind) {
      case MainMessage::Kind::stop:
        begin_stop();
        break;
      case MainMessage::Kind::worker_done:
        if (++workers_done_ == rooms_.size()) loop_->stop();
        break;
      case MainMessage::Kind::task:
        message.task();
        break;
    }
  }
}

}  // namespace martlet
