// Diag: log lines for the operator, on stderr, each written whole.
//
// Levels are memcached's: 0 always, 1 (-v) errors and warnings, 2 (-vv) commands and replies, 3 (-vvv) state
// transitions. Safe from any thread.
#pragma once

#include <fmt/format.h>

#include <atomic>
#include <cstdint>
#include <iterator>
#include <new>
#include <string_view>
#include <utility>

namespace martlet {

class Diag {
 public:
  explicit Diag(int verbosity, int fd = 2) : verbosity_(verbosity), fd_(fd) {}

  bool wants(int level) const { return verbosity_.load(std::memory_order_relaxed) >= level; }
  int verbosity() const { return verbosity_.load(std::memory_order_relaxed); }
  void set_verbosity(int level) { verbosity_.store(level, std::memory_order_relaxed); }

  // One line; control bytes and bytes above 126 in it are written as \xNN, so that a client's bytes cannot forge lines.
  void line(std::string_view text) const;

  // Short lines need no memory of their own; a long one that there is no memory for is not written.
  template <typename... Args>
  void log(int level, fmt::format_string<Args...> format, Args&&... args) const {
    if (!wants(level)) return;
    try {
      fmt::memory_buffer text;  // on the stack while it is short: a line about missing memory needs none
      fmt::format_to(std::back_inserter(text), format, std::forward<Args>(args)...);
      line({text.data(), text.size()});
    } catch (const std::bad_alloc&) {
      line("(a log line is lost: out of memory)");
    }
  }

 private:
  std::atomic<int> verbosity_;
  const int fd_;
};

// Lets something through at most once per interval. One thread.
class RateLimit {
 public:
  explicit RateLimit(uint64_t interval_ms) : interval_ms_(interval_ms) {}

  bool allow(uint64_t now_ms) {
    if (allowed_once_ && now_ms - last_ms_ < interval_ms_) return false;
    allowed_once_ = true;
    last_ms_ = now_ms;
    return true;
  }

 private:
  const uint64_t interval_ms_;
  uint64_t last_ms_ = 0;
  bool allowed_once_ = false;
};

}  // namespace martlet
