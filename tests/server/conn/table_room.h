// TableRoom: a ConnTable in an event loop that the test turns itself, with real sockets between the test and it.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "server/conn/conn_table.h"
#include "tests/server/conn/conn_room.h"
#include "threads/event_loop.h"

namespace martlet::conn {

// The test's end of a connection.
class Client {
 public:
  explicit Client(threads::UniqueFd fd) : fd_(std::move(fd)) {}

  int fd() const { return fd_.get(); }
  void hang_up() { fd_.reset(); }

  // How many bytes the socket took.
  size_t send(std::string_view bytes) {
    const ssize_t put = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return put < 0 ? 0 : static_cast<size_t>(put);
  }

  // Takes what has come, at most `most` bytes.
  std::string take(size_t most = SIZE_MAX) {
    std::string out;
    char bytes[65536];
    while (out.size() < most) {
      const ssize_t got = ::recv(fd_.get(), bytes, std::min(sizeof bytes, most - out.size()), MSG_DONTWAIT);
      if (got == 0 || (got < 0 && errno != EAGAIN)) closed_ = true;
      if (got <= 0) break;
      out.append(bytes, static_cast<size_t>(got));
    }
    return out;
  }
  // Whether the server has closed; what it sent before that must have been taken.
  bool closed() {
    EXPECT_EQ(take(), "");
    return closed_;
  }

 private:
  threads::UniqueFd fd_;
  bool closed_ = false;
};

class TableRoom : public ConnRoom {
 public:
  using Kind = threads::WorkerMessage::Kind;

  explicit TableRoom(const RoomOptions& wanted = {})
      : ConnRoom(wanted),
        loop(threads::EventLoop::create()),
        table(std::make_unique<ConnTable>(context, *loop, ConnPool::create(wanted.conn.max_connections))) {}

  // `turns` of the event loop; what is ready is handled, nothing is waited for.
  void turn(int turns = 8) {
    for (int i = 0; i < turns; ++i) event_base_loop(loop->base(), EVLOOP_ONCE | EVLOOP_NONBLOCK);
  }

  // Hands a socket to the table, as the dispatcher does. `buffer`: bytes the kernel keeps in each direction, 0: its own
  // choice.
  Client connect(int buffer = 0) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    if (buffer != 0) {
      for (const int end : ends) ::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    }
    threads::WorkerMessage message;
    message.kind = Kind::new_socket;
    message.socket = std::make_unique<threads::NewSocket>();
    message.socket->fd = threads::UniqueFd(ends[1]);
    message.socket->slot = limit.try_take();
    table->on_message(std::move(message));
    return Client(threads::UniqueFd(ends[0]));
  }
  void tell(Kind kind, uint64_t number = 0) { table->on_message({kind, number, nullptr, {}}); }
  void sweep() { tell(Kind::sweep, clock.monotonic_ms()); }

  // Everything sent and answered: what has come when nothing more comes.
  std::string talk(Client& client, std::string_view bytes) {
    std::string out;
    for (int quiet = 0; quiet < 3;) {
      const size_t sent = client.send(bytes);
      bytes.remove_prefix(sent);
      turn();
      const std::string got = client.take();
      out += got;
      quiet = sent == 0 && got.empty() ? quiet + 1 : 0;
    }
    return out;
  }

  uint32_t in_use() const { return table->pool().in_use(); }
  ConnEntry& entry(uint32_t index) { return table->pool().at(index); }
  ConnRow::View view(uint32_t index) {
    ConnRow::View out;
    EXPECT_TRUE(entry(index).row.read(&out));
    return out;
  }

  std::unique_ptr<threads::EventLoop> loop;
  std::unique_ptr<ConnTable> table;
};

}  // namespace martlet::conn
