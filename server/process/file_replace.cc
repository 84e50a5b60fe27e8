#include "server/process/file_replace.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace martlet::process {
namespace {

// False with errno set.
bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

std::string failed(const std::string& path) { return fmt::format("cannot write {}: {}", path, std::strerror(errno)); }

}  // namespace

std::optional<std::string> replace_file(const std::string& path, std::string_view content) {
  // The name tells processes apart; O_EXCL and O_NOFOLLOW keep a file planted there from being written through.
  const std::string beside = fmt::format("{}.{}.tmp", path, ::getpid());
  ::unlink(beside.c_str());
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (fd < 0) return failed(path);

  std::optional<std::string> problem;
  if (!write_all(fd, content)) problem = failed(path);
  if (::close(fd) != 0 && !problem) problem = failed(path);
  if (!problem && std::rename(beside.c_str(), path.c_str()) != 0) problem = failed(path);
  if (problem) ::unlink(beside.c_str());
  return problem;
}

}  // namespace martlet::process
