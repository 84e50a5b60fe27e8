// ConnTable: who sleeps too long, who gives way to a newcomer, and the end.
#include "server/conn/conn_table.h"

namespace martlet::conn {
namespace {

using std::chrono::milliseconds;

// How many sleepers one slice of a sweep looks at, and how many of the longest idle are tried to make room for one.
constexpr int kSweepSlice = 128;
constexpr int kReclaimTries = 8;

}  // namespace

void ConnTable::sweep(uint64_t now_ms) {
  int budget = kSweepSlice;
  const bool more = sweep_list(idle_, idle_limit_ms_, now_ms, CloseReason::idle_timeout, budget) ||
                    sweep_list(request_, request_limit_ms_, now_ms, CloseReason::request_timeout, budget) ||
                    sweep_list(send_, send_limit_ms_, now_ms, CloseReason::send_timeout, budget);
  // A slice that cannot be continued now is continued by the next sweep.
  if (more && !sweep_timer_.armed()) (void)sweep_timer_.arm(milliseconds(0));
  publish();
}

void ConnTable::on_sweep_again(void* self) {
  auto& table = *static_cast<ConnTable*>(self);
  table.sweep(table.context_.clock.monotonic_ms());
}

bool ConnTable::sweep_list(List& list, uint64_t limit_ms, uint64_t now_ms, CloseReason reason, int& budget) {
  if (limit_ms == 0) return false;
  while (!list.empty()) {
    ConnEntry& entry = *list.front();
    const uint64_t since = reason == CloseReason::idle_timeout ? entry.idle.since : entry.busy.since;
    if (since + limit_ms > now_ms) return false;
    if (budget-- == 0) return true;
    expire(entry, reason);
  }
  return false;
}

// One more read (a stalled reader gets none): whoever has spoken in time is served, and closed only when that left it
// where it stood.
void ConnTable::expire(ConnEntry& entry, CloseReason reason) {
  if (reason == CloseReason::send_timeout) {
    close(entry, reason);
    return;
  }
  const uint32_t generation = entry.generation;
  const uint64_t requests = entry.row.requests();
  const List::Hook& place = reason == CloseReason::request_timeout ? entry.busy : entry.idle;
  const List* const list = place.in;
  const uint64_t since = place.since;
  entry.connection->close_unless_readable(reason);
  drive(entry);
  if (entry.generation != generation) return;
  if (place.in == list && place.since == since && entry.row.requests() == requests) close(entry, reason);
}

void ConnTable::reclaim() {
  for (int tries = 0; tries < kReclaimTries && !idle_.empty(); ++tries) {
    ConnEntry& entry = *idle_.front();
    const uint32_t generation = entry.generation;
    expire(entry, CloseReason::reclaimed);
    if (entry.generation != generation) return;
  }
}

// ---- the end

// Idle clients are let go at once; whoever is in the midst of something has until the deadline.
void ConnTable::drain(uint64_t deadline_ms) {
  stopping_ = true;
  for (uint32_t i = 0; i < pool_->made(); ++i) {
    ConnEntry& entry = pool_->at(i);
    if (!entry.connection.has_value() || entry.connection->state() != ConnState::waiting) continue;
    entry.connection->close_unless_readable(CloseReason::shutdown);
    drive(entry);
  }
  const uint64_t now = context_.clock.monotonic_ms();
  const milliseconds left(deadline_ms > now ? deadline_ms - now : 0);
  if (finished() || !drain_timer_.arm(left)) loop_.stop();
}

void ConnTable::on_drain_deadline(void* self) {
  auto& table = *static_cast<ConnTable*>(self);
  table.close_all();
  table.loop_.stop();
}

void ConnTable::close_all() {
  for (uint32_t i = 0; i < pool_->made(); ++i) {
    ConnEntry& entry = pool_->at(i);
    if (entry.connection.has_value()) close(entry, CloseReason::shutdown);
  }
}

}  // namespace martlet::conn
