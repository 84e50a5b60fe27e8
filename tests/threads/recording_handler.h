// RecordingHandler: a WorkerHandler that writes down what it is told, keeps the sockets it is given, and ends the loop
// at `stop`. What it recorded is read after the worker was joined. SocketEnds: a connection in miniature.
#pragma once

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/threads/tally.h"
#include "threads/worker.h"

namespace martlet::threads {

class RecordingHandler : public WorkerHandler {
 public:
  explicit RecordingHandler(Worker& worker) : worker_(worker) {}

  void on_start() override { events.emplace_back("start"); }
  void on_exit() override { events.emplace_back("exit"); }
  void on_message(WorkerMessage&& message) override {
    events.push_back(describe(message));
    if (message.socket != nullptr) sockets.push_back(std::move(message.socket));
    if (message.kind == WorkerMessage::Kind::stop) worker_.loop().stop();
    seen.add();
  }

  std::vector<std::string> events;
  std::vector<std::unique_ptr<NewSocket>> sockets;
  Tally seen;  // messages

 private:
  static std::string describe(const WorkerMessage& message) {
    switch (message.kind) {
      case WorkerMessage::Kind::new_socket:
        return "new_socket";
      case WorkerMessage::Kind::sweep:
        return "sweep " + std::to_string(message.number);
      case WorkerMessage::Kind::reclaim:
        return "reclaim";
      case WorkerMessage::Kind::drain:
        return "drain " + std::to_string(message.number);
      case WorkerMessage::Kind::stop:
        return "stop";
      case WorkerMessage::Kind::task:
        return "task";
    }
    return "unknown";
  }

  Worker& worker_;
};

inline WorkerMessage message_of(WorkerMessage::Kind kind, uint64_t number = 0) {
  WorkerMessage message;
  message.kind = kind;
  message.number = number;
  return message;
}

struct SocketEnds {
  UniqueFd served;  // the server's end
  UniqueFd peer;    // the client's end

  static SocketEnds make() {
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) return {};
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
  }

  // Whether the server's end is closed, as its client finds out.
  bool closed() const {
    char byte = 0;
    return ::read(peer.get(), &byte, 1) == 0;
  }
};

inline WorkerMessage socket_message(UniqueFd fd, ConnSlot slot) {
  WorkerMessage message = message_of(WorkerMessage::Kind::new_socket);
  message.socket = std::make_unique<NewSocket>();
  message.socket->fd = std::move(fd);
  message.socket->slot = std::move(slot);
  return message;
}

}  // namespace martlet::threads
