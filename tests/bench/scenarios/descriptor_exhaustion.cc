// Descriptor exhaustion: a server that may hold 256 descriptors meets 1,000 clients.
//
// memcached raises its own limit at start (or refuses to start), so the limit is set from outside by prlimit(2) once
// the server answers: both sides then run into EMFILE in the same way. The clients connect without waiting and ask for
// the version as soon as they are connected; each ends up served, told an error line, or left in silence.
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>

#include "tests/bench/errors.h"
#include "tests/bench/load.h"
#include "tests/bench/scenarios/catalogue.h"
#include "tests/bench/server.h"
#include "tests/bench/statistics.h"

namespace martlet::bench {
namespace {

constexpr std::uint64_t kDescriptors = 256;
constexpr std::size_t kClients = 1'000;
constexpr Milliseconds kSettling{1000};
constexpr Milliseconds kWaiting{2000};
constexpr unsigned kFreed = 10;

constexpr std::array kRows{
    Row{"served", "clients served with 256 descriptors, of 1,000", "", 0, Combine::kMedian, {}},
    // Without a target: they are to wait for a descriptor rather than to be turned away (docs/decisions.md).
    Row{"silent", "clients waiting for a descriptor", "", 0, Combine::kMedian, {}},
    Row{"cpu", "server CPU while they wait", "ms/s", 2, Combine::kWorstHigh, {TargetKind::kAtMost, 10}},
    Row{"lines", "lines on standard error", "/s", 1, Combine::kWorstHigh, {TargetKind::kAtMost, 1}},
    Row{"accept",
        "first service after a descriptor frees, median of 10",
        "ms",
        2,
        Combine::kWorstHigh,
        {TargetKind::kAtMost, 20}},
    Row{"accept_worst", "the worst of them", "ms", 2, Combine::kWorstHigh, {}},
    Row{"other", "slowest reply on a connection from before", "ms", 1, Combine::kWorstHigh, {TargetKind::kAtMost, 100}},
};

enum class State { kConnecting, kAsked, kServed, kTold, kClosed };

struct Attempt {
  Socket socket;
  State state = State::kConnecting;
  std::string received;
};

// The clients that connect without waiting, advanced by pump().
class PendingClients {
 public:
  explicit PendingClients(const Endpoint& to) : to_(to) {}

  void add() { attempts_.push_back({.socket = begin_connect(to_), .state = State::kConnecting, .received = {}}); }

  // Advances every undecided client for at most `timeout`; returns as soon as something happened.
  void pump(Milliseconds timeout);

  std::size_t count(State state) const {
    return static_cast<std::size_t>(
        std::count_if(attempts_.begin(), attempts_.end(), [state](const Attempt& a) { return a.state == state; }));
  }

  // Closes one served client; its descriptor in the server is free soon after.
  bool close_one_served();

  const std::string& wrong_line() const { return wrong_line_; }

 private:
  void advance(Attempt& attempt);
  void receive(Attempt& attempt);

  Endpoint to_;
  std::vector<Attempt> attempts_;
  std::string wrong_line_;
};

void PendingClients::receive(Attempt& attempt) {
  std::array<char, 512> block;
  const ssize_t got = ::recv(attempt.socket.fd(), block.data(), block.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got > 0) attempt.received.append(block.data(), static_cast<std::size_t>(got));
  if (attempt.received.ends_with("\r\n")) {
    const bool served = attempt.received.starts_with("VERSION ");
    attempt.state = served ? State::kServed : State::kTold;
    if (!served && !attempt.received.starts_with("ERROR Too many open connections")) wrong_line_ = attempt.received;
  } else if (got <= 0) {
    attempt.state = State::kClosed;
  }
  if (attempt.state == State::kTold || attempt.state == State::kClosed) attempt.socket.close();
}

void PendingClients::advance(Attempt& attempt) {
  if (attempt.state == State::kAsked) {
    receive(attempt);
    return;
  }
  constexpr std::string_view kQuestion = "version\r\n";
  // A client that was told and closed before it could ask still reads its line.
  static_cast<void>(::send(attempt.socket.fd(), kQuestion.data(), kQuestion.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
  attempt.state = State::kAsked;
}

void PendingClients::pump(Milliseconds timeout) {
  std::vector<pollfd> polled;
  std::vector<Attempt*> owners;
  for (Attempt& attempt : attempts_) {
    if (attempt.state != State::kConnecting && attempt.state != State::kAsked) continue;
    const short events = attempt.state == State::kConnecting ? POLLOUT : POLLIN;
    polled.push_back({.fd = attempt.socket.fd(), .events = events, .revents = 0});
    owners.push_back(&attempt);
  }
  if (::poll(polled.data(), polled.size(), static_cast<int>(timeout.count())) <= 0) return;
  for (std::size_t i = 0; i < polled.size(); ++i) {
    if (polled[i].revents != 0) advance(*owners[i]);
  }
}

bool PendingClients::close_one_served() {
  const auto found =
      std::find_if(attempts_.begin(), attempts_.end(), [](const Attempt& a) { return a.state == State::kServed; });
  if (found == attempts_.end()) return false;
  attempts_.erase(found);
  return true;
}

// Milliseconds from the close of a served client to the version read by any other: one that waits already or, where
// waiting clients were turned away, one that tries anew until it is served.
double time_first_service(PendingClients& pending) {
  if (!pending.close_one_served()) throw BenchError("no client was served");
  const std::size_t served = pending.count(State::kServed);
  const auto begin = Clock::now();
  std::size_t turned_away = pending.count(State::kTold) + pending.count(State::kClosed);
  pending.add();
  while (pending.count(State::kServed) == served) {
    if (milliseconds_since(begin) > 3000) throw BenchError("nobody was served within 3 s after a descriptor was freed");
    pending.pump(Milliseconds(10));
    const std::size_t away = pending.count(State::kTold) + pending.count(State::kClosed);
    if (away != turned_away) pending.add();
    turned_away = away;
  }
  return milliseconds_since(begin);
}

void run(const std::string& binary, const LoadOptions& options, Sample& out) {
  if (options.descriptor_limit < kClients + 200) throw BenchError("the descriptor limit is too low for this scenario");
  const Server server = Server::start(binary, {"-c", "1024"});
  TextClient existing = server.connect();
  existing.set("existing", "value");
  server.process().limit_descriptors(kDescriptors);

  const auto begin = Clock::now();
  PendingClients pending(server.endpoint());
  for (std::size_t i = 0; i < kClients; ++i) pending.add();
  while (milliseconds_since(begin) < static_cast<double>(kSettling.count())) pending.pump(Milliseconds(20));
  const std::uint64_t cpu = server.process().cpu_time().total_ns;
  std::this_thread::sleep_for(kWaiting);
  const auto waited_ns = static_cast<double>(server.process().cpu_time().total_ns - cpu);
  const std::string errors = server.process().error_output();
  const double seconds = milliseconds_since(begin) / 1000;
  out.figures["cpu"] = waited_ns / 1e6 / (static_cast<double>(kWaiting.count()) / 1000);
  out.figures["lines"] = static_cast<double>(std::count(errors.begin(), errors.end(), '\n')) / seconds;

  pending.pump(Milliseconds(0));
  out.figures["served"] = static_cast<double>(pending.count(State::kServed));
  out.figures["silent"] = static_cast<double>(kClients - pending.count(State::kServed) - pending.count(State::kTold));
  const auto latencies = time_gets(existing, "existing", 500);
  out.figures["other"] = *std::max_element(latencies.begin(), latencies.end()) / 1000;
  std::vector<double> services;
  for (unsigned i = 0; i < kFreed; ++i) services.push_back(time_first_service(pending));
  out.figures["accept"] = median(services);
  out.figures["accept_worst"] = *std::max_element(services.begin(), services.end());
  if (!pending.wrong_line().empty())
    out.complaints.push_back("a client was told " + pending.wrong_line().substr(0, 60));
}

}  // namespace

Scenario descriptor_exhaustion() { return {"fd-limit", "descriptors running out", 3, kRows, run}; }

}  // namespace martlet::bench
