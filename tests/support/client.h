// Client: a blocking peer of a server under test, with a deadline on every step.
//
// What arrives is kept in an inbox, so that a receive takes exactly what it asks for and the rest stays for the next.
// While a send waits for room it goes on filling the inbox: a server that stops reading until its replies are taken
// cannot lock up with a test that sends a long pipeline. One thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tests/support/endpoint.h"
#include "threads/unique_fd.h"

namespace martlet::support {

struct ClientOptions {
  std::chrono::milliseconds deadline{5000};  // of each call
  int receive_buffer = 0;                    // bytes of SO_RCVBUF, 0: the system's choice
};

class Client {
 public:
  // Null when the connection could not be had; errno says why.
  static std::unique_ptr<Client> connect(const Endpoint& endpoint, const ClientOptions& options = {});

  // Sends everything. False when the peer is gone or the deadline has passed.
  bool send(std::string_view bytes);

  // The same in pieces of `piece` bytes, each sent only after the server has taken the last out of its socket: every
  // piece is a read of its own, or several, and never shares one.
  bool send_in_pieces(std::string_view bytes, size_t piece);

  // As many bytes as fit into the socket at this moment; 0 when none do or the peer is gone. The inbox is not filled.
  size_t send_some(std::string_view bytes);

  // Exactly `size` bytes; empty when the stream ended or the deadline passed before.
  std::optional<std::string> receive(size_t size);

  // Up to and with the next LF; empty as above.
  std::optional<std::string> receive_line();

  // Everything up to and with the first occurrence of `mark`; empty as above.
  std::optional<std::string> receive_through(std::string_view mark);

  // Everything until the server closes (a reset counts as a close); empty when it does not in time.
  std::optional<std::string> receive_until_close();

  enum class More : uint8_t { bytes, closed, deadline };
  // Waits until the inbox has grown.
  More receive_more();

  std::string_view inbox() const { return inbox_; }
  void consume(size_t size) { inbox_.erase(0, size); }

  void half_close();  // no more requests; replies still come
  void reset();       // closes at once, the server sees a reset (TCP) or a plain close (unix)

  // Why the last connect, send or receive stopped: "closed by the server", "deadline", an errno's text.
  const std::string& last_error() const { return last_error_; }

  int fd() const { return fd_.get(); }

 private:
  using Clock = std::chrono::steady_clock;

  Client(threads::UniqueFd fd, Transport transport, const ClientOptions& options)
      : fd_(std::move(fd)), transport_(transport), options_(options) {}

  Clock::time_point deadline() const { return Clock::now() + options_.deadline; }
  // Waits for `events`; false when the deadline passed.
  bool wait(short events, short* ready, Clock::time_point until);
  More fill(Clock::time_point until);
  bool send_until(std::string_view bytes, Clock::time_point until);
  bool wait_until_taken(Clock::time_point until);

  threads::UniqueFd fd_;
  Transport transport_;
  ClientOptions options_;
  std::string inbox_;
  std::string last_error_;
};

}  // namespace martlet::support
