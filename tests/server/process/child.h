// Tests of what a process does to itself for good run it in a child.
#pragma once

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>

namespace martlet::process {

inline constexpr uid_t kNobody = 65534;

inline bool is_root() { return ::geteuid() == 0; }

// In a child: become an ordinary user if root, so that limits bind.
inline void become_nobody() {
  if (is_root() && (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) ::_exit(99);
}

// What `body` printed into its string, run in a forked child. The child's end is checked.
inline std::string in_child(const std::function<std::string()>& body) {
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    const std::string said = body();
    const bool told = ::write(ends[1], said.data(), said.size()) == static_cast<ssize_t>(said.size());
    ::_exit(told ? EXIT_SUCCESS : EXIT_FAILURE);
  }
  ::close(ends[1]);
  std::string said;
  char buffer[512];
  for (ssize_t got = 0; (got = ::read(ends[0], buffer, sizeof(buffer))) > 0;) {
    said.append(buffer, static_cast<size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS) << "status " << status;
  return said;
}

// May this process raise hard limits? Root may, except in containers that keep the capability from it.
inline bool may_raise_limits() {
  return in_child([] {
           const rlimit lowered{16, 16};
           const rlimit raised{17, 17};
           const bool may = ::setrlimit(RLIMIT_NOFILE, &lowered) == 0 && ::setrlimit(RLIMIT_NOFILE, &raised) == 0;
           return std::string(may ? "yes" : "no");
         }) == "yes";
}

// A directory of the test's own, gone with it.
class ScratchDir {
 public:
  ScratchDir() {
    char name[] = "/tmp/martlet-test-XXXXXX";
    if (::mkdtemp(name) != nullptr) path_ = name;
    EXPECT_FALSE(path_.empty());
  }
  ~ScratchDir() {
    if (!path_.empty()) std::filesystem::remove_all(path_);
  }
  ScratchDir(const ScratchDir&) = delete;
  ScratchDir& operator=(const ScratchDir&) = delete;

  std::string file(const std::string& name) const { return path_ + "/" + name; }

  // Names in it: nothing may be left beside the file asked for.
  size_t size() const {
    size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) count += entry.exists() ? 1U : 0U;
    return count;
  }

 private:
  std::string path_;
};

inline std::string content_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

inline void put_content(const std::string& path, const std::string& content) { std::ofstream(path) << content; }

}  // namespace martlet::process
