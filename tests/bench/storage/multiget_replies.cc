// Matching of VALUE lines with the keys asked.
#include "tests/bench/storage/multiget_replies.h"

#include <fmt/format.h>

#include <charconv>

#include "tests/bench/errors.h"

namespace martlet::bench {
namespace {

constexpr std::size_t kLongestLine = 2048;
constexpr std::size_t kLargestValue = 1U << 30;
constexpr std::string_view kHead = "VALUE ";

struct ValueHead {
  std::string_view key;
  std::size_t size = 0;
};

// `line` without its CRLF.
ValueHead parse_head(std::string_view line) {
  ValueHead out;
  const std::string_view rest = line.substr(kHead.size());
  const std::size_t key_end = rest.find(' ');
  const std::size_t size_at = line.rfind(' ') + 1;
  out.key = rest.substr(0, key_end);
  const auto [end, failed] = std::from_chars(line.data() + size_at, line.data() + line.size(), out.size);
  const bool flags = key_end != std::string_view::npos && kHead.size() + key_end + 1 < size_at;
  if (!flags || failed != std::errc() || end != line.data() + line.size() || out.size > kLargestValue) {
    throw BenchError(fmt::format("a get was answered '{}'", line.substr(0, 60)));
  }
  return out;
}

}  // namespace

void MultigetReplies::expect_key(std::string_view key) {
  asked_ += key;
  key_ends_.push_back(asked_.size());
}

void MultigetReplies::end_line() { line_ends_.push_back(key_ends_.size()); }

void MultigetReplies::reset() {
  asked_.clear();
  key_ends_.clear();
  line_ends_.clear();
  position_ = 0;
  line_ = 0;
}

std::string_view MultigetReplies::key_at(std::size_t position) const {
  const std::size_t begin = position == 0 ? 0 : key_ends_[position - 1];
  return std::string_view(asked_).substr(begin, key_ends_[position] - begin);
}

std::size_t MultigetReplies::consume_value(std::string_view bytes, std::size_t head_size, const Found& found) {
  const ValueHead head = parse_head(bytes.substr(0, head_size - 2));
  if (bytes.size() < head_size + head.size + 2) return 0;
  if (complete()) throw BenchError("a value came that nobody asked for");
  while (position_ < line_ends_[line_] && key_at(position_) != head.key) ++position_;
  if (position_ == line_ends_[line_]) {
    throw BenchError(fmt::format("'{}' was not asked for, or came out of order", head.key));
  }
  if (bytes.substr(head_size + head.size, 2) != "\r\n") {
    throw BenchError(fmt::format("value of '{}' has not the length its header says", head.key));
  }
  found(position_++, bytes.substr(head_size, head.size));
  return head_size + head.size + 2;
}

std::size_t MultigetReplies::consume(std::string_view bytes, const Found& found) {
  std::size_t used = 0;
  for (;;) {
    const std::string_view rest = bytes.substr(used);
    const std::size_t newline = rest.substr(0, kLongestLine).find('\n');
    if (newline == std::string_view::npos) {
      if (rest.size() >= kLongestLine) throw BenchError("a reply line is too long");
      return used;
    }
    if (newline == 0 || rest[newline - 1] != '\r') throw BenchError("a reply line ends without CR");
    const std::string_view line = rest.substr(0, newline - 1);
    if (line.starts_with(kHead)) {
      const std::size_t size = consume_value(rest, newline + 1, found);
      if (size == 0) return used;
      used += size;
      continue;
    }
    if (line == "END" && !complete()) {
      position_ = line_ends_[line_++];
    } else if (line.starts_with("SERVER_ERROR ")) {
      ++refused_;
    } else {
      throw BenchError(fmt::format("a get was answered '{}'", line.substr(0, 60)));
    }
    used += newline + 1;
  }
}

}  // namespace martlet::bench
