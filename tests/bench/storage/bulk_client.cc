// Queueing, and the loop that sends while it receives.
#include "tests/bench/storage/bulk_client.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "tests/bench/errors.h"
#include "tests/bench/text_client.h"

namespace martlet::bench {
namespace {

constexpr std::size_t kKeysPerLine = 100;
constexpr std::size_t kReadBlock = 256 * 1024;
constexpr Milliseconds kPatience{20'000};  // a loaded server may be slow, but not this slow

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace

BulkClient BulkClient::connect(const Endpoint& to) { return BulkClient(connect_to(to, kPatience)); }

void BulkClient::end_get_line() {
  if (keys_in_line_ == 0) return;
  out_ += "\r\n";
  replies_.end_line();
  keys_in_line_ = 0;
}

void BulkClient::queue_set(std::string_view key, std::string_view value, std::uint32_t ttl) {
  end_get_line();
  out_ += "set ";
  out_ += key;
  out_ += " 0 ";
  append_number(out_, ttl);
  out_ += ' ';
  append_number(out_, value.size());
  out_ += " noreply\r\n";
  out_ += value;
  out_ += "\r\n";
}

void BulkClient::queue_get(std::string_view key) {
  if (keys_in_line_ == kKeysPerLine) end_get_line();
  out_ += keys_in_line_++ == 0 ? "get " : " ";
  out_ += key;
  replies_.expect_key(key);
}

void BulkClient::receive(int flags) {
  if (in_begin_ == in_end_) in_begin_ = in_end_ = 0;
  if (in_begin_ > kReadBlock) {
    std::memmove(in_.data(), in_.data() + in_begin_, in_end_ - in_begin_);
    in_end_ -= in_begin_;
    in_begin_ = 0;
  }
  if (in_.size() - in_end_ < kReadBlock) in_.resize(in_.size() * 2 + kReadBlock);
  const ssize_t got = ::recv(socket_.fd(), in_.data() + in_end_, in_.size() - in_end_, flags);
  if (got == 0) throw StreamEnded("the server ended the stream");
  if (got < 0 && errno == EINTR) return;
  if (got < 0 && errno == EAGAIN && (flags & MSG_DONTWAIT) == 0) throw BenchError("no reply in time");
  if (got < 0 && errno != EAGAIN) throw StreamEnded(fmt::format("recv: {}", std::strerror(errno)));
  if (got > 0) in_end_ += static_cast<std::size_t>(got);
}

void BulkClient::send_queued() {
  std::string_view rest = out_;
  while (!rest.empty()) {
    const ssize_t sent = ::send(socket_.fd(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      rest.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) throw StreamEnded(fmt::format("send: {}", std::strerror(errno)));
    pollfd ready{.fd = socket_.fd(), .events = POLLIN | POLLOUT, .revents = 0};
    if (::poll(&ready, 1, static_cast<int>(kPatience.count())) == 0) throw BenchError("the server takes no more");
    if ((ready.revents & POLLIN) != 0) receive(MSG_DONTWAIT);
  }
  out_.clear();
}

void BulkClient::exchange(const Found& found) {
  end_get_line();
  send_queued();
  for (;;) {
    in_begin_ += replies_.consume({in_.data() + in_begin_, in_end_ - in_begin_}, found);
    if (replies_.complete()) break;
    receive(0);
  }
  replies_.reset();
}

void BulkClient::exchange() {
  exchange([](std::size_t, std::string_view) { throw BenchError("a value came that nobody asked for"); });
}

void BulkClient::settle() {
  // A get of no item whose END says that everything before it was executed.
  queue_get("settle");
  exchange([](std::size_t, std::string_view) {});
}

}  // namespace martlet::bench
