// The value is a row of blocks, each the value of its number.
#include "tests/bench/storage/large_value_client.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <vector>

#include "tests/bench/errors.h"

namespace martlet::bench {
namespace {

constexpr std::uint64_t kBlock = 256 * 1024;
constexpr Milliseconds kPatience{30'000};
constexpr Milliseconds kRefusalTime{50};  // in which a line has been read and refused, if it is

std::string_view block_at(const NumberedValues& values, std::uint64_t offset, std::uint64_t size) {
  return values.value(offset / kBlock, kBlock).substr(offset % kBlock, size - offset);
}

bool is_admitted(const Server& server, std::uint64_t size) {
  TextClient observer = server.connect();
  observer.set("large", "small");
  TextClient client = server.connect();
  client.send(fmt::format("set large 0 0 {}\r\n", size));
  pollfd answered{.fd = client.socket().fd(), .events = POLLIN, .revents = 0};
  if (::poll(&answered, 1, static_cast<int>(kRefusalTime.count())) != 0) return false;
  return observer.get("large").has_value();
}

// Bytes of one connection, handed out as they arrive.
class Stream {
 public:
  explicit Stream(Socket& socket) : socket_(socket), block_(kBlock) {}

  // At least one byte, at most `most`; valid until the next call.
  std::string_view read(std::uint64_t most) {
    const ssize_t got = ::recv(socket_.fd(), block_.data(), std::min<std::uint64_t>(most, block_.size()), 0);
    if (got <= 0) throw BenchError("the stream of a large value broke off");
    return {block_.data(), static_cast<std::size_t>(got)};
  }

  std::string read_line() {
    std::string line;
    while (!line.ends_with("\r\n")) line += read(1);
    line.resize(line.size() - 2);
    return line;
  }

 private:
  Socket& socket_;
  std::vector<char> block_;
};

}  // namespace

std::uint64_t largest_admitted(const Server& server, std::uint64_t limit) {
  std::uint64_t taken = limit / 2;
  if (!is_admitted(server, taken)) return 0;
  std::uint64_t refused = limit + 1;
  while (refused - taken > 1) {
    const std::uint64_t middle = taken + (refused - taken) / 2;
    (is_admitted(server, middle) ? taken : refused) = middle;
  }
  return taken;
}

std::string store_large(const Server& server, const NumberedValues& values, std::string_view key, std::uint64_t size) {
  TextClient client = TextClient::connect(server.endpoint(), kPatience);
  client.send(fmt::format("set {} 0 0 {}\r\n", key, size));
  for (std::uint64_t offset = 0; offset < size; offset += kBlock) client.send(block_at(values, offset, size));
  return client.exchange("\r\n");
}

LargeRead read_large(const Server& server, const NumberedValues& values, std::string_view key, std::uint64_t size) {
  TextClient client = TextClient::connect(server.endpoint(), kPatience);
  client.send(fmt::format("get {}\r\n", key));
  Stream stream(client.socket());
  const std::string head = stream.read_line();
  if (head == "END") return LargeRead::kAbsent;
  if (head != fmt::format("VALUE {} 0 {}", key, size)) return LargeRead::kWrong;
  for (std::uint64_t offset = 0; offset < size;) {
    const std::string_view expected = block_at(values, offset, size);
    const std::string_view got = stream.read(std::min<std::uint64_t>(expected.size(), size - offset));
    if (got != expected.substr(0, got.size())) return LargeRead::kWrong;
    offset += got.size();
  }
  return stream.read_line().empty() && stream.read_line() == "END" ? LargeRead::kRight : LargeRead::kWrong;
}

}  // namespace martlet::bench
