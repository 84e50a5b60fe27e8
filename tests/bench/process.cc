// fork and exec of the children, and the /proc readings.
#include "tests/bench/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/bench/errors.h"

namespace martlet::bench {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The number after `label` in a /proc text, in the unit the text uses.
std::optional<std::uint64_t> labelled_number(const std::string& text, std::string_view label) {
  const std::size_t at = text.find(label);
  if (at == std::string::npos) return std::nullopt;
  std::istringstream rest(text.substr(at + label.size()));
  std::uint64_t value = 0;
  if (!(rest >> value)) return std::nullopt;
  return value;
}

Socket memory_file(const char* name) {
  Socket file(memfd_create(name, MFD_CLOEXEC));
  if (!file.is_open()) throw BenchError("memfd_create failed");
  return file;
}

// Runs in the child between fork and exec: async-signal-safe calls only.
[[noreturn]] void run_child(char* const* argv, int input, int output, int errors, std::optional<unsigned> cpu) {
  if (cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(*cpu, &set);
    if (sched_setaffinity(0, sizeof(set), &set) != 0) _exit(126);
  }
  if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(errors, 2) < 0) _exit(126);
  execvp(argv[0], argv);
  _exit(127);
}

// Runs in a forked child: root without CAP_SYS_RESOURCE may not limit another user's process, that user may. Takes on
// the identity for good, sets the limit, and exits with 0 or the error number.
[[noreturn]] void limit_as(pid_t target, std::uint64_t limit, uid_t user, gid_t group) {
  const rlimit wanted{.rlim_cur = limit, .rlim_max = limit};
  if (getuid() != user && (setresgid(group, group, group) != 0 || setresuid(user, user, user) != 0)) _exit(errno);
  _exit(::prlimit(target, RLIMIT_NOFILE, &wanted, nullptr) == 0 ? 0 : errno);
}

}  // namespace

ChildProcess::ChildProcess(pid_t pid, Socket output, Socket errors)
    : pid_(pid), output_(std::move(output)), errors_(std::move(errors)) {}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      exit_code_(other.exit_code_),
      output_(std::move(other.output_)),
      errors_(std::move(other.errors_)) {}

ChildProcess ChildProcess::start(const std::vector<std::string>& argv, std::optional<unsigned> cpu) {
  std::vector<std::string> words = argv;
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  Socket output = memory_file("stdout");
  Socket errors = memory_file("stderr");
  const Socket input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const pid_t pid = fork();
  if (pid < 0) throw BenchError(fmt::format("fork: {}", std::strerror(errno)));
  if (pid == 0) run_child(pointers.data(), input.fd(), output.fd(), errors.fd(), cpu);
  return ChildProcess(pid, std::move(output), std::move(errors));
}

ChildProcess::~ChildProcess() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void ChildProcess::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

std::optional<int> ChildProcess::wait(Milliseconds timeout) {
  if (pid_ < 0) return exit_code_;
  const Socket handle(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (!handle.is_open()) throw BenchError(fmt::format("pidfd_open: {}", std::strerror(errno)));
  pollfd ended{.fd = handle.fd(), .events = POLLIN, .revents = 0};
  if (::poll(&ended, 1, static_cast<int>(timeout.count())) != 1) return std::nullopt;
  int status = 0;
  if (::waitpid(pid_, &status, 0) != pid_) throw BenchError("waitpid failed");
  pid_ = -1;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return exit_code_;
}

std::string ChildProcess::captured(const Socket& file) {
  std::string text;
  std::array<char, 16384> block;
  for (;;) {
    const ssize_t got = ::pread(file.fd(), block.data(), block.size(), static_cast<off_t>(text.size()));
    if (got <= 0) return text;
    text.append(block.data(), static_cast<std::size_t>(got));
  }
}

CpuTime ChildProcess::cpu_time() const {
  CpuTime out;
  std::error_code failed;
  const std::string root = fmt::format("/proc/{}", pid_);
  for (const auto& task : std::filesystem::directory_iterator(root + "/task", failed)) {
    std::istringstream fields(read_file(task.path().string() + "/schedstat"));
    std::uint64_t on_cpu = 0;
    if (fields >> on_cpu) out.total_ns += on_cpu;
  }
  // After the command name's closing parenthesis come state and ten numbers, then utime and stime in clock ticks.
  const std::string stat = read_file(root + "/stat");
  const std::size_t name_end = stat.rfind(')');
  if (failed || out.total_ns == 0 || name_end == std::string::npos) throw BenchError("cannot read the CPU time");
  std::istringstream fields(stat.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  std::uint64_t user = 0;
  std::uint64_t system = 0;
  if (!(fields >> user >> system)) throw BenchError("cannot read the CPU time");
  const auto tick_ns = 1'000'000'000ULL / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  out.user_ns = user * tick_ns;
  out.system_ns = system * tick_ns;
  return out;
}

std::uint64_t ChildProcess::rss_kib() const {
  const std::string root = fmt::format("/proc/{}", pid_);
  if (const auto exact = labelled_number(read_file(root + "/smaps_rollup"), "\nRss:")) return *exact;
  if (const auto counted = labelled_number(read_file(root + "/status"), "\nVmRSS:")) return *counted;
  throw BenchError("cannot read the resident memory");
}

std::uint64_t ChildProcess::settled_rss_kib(Milliseconds timeout) const {
  constexpr Milliseconds kStep{100};
  constexpr std::uint64_t kIdleNs = 2'000'000;  // of CPU within a step
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::uint64_t before = rss_kib();
  std::uint64_t cpu_before = cpu_time().total_ns;
  for (;;) {
    std::this_thread::sleep_for(kStep);
    const std::uint64_t rss = rss_kib();
    const std::uint64_t cpu = cpu_time().total_ns;
    if ((rss == before && cpu - cpu_before < kIdleNs) || std::chrono::steady_clock::now() > deadline) return rss;
    before = rss;
    cpu_before = cpu;
  }
}

std::uint64_t ChildProcess::descriptors() const {
  std::error_code failed;
  std::uint64_t count = 0;
  for (std::filesystem::directory_iterator it(fmt::format("/proc/{}/fd", pid_), failed), end; it != end; ++it) ++count;
  if (failed) throw BenchError("cannot count the descriptors");
  return count;
}

void ChildProcess::limit_descriptors(std::uint64_t limit) const {
  const std::string status = read_file(fmt::format("/proc/{}/status", pid_));
  const auto user = labelled_number(status, "\nUid:");
  const auto group = labelled_number(status, "\nGid:");
  if (!user || !group) throw BenchError("cannot read whose process it is");
  const pid_t helper = fork();
  if (helper < 0) throw BenchError(fmt::format("fork: {}", std::strerror(errno)));
  if (helper == 0) limit_as(pid_, limit, static_cast<uid_t>(*user), static_cast<gid_t>(*group));
  int ended = 0;
  if (::waitpid(helper, &ended, 0) != helper || !WIFEXITED(ended) || WEXITSTATUS(ended) != 0) {
    throw BenchError(fmt::format("prlimit: {}", std::strerror(WIFEXITED(ended) ? WEXITSTATUS(ended) : EIO)));
  }
}

}  // namespace martlet::bench
