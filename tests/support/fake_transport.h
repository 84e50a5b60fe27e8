// FakeTransport: a peer played by the test. What it has sent is given out in pieces of a chosen size, what the server
// writes is taken in pieces of a chosen size, and either side can stall, end or break at any point.
#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <string_view>

#include "server/net/transport.h"

namespace martlet::support {

class FakeTransport final : public net::Transport {
 public:
  static constexpr size_t kAll = std::numeric_limits<size_t>::max();

  explicit FakeTransport(int fd = 77) : fd_(fd) {}

  // The peer's side.
  void send(std::string_view bytes) { incoming_ += bytes; }
  void end() { ended_ = true; }         // the peer has finished sending
  void break_off() { broken_ = true; }  // every further call fails
  std::string take_received() { return std::exchange(received_, {}); }
  const std::string& received() const { return received_; }
  size_t unread() const { return incoming_.size(); }

  size_t read_size = kAll;   // bytes a read gives at most
  size_t write_size = kAll;  // bytes a write takes at most
  size_t write_room = kAll;  // bytes taken until writes say "again"
  net::Handshake handshake_answer = net::Handshake::done;
  bool finished = false;            // finish() was called
  std::function<void()> on_finish;  // in the moment it is
  int reads = 0;                    // calls
  int writes = 0;

  net::Handshake handshake() override { return handshake_answer; }

  net::IoResult read(std::span<char> into) override {
    ++reads;
    if (broken_) return {net::IoResult::Status::error, 0, true};
    const size_t count = std::min({into.size(), read_size, incoming_.size()});
    if (count == 0) return {ended_ ? net::IoResult::Status::end : net::IoResult::Status::again, 0, true};
    std::memcpy(into.data(), incoming_.data(), count);
    incoming_.erase(0, count);
    return {net::IoResult::Status::ok, count, incoming_.empty() && !ended_};
  }

  net::IoResult write(std::span<const iovec> pieces) override {
    ++writes;
    if (broken_) return {net::IoResult::Status::error, 0, false};
    size_t left = std::min(write_size, write_room);
    if (left == 0) return {net::IoResult::Status::again, 0, false};
    size_t taken = 0;
    for (const iovec& piece : pieces) {
      const size_t count = std::min(left - taken, piece.iov_len);
      received_.append(static_cast<const char*>(piece.iov_base), count);
      taken += count;
      if (taken == left) break;
    }
    if (write_room != kAll) write_room -= taken;
    return {net::IoResult::Status::ok, taken, false};
  }

  void finish() override {
    finished = true;
    if (on_finish) on_finish();
  }
  int fd() const override { return fd_; }

 private:
  const int fd_;
  std::string incoming_;
  std::string received_;
  bool ended_ = false;
  bool broken_ = false;
};

}  // namespace martlet::support
