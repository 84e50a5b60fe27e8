// Fork, exec, wait.
#include "tests/support/child_process.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

namespace martlet::support {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// What exec takes, made before the fork.
struct Image {
  std::vector<std::string> words;
  std::vector<std::string> variables;
  std::vector<char*> arguments;
  std::vector<char*> environment;
};

Image make_image(const ChildOptions& options) {
  Image image;
  image.words = options.words;
  for (char** each = environ; *each != nullptr; ++each) image.variables.emplace_back(*each);
  for (const auto& [name, value] : options.environment) image.variables.push_back(name + "=" + value);
  for (std::string& word : image.words) image.arguments.push_back(word.data());
  for (std::string& variable : image.variables) image.environment.push_back(variable.data());
  image.arguments.push_back(nullptr);
  image.environment.push_back(nullptr);
  return image;
}

// In the child, after fork: only calls that are safe there.
[[noreturn]] void run_child(const Image& image, const ChildOptions& options, int output, pid_t parent) {
  const int null = ::open("/dev/null", O_RDWR);
  ::dup2(null, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  if (null > STDERR_FILENO) ::close(null);
  if (options.descriptors.has_value() && ::setrlimit(RLIMIT_NOFILE, &*options.descriptors) != 0) ::_exit(126);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(126);
  ::execve(image.arguments[0], image.arguments.data(), image.environment.data());
  ::_exit(127);
}

}  // namespace

std::unique_ptr<ChildProcess> ChildProcess::start(const ChildOptions& options, std::string* error) {
  threads::UniqueFd output(::memfd_create("output", MFD_CLOEXEC));
  if (!output.valid()) {
    *error = std::string("memfd_create: ") + std::strerror(errno);
    return nullptr;
  }
  const Image image = make_image(options);
  const pid_t self = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) run_child(image, options, output.get(), self);
  if (pid < 0) {
    *error = std::string("fork: ") + std::strerror(errno);
    return nullptr;
  }
  return std::unique_ptr<ChildProcess>(new ChildProcess(pid, std::move(output)));
}

ChildProcess::~ChildProcess() {
  if (poll_end().has_value()) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
}

bool ChildProcess::signal(int number) { return running() && ::kill(pid_, number) == 0; }

std::optional<int> ChildProcess::poll_end() {
  int status = 0;
  if (!end_.has_value() && ::waitpid(pid_, &status, WNOHANG) == pid_) {
    end_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return end_;
}

std::optional<int> ChildProcess::wait_for_end(milliseconds deadline) {
  const auto until = steady_clock::now() + deadline;
  while (!poll_end().has_value() && steady_clock::now() < until) std::this_thread::sleep_for(milliseconds(1));
  return end_;
}

std::string ChildProcess::output() const {
  std::string all;
  std::array<char, 4096> piece;
  for (;;) {
    const ssize_t got = ::pread(output_.get(), piece.data(), piece.size(), static_cast<off_t>(all.size()));
    if (got <= 0) return all;
    all.append(piece.data(), static_cast<size_t>(got));
  }
}

}  // namespace martlet::support
