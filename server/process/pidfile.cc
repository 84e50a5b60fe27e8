#include "server/process/pidfile.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>

#include "server/process/file_replace.h"

namespace martlet::process {
namespace {

// The id in the file; nothing when there is no file, or it holds something else.
std::optional<pid_t> read_pid(const std::string& path) {
  std::ifstream file(path);
  std::string word;
  if (!(file >> word)) return std::nullopt;
  pid_t pid = 0;
  const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), pid);
  if (error != std::errc{} || stop != word.data() + word.size() || pid <= 0) return std::nullopt;
  return pid;
}

bool alive(pid_t pid) { return ::kill(pid, 0) == 0 || errno == EPERM; }

}  // namespace

std::vector<std::string> write_pidfile(const std::string& path) {
  std::vector<std::string> warnings;
  const std::optional<pid_t> old = read_pid(path);
  if (old && *old != ::getpid() && alive(*old)) {
    warnings.push_back(fmt::format("-P {}: the process it names ({}) is alive", path, *old));
  }
  if (const auto problem = replace_file(path, fmt::format("{}\n", ::getpid()))) {
    warnings.push_back(fmt::format("-P: {}", *problem));
  }
  return warnings;
}

std::vector<std::string> remove_pidfile(const std::string& path) {
  if (read_pid(path) != ::getpid()) return {};
  if (::unlink(path.c_str()) == 0) return {};
  return {fmt::format("-P: cannot remove {}: {}", path, std::strerror(errno))};
}

}  // namespace martlet::process
