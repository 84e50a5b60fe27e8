#include "threads/idle_timeout.h"

#include <algorithm>
#include <utility>

namespace martlet::threads {
namespace {

// When to look again at a worker that was told and has not published anew, or could not be told.
constexpr uint64_t kLookAgainMs = 10;

}  // namespace

IdleTimeout::IdleTimeout(WorkerPool& workers, std::vector<const std::atomic<uint64_t>*> deadlines,
                         std::function<uint64_t()> now_ms, std::chrono::milliseconds shortest)
    : workers_(workers),
      deadlines_(std::move(deadlines)),
      now_ms_(std::move(now_ms)),
      shortest_(shortest),
      told_(deadlines_.size(), kNoDeadline),
      thread_("idle-timeout", [this] { return step(); }) {}

std::chrono::milliseconds IdleTimeout::step() {
  const uint64_t now = now_ms_();
  auto sleep = static_cast<uint64_t>(shortest_.count());
  for (size_t i = 0; i < deadlines_.size(); ++i) {
    const uint64_t deadline = deadlines_[i]->load(std::memory_order_acquire);
    if (deadline == kNoDeadline || deadline > now) {
      told_[i] = kNoDeadline;
      if (deadline != kNoDeadline) sleep = std::min(sleep, deadline - now);
      continue;
    }
    if (told_[i] != deadline && tell(i, now)) told_[i] = deadline;
    sleep = std::min(sleep, kLookAgainMs);
  }
  return std::chrono::milliseconds(std::max<uint64_t>(sleep, 1));
}

bool IdleTimeout::tell(size_t worker, uint64_t now) {
  WorkerMessage message;
  message.kind = WorkerMessage::Kind::sweep;
  message.number = now;
  return workers_.worker(worker).post(std::move(message));
}

}  // namespace martlet::threads
