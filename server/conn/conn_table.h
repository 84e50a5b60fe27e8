// ConnTable: a worker's connections and their events. It turns what drive() waits for into events, timers and lists;
// it is what the worker's messages are addressed to. Worker's thread only, but for what says otherwise.
//
//   new_socket ─► ConnPool ─► Connection ─► drive() ─► readable / writable: arm the event
//                                                   ─► yield: ready list, driven in the loop's next turn
//                                                   ─► moved: event off, descriptor to the log drain, entry back
//                                                   ─► closed: event off, entry back, descriptor closed
//
// Three lists hold the sleepers in the order in which they began to: idle (waiting for a command), request (in the
// midst of one), send (blocked in a reply). The soonest time at which the front of one could be overdue is published
// for the idle-timeout thread; a sweep looks at the connection itself again before it closes anything, and reads once
// more, so that a request sent in time gets its reply.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "server/base/diag.h"
#include "server/conn/conn_context.h"
#include "server/conn/conn_pool.h"
#include "threads/event_loop.h"
#include "threads/idle_timeout.h"
#include "threads/worker.h"

namespace martlet::conn {

class ConnTable final : public threads::WorkerHandler {
 public:
  // `context` and `loop` outlive the table.
  ConnTable(ConnContext& context, threads::EventLoop& loop, std::unique_ptr<ConnPool> pool);
  ~ConnTable() override;

  void on_message(threads::WorkerMessage&& message) override;
  void on_exit() override;

  // Any thread: the soonest time (monotonic ms) at which a connection could be overdue; kNoDeadline for none.
  const std::atomic<uint64_t>& deadline() const { return deadline_; }
  // Any thread: since when the longest-idle connection waits; kNoDeadline when none does.
  uint64_t oldest_idle_ms() const { return oldest_idle_.load(std::memory_order_relaxed); }
  // Any thread: figures, and the rows of its entries.
  const ConnPool& pool() const { return *pool_; }

 private:
  using List = IntrusiveList<ConnEntry>;

  void admit(threads::NewSocket&& socket);
  void drive(ConnEntry& entry);
  void follow(ConnEntry& entry, Wait wait);
  void file(ConnEntry& entry, Wait wait);
  void close(ConnEntry& entry, CloseReason reason);
  void release(ConnEntry& entry);
  void hand_over(ConnEntry& entry);
  void vacate(ConnEntry& entry);
  void publish();

  // Sweeping; each closes at most a slice and says whether more is due.
  void sweep(uint64_t now_ms);
  bool sweep_list(List& list, uint64_t limit_ms, uint64_t now_ms, CloseReason reason, int& budget);
  void expire(ConnEntry& entry, CloseReason reason);
  void reclaim();

  // Ending.
  void drain(uint64_t deadline_ms);
  void close_all();
  bool finished() const { return stopping_ && pool_->in_use() == 0; }

  static void on_event(int fd, short what, void* entry);
  static void on_ready(void* self);
  static void on_drain_deadline(void* self);
  static void on_sweep_again(void* self);

  ConnContext& context_;
  threads::EventLoop& loop_;
  std::unique_ptr<ConnPool> pool_;
  List idle_{&ConnEntry::idle};
  List request_{&ConnEntry::busy};
  List send_{&ConnEntry::busy};
  List ready_{&ConnEntry::busy};
  threads::TimerEvent ready_timer_;
  threads::TimerEvent sweep_timer_;
  threads::TimerEvent drain_timer_;
  RateLimit event_log_;
  const uint64_t idle_limit_ms_;     // 0: no limit
  const uint64_t request_limit_ms_;  // 0: no limit
  const uint64_t send_limit_ms_;     // 0: no limit
  const bool keeps_idle_;            // anyone wants to know who is idle
  bool stopping_ = false;
  std::atomic<uint64_t> deadline_{threads::kNoDeadline};
  std::atomic<uint64_t> oldest_idle_{threads::kNoDeadline};
};

}  // namespace martlet::conn
