#include "threads/worker.h"

#include <new>
#include <utility>

#include "threads/named_thread.h"

namespace martlet::threads {
namespace {

// An inbox that a burst made larger than this is given back once the burst is over.
constexpr size_t kInboxKept = 1024;

}  // namespace

std::unique_ptr<Worker> Worker::create(std::string name) {
  std::unique_ptr<EventLoop> loop = EventLoop::create();
  if (loop == nullptr) return nullptr;
  std::unique_ptr<Worker> worker(new (std::nothrow) Worker(std::move(name), std::move(loop)));
  if (worker == nullptr || !worker->reserve_inbox() || !worker->pipe_.open()) return nullptr;
  worker->pipe_event_.assign(*worker->loop_, worker->pipe_.read_fd(), &Worker::on_readable, worker.get());
  if (!worker->pipe_event_.arm(FdEvent::Want::read)) return nullptr;
  return worker;
}

Worker::Worker(std::string name, std::unique_ptr<EventLoop> loop) : name_(std::move(name)), loop_(std::move(loop)) {}

// What was posted after the thread had ended counts in load_, so it goes while load_ is there.
Worker::~Worker() { discard_messages(); }

bool Worker::start(WorkerHandler& handler) {
  handler_ = &handler;
  return start_named_thread(thread_, name_, [this] { run(); });
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

void Worker::run() {
  handler_->on_start();
  loop_->run();
  handler_->on_exit();
  discard_messages();
}

void Worker::on_readable(int /*fd*/, short /*what*/, void* self) {
  auto* worker = static_cast<Worker*>(self);
  worker->pipe_.take(worker->inbox_);
  worker->handle_inbox();
}

void Worker::handle_inbox() {
  for (WorkerMessage& message : inbox_) {
    if (loop_->stopping()) return;  // the rest is destroyed unseen after the loop
    if (message.kind != WorkerMessage::Kind::task) {
      handler_->on_message(std::move(message));
    } else if (message.task) {
      message.task();
    }
  }
  inbox_.clear();  // whatever the handler did not take, and what the tasks held
  if (inbox_.capacity() > kInboxKept) {
    std::vector<WorkerMessage>().swap(inbox_);
    // Without memory it stays without capacity until the next burst: posts may then fail, and say so.
    static_cast<void>(reserve_inbox());
  }
}

bool Worker::reserve_inbox() {
  try {
    inbox_.reserve(NotifyPipe<WorkerMessage>::kReserved);
  } catch (const std::bad_alloc&) {
    return false;
  }
  return true;
}

void Worker::discard_messages() {
  inbox_.clear();
  pipe_.take(inbox_);
  inbox_.clear();
}

}  // namespace martlet::threads
