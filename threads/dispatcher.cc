#include "threads/dispatcher.h"

#include <new>
#include <utility>

namespace martlet::threads {

bool Dispatcher::dispatch(NewSocket&& socket) {
  // Owned here from the first line: each way out without posting closes it and gives the slot back.
  NewSocket owned(std::move(socket));
  Worker& worker = workers_.least_loaded();
  owned.slot.assign_to(worker.load());

  WorkerMessage message;
  message.kind = WorkerMessage::Kind::new_socket;
  message.socket.reset(new (std::nothrow) NewSocket(std::move(owned)));
  if (message.socket == nullptr) return false;
  return worker.post(std::move(message));
}

}  // namespace martlet::threads
