// Watcher: a client that reads the log: what it asked for, and the lines it has yet to take. Lossy by design: a line
// for which its buffer has no room is skipped and counted, and `skipped=N` tells the client once there is room again.
// Drain's thread only.
//
// WatcherStream: its socket, as the drain sees it; the connection room implements it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "server/log/log_event.h"
#include "server/log/ring_bytes.h"

namespace martlet::log {

class WatcherStream {
 public:
  enum class State : uint8_t { open, ended, failed };
  enum class Ending : uint8_t { by_client, lost, shutdown };

  virtual ~WatcherStream() = default;

  virtual int fd() const = 0;
  // How many of the bytes were taken: 0 when none fit at this moment. `*state` tells of a lost connection.
  virtual size_t send(std::string_view bytes, State* state) = 0;
  // What the client sends is dropped. `ended`: it has hung up.
  virtual State drop_input() = 0;
  // The last call: closes the socket and gives its place back.
  virtual void close(Ending ending) = 0;
};

class Watcher {
 public:
  // `capacity` bytes of lines, raised to kLeastBuffer. Null when no memory could be had.
  static std::unique_ptr<Watcher> create(Words words, uint64_t capacity);

  Words words() const { return words_; }

  // `stream` is the watcher's until close().
  void attach(WatcherStream& stream) { stream_ = &stream; }
  bool attached() const { return stream_ != nullptr; }
  WatcherStream& stream() { return *stream_; }

  // Queues a line; false when it was skipped.
  bool offer(std::string_view line);

  // Sends what the socket takes, unless it is known to take nothing. False when the connection is lost.
  bool flush();
  void may_send() { blocked_ = false; }  // the socket takes bytes again
  bool blocked() const { return blocked_; }

 private:
  Watcher(Words words, RingBytes bytes) : words_(words), bytes_(std::move(bytes)) {}

  size_t queued() const { return static_cast<size_t>(head_ - tail_); }
  bool put(std::string_view text);
  bool put_skipped(size_t line_size);

  const Words words_;
  RingBytes bytes_;
  WatcherStream* stream_ = nullptr;
  uint64_t head_ = 0;  // where the next line goes
  uint64_t tail_ = 0;  // the first byte that is not sent
  uint64_t skipped_ = 0;
  bool blocked_ = false;
};

}  // namespace martlet::log
