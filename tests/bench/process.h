// Child processes of the benchmark and what the kernel tells about them: memory, CPU time, descriptors.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/socket.h"

namespace martlet::bench {

// CPU time of a whole process since its start. `total_ns` comes from the scheduler (/proc/<pid>/task/*/schedstat,
// exact, but without threads that have ended); user and system time from /proc/<pid>/stat (all threads, clock-tick
// resolution).
struct CpuTime {
  std::uint64_t total_ns = 0;
  std::uint64_t user_ns = 0;
  std::uint64_t system_ns = 0;
};

// One child process, killed and reaped at destruction. start() and everything else are for one thread at a time; no
// other thread may run while start() forks.
class ChildProcess {
 public:
  // Runs argv[0] (searched in PATH) with standard output and error captured; `cpu` pins it to one processor.
  static ChildProcess start(const std::vector<std::string>& argv, std::optional<unsigned> cpu = std::nullopt);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  // Exit code, 128 + signal for a killed one; nullopt when it still runs after `timeout`.
  std::optional<int> wait(Milliseconds timeout);

  // What was written so far to standard output and standard error.
  std::string output() const { return captured(output_); }
  std::string error_output() const { return captured(errors_); }

  CpuTime cpu_time() const;
  // Resident memory in KiB: exact from smaps_rollup, else from status (which lags by some pages per processor).
  std::uint64_t rss_kib() const;
  // Resident memory once two readings 100 ms apart agree and the process took next to no CPU between; at most
  // `timeout`.
  std::uint64_t settled_rss_kib(Milliseconds timeout = Milliseconds(3000)) const;
  std::uint64_t descriptors() const;
  // Sets soft and hard RLIMIT_NOFILE of the running process, whatever it asked for at its start.
  void limit_descriptors(std::uint64_t limit) const;

 private:
  ChildProcess(pid_t pid, Socket output, Socket errors);
  static std::string captured(const Socket& file);

  pid_t pid_ = -1;  // -1: moved from, or reaped
  std::optional<int> exit_code_;
  Socket output_;
  Socket errors_;
};

}  // namespace martlet::bench
