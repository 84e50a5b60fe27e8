#include "server/control_desk.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "server/settings/settings_report.h"

namespace martlet {
namespace {

constexpr uint64_t kMsPerSecond = 1000;

// The path of a unix listener's address; empty for the others.
std::string unix_path_of(std::string_view address) {
  constexpr std::string_view kPrefix = "unix:";
  return address.starts_with(kPrefix) ? std::string(address.substr(kPrefix.size())) : std::string();
}

}  // namespace

ControlDesk::ControlDesk(const Parts& parts, Shutdown shutdown)
    : parts_(parts),
      shutdown_(std::move(shutdown)),
      tuning_(parts.settings.command.lru_crawler, parts.settings.command.lru_crawler_sleep_us,
              parts.settings.command.lru_crawler_tocrawl),
      prefixes_(parts.settings.stat_prefix_delimiter, parts.settings.prefix_stats) {}

void ControlDesk::show(std::vector<const WorkerRoom*> rooms, const net::AcceptGate& gate, Front front,
                       const stats::ThreadStats& main_stats) {
  rooms_ = std::move(rooms);
  gate_ = &gate;
  front_ = std::move(front);
  std::vector<const stats::ThreadStats*> threads{&main_stats};
  for (const WorkerRoom* room : rooms_) threads.push_back(&room->stats());
  fold_ = std::make_unique<stats::StatsFold>(std::move(threads));
}

command::ConnFigures ControlDesk::conn_figures() const {
  command::ConnFigures figures;
  figures.max_connections = parts_.limit.limit();
  figures.curr_connections = parts_.limit.taken();
  figures.connections_in_use = figures.curr_connections + front_.listeners.size();
  figures.reserved_fds = parts_.reserved_fds;
  figures.accepting_conns = gate_->accepting();
  figures.listen_disabled_num = gate_->times_disabled();
  figures.time_in_listen_disabled_us = gate_->disabled_us();
  figures.threads = rooms_.size();
  figures.libevent_version = threads::EventLoop::library_version();
  for (const WorkerRoom* room : rooms_) {
    figures.connections_in_use += room->udp().size();
    const conn::ConnPool& pool = room->table().pool();
    figures.connection_structures += pool.made();
    figures.conn_free += pool.made() - pool.in_use();
    figures.conn_reused += pool.reused();
    figures.conn_pool_size += pool.capacity();
    const conn::BufferPool::Figures buffers = room->buffers().figures();
    figures.read_buf_count += buffers.blocks;
    figures.read_buf_bytes += buffers.bytes;
    figures.read_buf_bytes_free += buffers.bytes_free;
  }
  return figures;
}

void ControlDesk::reset_stats() {
  fold_->reset();
  const cache::CacheFigures now = parts_.cache.figures();
  const log::LogFigures logged = parts_.log.figures();
  threads::MutexLock lock(mu_);
  cache_baseline_ = now;
  log_baseline_ = logged;
}

cache::CacheFigures ControlDesk::cache_baseline() const {
  threads::MutexLock lock(mu_);
  return cache_baseline_;
}

log::LogFigures ControlDesk::log_figures() const {
  log::LogFigures out = parts_.log.figures();
  threads::MutexLock lock(mu_);
  out.worker_written -= log_baseline_.worker_written;
  out.worker_dropped -= log_baseline_.worker_dropped;
  out.watcher_sent -= log_baseline_.watcher_sent;
  out.watcher_skipped -= log_baseline_.watcher_skipped;
  return out;
}

protocol::StatRows ControlDesk::settings_rows() const {
  settings::RunningValues running;
  running.verbosity = parts_.diag.verbosity();
  running.memory_limit = parts_.cache.figures().memory_limit;
  running.prefix_stats = prefixes_.enabled();
  running.lru_crawler = tuning_.crawler_enabled;
  running.lru_crawler_sleep_us = tuning_.crawler_sleep_us;
  running.lru_crawler_tocrawl = tuning_.crawler_tocrawl;
  return settings::settings_report(parts_.settings, running);
}

protocol::StatRows ControlDesk::conn_rows() const {
  protocol::StatRows rows;
  add_listener_rows(&rows);
  for (size_t worker = 0; worker < rooms_.size(); ++worker) {
    const conn::ConnPool& pool = rooms_[worker]->table().pool();
    const conn::UdpTable& udp = rooms_[worker]->udp();
    const std::string owner = std::to_string(worker);
    for (size_t i = 0; i < udp.size(); ++i) add_udp_row(udp.row(i), owner, &rows);
    for (uint32_t i = 0; i < pool.made(); ++i) add_conn_row(pool.at(i).row, owner, &rows);
  }
  for (size_t place = 0; place < log::kMaxWatchers; ++place) add_conn_row(parts_.watch.row(place), "log-drain", &rows);
  return rows;
}

void ControlDesk::add_listener_rows(protocol::StatRows* rows) const {
  for (size_t i = 0; i < front_.listeners.size(); ++i) {
    const int fd = front_.listener_fds[i];
    rows->emplace_back(fmt::format("{}:addr", fd), front_.listeners[i]);
    rows->emplace_back(fmt::format("{}:state", fd), "conn_listening");
    rows->emplace_back(fmt::format("{}:secs_since_last_cmd", fd), std::to_string(parts_.rel_clock.uptime()));
  }
}

void ControlDesk::add_udp_row(const conn::ConnRow& row, std::string_view owner, protocol::StatRows* rows) const {
  conn::ConnRow::View socket;
  if (!row.read(&socket)) return;
  const auto add = [rows, &socket](std::string_view name, std::string value) {
    rows->emplace_back(fmt::format("{}:{}", socket.fd, name), std::move(value));
  };
  add("UDP", "UDP");
  add("addr", front_.udp_addresses[socket.listener]);
  add("state", std::string(conn::name_of(socket.state)));
  add("secs_since_last_cmd", seconds_since(socket.last_command_ms));
  add("requests", std::to_string(socket.requests));
  add("worker", std::string(owner));
}

std::string ControlDesk::seconds_since(uint64_t then_ms) const {
  const uint64_t now = parts_.rel_clock.source().monotonic_ms();
  return std::to_string(now > then_ms ? (now - then_ms) / kMsPerSecond : 0);
}

// Nothing for a row without a client.
void ControlDesk::add_conn_row(const conn::ConnRow& row, std::string_view owner, protocol::StatRows* rows) const {
  conn::ConnRow::View client;
  if (!row.read(&client)) return;
  const auto add = [rows, &client](std::string_view name, std::string value) {
    rows->emplace_back(fmt::format("{}:{}", client.fd, name), std::move(value));
  };
  const std::string& listener = front_.listeners[client.listener];
  add("addr", client.peer.text(unix_path_of(listener)));
  add("listen_addr", listener);
  add("state", std::string(conn::name_of(client.state)));
  if (client.replies_waiting) add("resps_waiting", "1");
  add("secs_since_last_cmd", seconds_since(client.last_command_ms));
  add("age", seconds_since(client.opened_ms));
  add("requests", std::to_string(client.requests));
  add("worker", std::string(owner));
}

protocol::StatRows ControlDesk::thread_rows() const {
  protocol::StatRows rows;
  for (size_t i = 0; i < rooms_.size(); ++i) {
    const WorkerRoom& room = *rooms_[i];
    const auto add = [&rows, i](std::string_view name, uint64_t value) {
      rows.emplace_back(fmt::format("{}:{}", i, name), std::to_string(value));
    };
    add("connections", room.worker().load());
    add("requests", room.stats().requests.get());
    add("bytes_read", room.stats().bytes_read.get());
    add("bytes_written", room.stats().bytes_written.get());
    add("conn_yields", room.stats().conn_yields.get());
    add("connection_structures", room.table().pool().made());
  }
  return rows;
}

}  // namespace martlet
