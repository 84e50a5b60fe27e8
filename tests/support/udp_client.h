// UdpClient: a peer of a server's UDP port on this host, with a deadline on every step. One thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/udp_message.h"
#include "threads/unique_fd.h"

namespace martlet::support {

class UdpClient {
 public:
  // Null when there is no socket. `v6`: to ::1 instead of 127.0.0.1.
  static std::unique_ptr<UdpClient> connect(uint16_t port, bool v6 = false);

  bool send(std::string_view datagram);

  // The next datagram, as it came; nothing within the deadline.
  std::optional<std::string> receive();

  // The messages that answer this payload, in order. What says that there are no more is a further request, whose
  // answer is the last: a peer's datagrams are served one after the other. The answer of a server that stops answering
  // ends in "(no answer)".
  std::vector<std::string> ask(std::string_view payload);
  // The same for a datagram with a frame of its own, or with none; its answers have the id `id`.
  std::vector<std::string> ask_raw(std::string_view datagram, uint16_t id);

  // Whatever was sent has been served, and its answers are dropped. Now and then, so that no socket's queue overflows.
  // False when the server does not answer.
  bool settle();

  // A new id.
  uint16_t next_id() { return ++last_id_; }

  size_t largest() const { return largest_; }  // bytes of the largest datagram received

 private:
  UdpClient(threads::UniqueFd fd) : fd_(std::move(fd)) {}

  static constexpr std::chrono::milliseconds kDeadline{5000};

  threads::UniqueFd fd_;
  uint16_t last_id_ = 0x7000;
  size_t largest_ = 0;
};

}  // namespace martlet::support
