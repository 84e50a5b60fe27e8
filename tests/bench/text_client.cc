// The checking client: reads in blocks, parses lines and values, and throws on any reply that cannot be right.
#include "tests/bench/text_client.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "tests/bench/errors.h"

namespace martlet::bench {
namespace {

constexpr std::size_t kLongestLine = 64 * 1024;
constexpr std::size_t kReadBlock = 64 * 1024;
constexpr std::uint64_t kLargestValue = 1ULL << 30;

// True when the whole text is one decimal number.
bool parse_number(std::string_view text, std::uint64_t& value) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc() && end == text.data() + text.size();
}

std::string shortened(std::string_view text) { return std::string(text.substr(0, 60)); }

}  // namespace

void TextClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) throw BenchError(fmt::format("send: {}", std::strerror(errno)));
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void TextClient::fill() {
  if (begin_ == buffer_.size()) {
    buffer_.clear();
    begin_ = 0;
  }
  std::array<char, kReadBlock> block;
  ssize_t got = 0;
  do {
    got = ::recv(socket_.fd(), block.data(), block.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got == 0) throw StreamEnded("the server ended the stream");
  if (got < 0 && (errno == ECONNRESET || errno == EPIPE)) throw StreamEnded("the server reset the connection");
  if (got < 0 && errno == EAGAIN) throw BenchError("no reply in time");
  if (got < 0) throw BenchError(fmt::format("recv: {}", std::strerror(errno)));
  buffer_.append(block.data(), static_cast<std::size_t>(got));
  since_mark_ += static_cast<std::size_t>(got);
}

std::string TextClient::take(std::size_t size) {
  std::string out = buffer_.substr(begin_, size);
  begin_ += size;
  return out;
}

std::string TextClient::read_line() {
  std::size_t searched = 0;
  for (;;) {
    const std::size_t newline = buffer_.find('\n', begin_ + searched);
    if (newline != std::string::npos) {
      std::string line = take(newline + 1 - begin_);
      if (!line.ends_with("\r\n")) throw BenchError(fmt::format("line without CR: '{}'", shortened(line)));
      line.resize(line.size() - 2);
      return line;
    }
    searched = buffer_.size() - begin_;
    if (searched > kLongestLine) throw BenchError("reply line longer than 64 KiB");
    fill();
  }
}

std::string TextClient::read_exactly(std::size_t size) {
  while (buffer_.size() - begin_ < size) fill();
  return take(size);
}

std::string TextClient::exchange(std::string_view request) {
  send(request);
  return read_line();
}

void TextClient::expect(std::string_view request, std::string_view expected) {
  const std::string line = exchange(request);
  if (line != expected) {
    throw BenchError(fmt::format("'{}' was answered '{}', not '{}'", shortened(request.substr(0, request.find('\r'))),
                                 shortened(line), expected));
  }
}

std::string TextClient::version() {
  const std::string line = exchange("version\r\n");
  if (!line.starts_with("VERSION ")) throw BenchError(fmt::format("version was answered '{}'", shortened(line)));
  return line.substr(8);
}

std::optional<std::string> TextClient::get(std::string_view key) {
  send(fmt::format("get {}\r\n", key));
  return read_get_reply(key);
}

std::optional<std::string> TextClient::read_get_reply(std::string_view key) {
  const std::string head = read_line();
  if (head == "END") return std::nullopt;
  const std::string prefix = fmt::format("VALUE {} 0 ", key);
  std::uint64_t length = 0;
  if (!head.starts_with(prefix) || !parse_number(std::string_view(head).substr(prefix.size()), length) ||
      length > kLargestValue) {
    throw BenchError(fmt::format("get of '{}' was answered '{}'", key, shortened(head)));
  }
  std::string value = read_exactly(length);
  if (read_exactly(2) != "\r\n" || read_line() != "END") {
    throw BenchError(fmt::format("value of '{}' has not the length its header says", key));
  }
  return value;
}

void TextClient::set(std::string_view key, std::string_view value) { expect(set_request(key, value), "STORED"); }

std::map<std::string, std::string> TextClient::stats(std::string_view which) {
  send(which.empty() ? std::string("stats\r\n") : fmt::format("stats {}\r\n", which));
  std::map<std::string, std::string> out;
  for (std::string line = read_line(); line != "END"; line = read_line()) {
    const std::size_t gap = line.find(' ', 5);
    if (!line.starts_with("STAT ") || gap == std::string::npos) {
      throw BenchError(fmt::format("stats was answered '{}'", shortened(line)));
    }
    out[line.substr(5, gap - 5)] = line.substr(gap + 1);
  }
  return out;
}

std::uint64_t TextClient::stat(const std::string& name) {
  const auto all = stats();
  const auto found = all.find(name);
  if (found == all.end()) throw BenchError(fmt::format("stats has no {}", name));
  std::uint64_t value = 0;
  if (!parse_number(found->second, value)) {
    throw BenchError(fmt::format("{} is '{}', not a number", name, shortened(found->second)));
  }
  return value;
}

std::string set_request(std::string_view key, std::string_view value) {
  return fmt::format("set {} 0 0 {}\r\n{}\r\n", key, value.size(), value);
}

}  // namespace martlet::bench
