// Worker: one thread, its event loop, and the notify pipe through which everyone else talks to it.
//
//   dispatcher ── NewSocket ──┐
//   idle-timeout ─ SweepIdle ─┼──► NotifyPipe ──► worker's loop ──► WorkerHandler::on_message
//   anyone ─ Reclaim, Stop … ─┘
//
// The worker knows neither clients nor items: the one seam to them is WorkerHandler, which runs on the worker's thread
// only. Its descriptors are events in the same loop.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "threads/conn_slot.h"
#include "threads/event_loop.h"
#include "threads/notify_pipe.h"
#include "threads/unique_fd.h"

namespace martlet::threads {

// An accepted socket on its way to a worker.
struct NewSocket {
  UniqueFd fd;
  ConnSlot slot;
  uint32_t listener = 0;    // which listener it came from, as the owner of the listeners numbers them
  sockaddr_storage peer{};  // as accept gave it
  socklen_t peer_size = 0;
};

struct WorkerMessage {
  enum class Kind : uint8_t {
    new_socket,  // `socket`
    sweep,       // close what is overdue at `number` (monotonic ms)
    reclaim,     // close the longest-idle connection
    drain,       // finish what is under way by `number` (monotonic ms), then the loop ends
    stop,        // close everything, the loop ends
    task,        // run `task` on the worker's thread
  };

  Kind kind = Kind::task;
  uint64_t number = 0;
  std::unique_ptr<NewSocket> socket;
  std::function<void()> task;
};

// What a worker does with what it is told. All calls on the worker's thread.
class WorkerHandler {
 public:
  virtual ~WorkerHandler() = default;

  // Before the loop's first turn: the place to make what belongs to the thread.
  virtual void on_start() {}
  // Every message but `task`, which the worker runs itself. At `drain` and `stop` it is the handler that ends the loop,
  // by EventLoop::stop(); messages that come after that are destroyed unseen.
  virtual void on_message(WorkerMessage&& message) = 0;
  // After the loop's last turn.
  virtual void on_exit() {}
};

class Worker {
 public:
  // Null when no descriptors or memory could be had. `name`: of the thread (at most 15 characters).
  static std::unique_ptr<Worker> create(std::string name);
  ~Worker();  // the thread must have been joined
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // `handler` outlives the worker's thread. False when the thread cannot be made.
  [[nodiscard]] bool start(WorkerHandler& handler);
  void join();

  // Any thread; false when no memory could be had, `message` is then untouched.
  [[nodiscard]] bool post(WorkerMessage&& message) { return pipe_.post(std::move(message)); }

  EventLoop& loop() { return *loop_; }

  // Connections assigned to this worker, those on their way included. Any thread reads; ConnSlots write.
  std::atomic<uint32_t>& load() { return load_; }
  uint32_t load() const { return load_.load(std::memory_order_relaxed); }

 private:
  Worker(std::string name, std::unique_ptr<EventLoop> loop);

  static void on_readable(int fd, short what, void* self);
  void run();
  void handle_inbox();
  bool reserve_inbox();
  void discard_messages();

  const std::string name_;
  std::unique_ptr<EventLoop> loop_;
  NotifyPipe<WorkerMessage> pipe_;
  FdEvent pipe_event_;
  WorkerHandler* handler_ = nullptr;
  std::vector<WorkerMessage> inbox_;  // worker's thread only; keeps its capacity
  std::atomic<uint32_t> load_{0};
  std::thread thread_;
};

}  // namespace martlet::threads
