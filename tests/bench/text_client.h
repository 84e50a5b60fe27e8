// A blocking client of the classic text protocol that checks every reply it reads. One thread at a time.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "tests/bench/socket.h"

namespace martlet::bench {

inline constexpr Milliseconds kReplyTimeout{5000};

// All calls throw BenchError when the peer ends the stream, stays silent for the socket's timeout, or answers with
// something the request cannot have as a reply.
class TextClient {
 public:
  explicit TextClient(Socket socket) : socket_(std::move(socket)) {}
  static TextClient connect(const Endpoint& to, Milliseconds timeout = kReplyTimeout, std::uint32_t source = 0) {
    return TextClient(connect_to(to, timeout, source));
  }

  Socket& socket() { return socket_; }

  void send(std::string_view bytes);
  // One line without its CRLF. A line ended by LF alone, or longer than 64 KiB, is an error.
  std::string read_line();
  std::string read_exactly(std::size_t size);
  // Sends, then reads one line.
  std::string exchange(std::string_view request);
  // As exchange, but the line must be `expected`.
  void expect(std::string_view request, std::string_view expected);

  // The version's text.
  std::string version();
  // Value of `key`; nullopt for a miss. The reply's key, length and END line are checked.
  std::optional<std::string> get(std::string_view key);
  // Reads the reply of a `get` of one key that was sent before.
  std::optional<std::string> read_get_reply(std::string_view key);
  void set(std::string_view key, std::string_view value);
  std::map<std::string, std::string> stats(std::string_view which = "");
  // One numeric statistic; an absent or unreadable one is an error.
  std::uint64_t stat(const std::string& name);

  // Bytes received since the last mark(), consumed or not: with a mark at each reply's begin it tells whether a stream
  // ended inside a reply.
  void mark() { since_mark_ = buffer_.size() - begin_; }
  std::size_t bytes_since_mark() const { return since_mark_; }

 private:
  void fill();
  std::string take(std::size_t size);

  Socket socket_;
  std::string buffer_;
  std::size_t begin_ = 0;  // first byte of buffer_ that is not consumed
  std::size_t since_mark_ = 0;
};

// The request line and block of a `set`.
std::string set_request(std::string_view key, std::string_view value);

}  // namespace martlet::bench
