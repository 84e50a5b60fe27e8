// FakeStream: a watcher's socket that takes as many bytes as the test allows, and remembers them.
#pragma once

#include <sys/eventfd.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "server/log/watcher.h"
#include "threads/unique_fd.h"

namespace martlet::support {

class FakeStream final : public log::WatcherStream {
 public:
  size_t room = SIZE_MAX;     // bytes it takes before it blocks
  State input = State::open;  // what a look at the client's input says
  State sending = State::open;
  std::optional<Ending> closed{};
  std::string text;  // what it took

  // Everything taken since the last call.
  std::string take() { return std::exchange(text, {}); }

  int fd() const override { return fd_.get(); }
  size_t send(std::string_view bytes, State* state) override {
    *state = sending;
    const size_t taken = std::min(room, bytes.size());
    if (sending != State::open) return 0;
    text += bytes.substr(0, taken);
    room -= taken;
    return taken;
  }
  State drop_input() override { return input; }
  void close(Ending ending) override { closed = ending; }

 private:
  threads::UniqueFd fd_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
};

}  // namespace martlet::support
