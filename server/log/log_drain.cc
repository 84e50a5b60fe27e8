#include "server/log/log_drain.h"

#include <poll.h>

#include <algorithm>
#include <new>
#include <utility>

#include "server/log/log_line.h"
#include "threads/named_thread.h"

namespace martlet::log {
namespace {

constexpr std::string_view kAccepted = "OK\r\n";

// Of one ring, before the sockets get their turn.
constexpr int kEventsPerTurn = 256;

void count(std::atomic<uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

std::unique_ptr<LogDrain> LogDrain::create(const LogSettings& settings, const Clock& clock, size_t writers) {
  std::unique_ptr<LogDrain> drain(new (std::nothrow) LogDrain(settings, clock));
  return drain != nullptr && drain->build(writers) ? std::move(drain) : nullptr;
}

LogDrain::LogDrain(const LogSettings& settings, const Clock& clock)
    : worker_buffer_(settings.worker_buffer),
      watcher_buffer_(settings.watcher_buffer),
      feed_(clock),
      shared_(LogRing::create(feed_, settings.worker_buffer)) {}

LogDrain::~LogDrain() { stop(); }

bool LogDrain::build(size_t writers) {
  if (!feed_.open() || !shared_.usable()) return false;
  for (size_t i = 0; i < writers; ++i) {
    rings_.push_back(LogRing::create(feed_, worker_buffer_));
    if (rings_.back() == nullptr) return false;
  }
  open_ = true;
  return true;
}

bool LogDrain::start() {
  return threads::start_named_thread(thread_, "log-drain", [this] { run(); });
}

void LogDrain::stop() {
  if (!open_) return;
  open_ = false;
  stopping_.store(true);
  feed_.ring();
  if (thread_.joinable()) thread_.join();
  turn();
  for (size_t place = 0; place < kMaxWatchers; ++place) {
    if (watching_[place] != nullptr) close(place, WatcherStream::Ending::shutdown);
  }
}

void LogDrain::run() {
  while (!stopping_.load()) {
    welcome();
    const bool busy = carry();
    flush();
    wait(busy);
  }
}

void LogDrain::turn() {
  welcome();
  while (carry()) flush();
  flush();
}

// ---- places

Reservation LogDrain::reserve(Words words) {
  using Result = Reservation::Result;
  threads::MutexLock lock(mu_);
  const auto seat = std::find_if(seats_.begin(), seats_.end(), [](const Seat& one) { return !one.taken; });
  if (seat == seats_.end()) return {Result::too_many, 0};
  seat->arriving = Watcher::create(words, watcher_buffer_);
  if (seat->arriving == nullptr) return {Result::no_memory, 0};
  seat->taken = true;
  return {Result::done, static_cast<size_t>(seat - seats_.begin())};
}

void LogDrain::give_back(size_t place) {
  threads::MutexLock lock(mu_);
  seats_[place] = {};
}

void LogDrain::adopt(size_t place, WatcherStream& stream) {
  {
    threads::MutexLock lock(mu_);
    seats_[place].arriving->attach(stream);
  }
  feed_.ring();
}

void LogDrain::welcome() {
  bool any = false;
  {
    threads::MutexLock lock(mu_);
    for (size_t place = 0; place < kMaxWatchers; ++place) {
      std::unique_ptr<Watcher>& arriving = seats_[place].arriving;
      if (arriving == nullptr || !arriving->attached()) continue;
      arriving->offer(kAccepted);
      watching_[place] = std::move(arriving);
      any = true;
    }
  }
  if (any) publish_wanted();
}

void LogDrain::close(size_t place, WatcherStream::Ending ending) {
  watching_[place]->stream().close(ending);
  watching_[place].reset();
  publish_wanted();
  give_back(place);
}

void LogDrain::publish_wanted() {
  Words wanted = 0;
  for (const auto& watcher : watching_) {
    if (watcher != nullptr) wanted |= watcher->words();
  }
  feed_.set_wanted(wanted);
}

// ---- lines

// Whether more may be waiting.
bool LogDrain::carry() {
  Event event;
  LogRing::Key key;
  bool more = false;
  const auto empty_out = [&](LogRing& ring) {
    int left = kEventsPerTurn;
    while (left > 0 && ring.read(&event, &key)) {
      deliver(event, {key.data(), event.key_size});
      --left;
    }
    more = more || left == 0;
  };
  for (const auto& ring : rings_) empty_out(*ring);
  empty_out(shared_.reader());
  return more;
}

void LogDrain::deliver(const Event& event, std::string_view key) {
  LineBuffer buffer;
  std::string_view line;
  for (const auto& watcher : watching_) {
    if (watcher == nullptr || (watcher->words() & word_of(event.kind)) == 0) continue;
    if (line.empty()) line = format_line(event, key, buffer);
    count(watcher->offer(line) ? sent_ : skipped_);
  }
}

void LogDrain::flush() {
  for (size_t place = 0; place < kMaxWatchers; ++place) {
    if (watching_[place] != nullptr && !watching_[place]->flush()) close(place, WatcherStream::Ending::lost);
  }
}

bool LogDrain::rings_are_empty() const {
  return shared_.reader().empty() &&
         std::all_of(rings_.begin(), rings_.end(), [](const auto& ring) { return ring->empty(); });
}

// ---- sockets

// Until an event is announced, a watcher comes, speaks or hangs up, or a full socket takes bytes again.
void LogDrain::wait(bool busy) {
  std::array<pollfd, kMaxWatchers + 1> polled;
  std::array<size_t, kMaxWatchers + 1> place_of{};
  nfds_t count = 0;
  polled[count++] = {feed_.bell_fd(), POLLIN, 0};
  for (size_t place = 0; place < kMaxWatchers; ++place) {
    Watcher* const watcher = watching_[place].get();
    if (watcher == nullptr) continue;
    place_of[count] = place;
    polled[count++] = {watcher->stream().fd(), static_cast<short>(watcher->blocked() ? POLLIN | POLLOUT : POLLIN), 0};
  }
  feed_.may_sleep();
  const int timeout = busy || !rings_are_empty() ? 0 : -1;
  // An interrupted or failed poll is one turn more.
  const int ready = ::poll(polled.data(), count, timeout);
  feed_.awake();
  if (ready > 0 && polled[0].revents != 0) feed_.silence();
  for (nfds_t i = 1; ready > 0 && i < count; ++i) {
    const short what = polled[i].revents;
    Watcher& watcher = *watching_[place_of[i]];
    if ((what & POLLOUT) != 0) watcher.may_send();
    if ((what & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
    const WatcherStream::State state = watcher.stream().drop_input();
    if (state == WatcherStream::State::open) continue;
    const bool ended = state == WatcherStream::State::ended;
    close(place_of[i], ended ? WatcherStream::Ending::by_client : WatcherStream::Ending::lost);
  }
}

// ---- figures

LogFigures LogDrain::figures() const {
  LogFigures out;
  const auto add = [&out](const LogRing& ring) {
    out.worker_written += ring.written();
    out.worker_dropped += ring.dropped();
  };
  for (const auto& ring : rings_) add(*ring);
  add(shared_.reader());
  out.watcher_sent = sent_.load(std::memory_order_relaxed);
  out.watcher_skipped = skipped_.load(std::memory_order_relaxed);
  threads::MutexLock lock(mu_);
  out.watchers =
      static_cast<uint64_t>(std::count_if(seats_.begin(), seats_.end(), [](const Seat& seat) { return seat.taken; }));
  return out;
}

}  // namespace martlet::log
