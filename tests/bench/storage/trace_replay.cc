// Batches, pacing, and the shadow of what expires when.
#include "tests/bench/storage/trace_replay.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>
#include <utility>

namespace martlet::bench {
namespace {

constexpr std::size_t kBatch = 100;

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

double replay_speed(const Trace& trace) {
  std::uint32_t least = 0;
  for (const TraceRequest& request : trace.requests) {
    if (request.ttl != 0 && (least == 0 || request.ttl < least)) least = request.ttl;
  }
  if (least == 0 || trace.requests.back().seconds == 0) return 0;
  return std::max(1.0, least / kLeastTtl);
}

std::uint32_t scaled_ttl(std::uint32_t ttl, double speed) {
  if (ttl == 0 || speed == 0) return 0;
  return static_cast<std::uint32_t>(std::ceil(ttl / speed)) + 1;
}

TraceReplay::TraceReplay(BulkClient client, const Trace& trace, const NumberedValues& values, double speed)
    : client_(std::move(client)),
      trace_(trace),
      values_(values),
      speed_(speed),
      begin_(wall_seconds()),
      expires_(trace.keys),
      missed_in_(trace.keys) {}

void TraceReplay::wait_for(const TraceRequest& request) {
  if (speed_ == 0) return;
  const double early = begin_ + request.seconds / speed_ - wall_seconds();
  if (early > 0) {
    std::this_thread::sleep_for(std::chrono::duration<double>(early));
  } else {
    result_.late_seconds = std::max(result_.late_seconds, -early);
  }
}

void TraceReplay::queue_get(Number number) {
  const TraceRequest& request = trace_.requests[number];
  client_.queue_get(NumberedKey(request.key, request.key_size).view());
  asked_.push_back({.request = number, .expires = expires_[request.key]});
}

void TraceReplay::queue_set(const TraceRequest& request) {
  expires_[request.key] = request.ttl == 0 || speed_ == 0 ? 0 : request.seconds + request.ttl;
  client_.queue_set(NumberedKey(request.key, request.key_size).view(), values_.value(request.key, request.value_size),
                    scaled_ttl(request.ttl, speed_));
}

void TraceReplay::queue_batch() {
  ++batch_;
  asked_.clear();
  for (const Number number : std::exchange(again_, {})) queue_get(number);
  const std::size_t end = std::min(trace_.requests.size(), next_ + kBatch);
  if (next_ < end) wait_for(trace_.requests[next_]);
  for (; next_ < end; ++next_) {
    const TraceRequest& request = trace_.requests[next_];
    if (request.is_set) {
      queue_set(request);
    } else {
      queue_get(next_);
    }
  }
}

void TraceReplay::settle_batch() {
  for (const Asked& asked : asked_) {
    const TraceRequest& request = trace_.requests[asked.request];
    const bool hit = asked.found && (asked.expires == 0 || request.seconds < asked.expires);
    if (!hit && missed_in_[request.key] == batch_) {
      again_.push_back(asked.request);
      continue;
    }
    ++result_.gets;
    if (hit) continue;
    ++result_.misses;
    missed_in_[request.key] = batch_;
    queue_set(request);
  }
}

ReplayResult TraceReplay::run() {
  while (next_ < trace_.requests.size() || !again_.empty()) {
    queue_batch();
    client_.exchange([this](std::size_t position, std::string_view value) {
      asked_[position].found = true;
      if (!values_.is_of(trace_.requests[asked_[position].request].key, value)) ++result_.wrong;
    });
    settle_batch();
  }
  client_.settle();
  result_.refused = client_.refused();
  return result_;
}

}  // namespace martlet::bench
