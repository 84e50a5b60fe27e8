// ChildProcess: a program run as a child of the tests, with what it prints kept. It is killed with the object, and dies
// with the test program.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "threads/unique_fd.h"

namespace martlet::support {

struct ChildOptions {
  std::vector<std::string> words;                                     // the program's path and its arguments
  std::vector<std::pair<std::string, std::string>> environment = {};  // added to that of the tests
  std::optional<rlimit> descriptors = {};                             // RLIMIT_NOFILE
};

class ChildProcess {
 public:
  // Null, with the reason in `*error`, when there is no process to be had. A program that cannot be run ends with 127.
  static std::unique_ptr<ChildProcess> start(const ChildOptions& options, std::string* error);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }

  // False once it has ended.
  bool signal(int number);
  bool running() { return !poll_end().has_value(); }

  // The exit code, or 128 and the number of the signal it died of; empty when it has not ended in time.
  std::optional<int> wait_for_end(std::chrono::milliseconds deadline);

  // What it has written to stdout and stderr so far.
  std::string output() const;

 private:
  ChildProcess(pid_t pid, threads::UniqueFd output) : pid_(pid), output_(std::move(output)) {}

  std::optional<int> poll_end();

  const pid_t pid_;
  const threads::UniqueFd output_;
  std::optional<int> end_;
};

}  // namespace martlet::support
