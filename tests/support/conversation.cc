// The pattern language, then the runner.
#include "tests/support/conversation.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <utility>

#include "tests/support/binary_packet.h"

namespace martlet::support {
namespace {

constexpr std::string_view kAnything = "*";
constexpr size_t kReadableSize = 300;

constexpr size_t kCasSize = 8;  // what `<#name>` takes

// The name in `<name>` at the front of `text`; empty when there is none. Names are lower case letters, a `#` before
// them, or `*`.
std::string_view placeholder(std::string_view text) {
  if (text.empty() || text.front() != '<') return {};
  const size_t end = text.find('>');
  if (end == std::string_view::npos) return {};
  const std::string_view name = text.substr(1, end - 1);
  if (name == kAnything) return name;
  const auto first = name.begin() + (name.starts_with('#') ? 1 : 0);
  const bool letters = std::all_of(first, name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  return letters ? name : std::string_view{};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_no_line_end(char c) { return c != '\r' && c != '\n'; }

// How many bytes at the front the name takes; none when more have to come first.
std::optional<size_t> taken_by(std::string_view name, std::string_view bytes) {
  if (name.starts_with('#')) return bytes.size() < kCasSize ? std::nullopt : std::optional(kCasSize);
  const auto stop = std::find_if_not(bytes.begin(), bytes.end(), name == kAnything ? is_no_line_end : is_digit);
  if (stop == bytes.end()) return std::nullopt;
  return static_cast<size_t>(stop - bytes.begin());
}

// A get of what is not there, in the conversation's dialect.
struct Question {
  std::string send = "get in-step?\r\n";
  std::string expect = "END\r\n";
};

Question question_for(const Conversation& conversation) {
  const bool binary = !conversation.rows.empty() && conversation.rows.front().send.starts_with('\x80');
  if (!binary) return {};
  Packet get;
  get.key = "in-step?";
  Packet miss;
  miss.magic = 0x81;
  miss.status = 1;
  miss.value = "Not found";
  return {get.bytes(), miss.bytes()};
}

// One side of a row, depending on who answers.
struct Expected {
  std::string_view text;
  bool closes = false;
};

Expected expected(const Row& row, ServerKind kind) {
  if (kind == ServerKind::reference && row.reference.has_value()) return {*row.reference, row.reference_closes};
  return {row.expect, row.closes};
}

class Runner {
 public:
  Runner(Client& client, ServerUnderTest& server, size_t split)
      : client_(client), server_(server), split_(server.splits_reads() ? 0 : split) {}

  std::string stepwise(const Conversation& conversation);
  std::string pipelined(const Conversation& conversation);
  bool closed() const { return closed_; }

  // Sends, then hears. Empty when all was well.
  std::string exchange(std::string_view send, const Expected& answer);

 private:
  std::string hear(std::string_view pattern);

  Client& client_;
  ServerUnderTest& server_;
  size_t split_;
  Values values_;
  bool closed_ = false;
};

std::string Runner::hear(std::string_view pattern) {
  for (;;) {
    size_t matched = 0;
    const Match result = match(pattern, client_.inbox(), &values_, &matched);
    if (result == Match::yes) {
      client_.consume(matched);
      return {};
    }
    if (result == Match::needs_more && client_.receive_more() == Client::More::bytes) continue;
    std::string failure = "expected " + readable(pattern) + "\n  received " + readable(client_.inbox());
    if (result == Match::needs_more) failure += "\n  then " + client_.last_error();
    return failure;
  }
}

std::string Runner::exchange(std::string_view send, const Expected& answer) {
  const std::string bytes = substitute(send, values_);
  const bool sent = split_ == 0 ? client_.send(bytes) : client_.send_in_pieces(bytes, split_);
  // Where the server is to close it may do so before it has seen everything.
  if (!sent && !answer.closes) return "could not send: " + client_.last_error();
  if (std::string failure = hear(answer.text); !failure.empty()) return failure;
  if (!answer.closes) return {};
  const auto rest = client_.receive_until_close();
  closed_ = true;
  if (!rest.has_value()) return "the connection was not closed";
  return rest->empty() ? std::string{} : "before the close came also " + readable(*rest);
}

std::string Runner::stepwise(const Conversation& conversation) {
  for (size_t i = 0; i < conversation.rows.size(); ++i) {
    const Row& row = conversation.rows[i];
    if (row.seconds > 0) {
      server_.advance_seconds(row.seconds);
      continue;
    }
    if (closed_) return "row " + std::to_string(i) + " comes after a close";
    const std::string failure = exchange(row.send, expected(row, server_.kind()));
    if (!failure.empty()) return "row " + std::to_string(i) + ": sent " + readable(row.send) + "\n  " + failure;
  }
  return {};
}

std::string Runner::pipelined(const Conversation& conversation) {
  std::string sends;
  std::string answers;
  bool closes = false;
  for (const Row& row : conversation.rows) {
    sends += row.send;
    const Expected answer = expected(row, server_.kind());
    answers += answer.text;
    closes = closes || answer.closes;
  }
  return exchange(sends, {answers, closes});
}

}  // namespace

Row say(std::string send, std::string expect) {
  Row row;
  row.send = std::move(send);
  row.expect = std::move(expect);
  return row;
}

Row say_and_close(std::string send, std::string expect) {
  Row row = say(std::move(send), std::move(expect));
  row.closes = true;
  row.reference_closes = true;
  return row;
}

Row advance(int seconds) {
  Row row;
  row.seconds = seconds;
  return row;
}

Row differs(std::string send, std::string ours, std::string theirs, std::string reason) {
  Row row = say(std::move(send), std::move(ours));
  row.reference = std::move(theirs);
  row.reason = std::move(reason);
  return row;
}

bool can_be_pipelined(const Conversation& conversation) {
  for (size_t i = 0; i < conversation.rows.size(); ++i) {
    const Row& row = conversation.rows[i];
    if (row.seconds > 0) return false;
    if ((row.closes || row.reference_closes) && i + 1 != conversation.rows.size()) return false;
    for (size_t at = row.send.find('<'); at != std::string::npos; at = row.send.find('<', at + 1)) {
      if (!placeholder(std::string_view(row.send).substr(at)).empty()) return false;
    }
  }
  return true;
}

int seconds_passing(const Conversation& conversation) {
  int sum = 0;
  for (const Row& row : conversation.rows) sum += row.seconds;
  return sum;
}

std::string run(const Conversation& conversation, ServerUnderTest& server, Transport transport, size_t split,
                Pace pace) {
  const auto client = Client::connect(server.endpoint(transport));
  if (client == nullptr) return "no connection";
  Runner runner(*client, server, split);
  std::string failure = pace == Pace::stepwise ? runner.stepwise(conversation) : runner.pipelined(conversation);
  if (failure.empty() && !runner.closed()) {
    const Question question = question_for(conversation);
    failure = runner.exchange(question.send, {question.expect, false});
    if (!failure.empty()) failure = "out of step at the end: " + failure;
  }
  return failure;
}

Match match(std::string_view pattern, std::string_view bytes, Values* values, size_t* matched_bytes) {
  const size_t total = bytes.size();
  Values found = *values;
  while (!pattern.empty()) {
    const std::string_view name = placeholder(pattern);
    if (name.empty()) {
      // A `<` that begins no placeholder stands for itself.
      const size_t literal = std::min(pattern.find('<', 1), pattern.size());
      const size_t common = std::min(literal, bytes.size());
      if (pattern.substr(0, common) != bytes.substr(0, common)) return Match::no;
      if (common < literal) return Match::needs_more;
      pattern.remove_prefix(literal);
      bytes.remove_prefix(literal);
      continue;
    }
    const std::optional<size_t> taken = taken_by(name, bytes);
    if (!taken) return Match::needs_more;
    const size_t size = *taken;
    if (size == 0) return Match::no;
    if (name != kAnything && name != "#") {
      const auto [known, fresh] = found.emplace(name, bytes.substr(0, size));
      if (!fresh && known->second != bytes.substr(0, size)) return Match::no;
    }
    pattern.remove_prefix(name.size() + 2);
    bytes.remove_prefix(size);
  }
  *values = std::move(found);
  *matched_bytes = total - bytes.size();
  return Match::yes;
}

std::string substitute(std::string_view text, const Values& values) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::string_view name = placeholder(text);
    const auto value = values.find(std::string(name));
    if (name.empty() || value == values.end()) {
      const size_t literal = std::min(text.find('<', 1), text.size());
      out.append(text.substr(0, literal));
      text.remove_prefix(literal);
      continue;
    }
    out += value->second;
    text.remove_prefix(name.size() + 2);
  }
  return out;
}

std::string readable(std::string_view bytes) {
  if (bytes.size() > kReadableSize) {
    return readable(bytes.substr(0, kReadableSize / 2)) + " ... " +
           readable(bytes.substr(bytes.size() - kReadableSize / 2)) + " (" + std::to_string(bytes.size()) + " bytes)";
  }
  std::string out = "\"";
  for (const char c : bytes) {
    if (c == '\r') {
      out += "\\r";
    } else if (c == '\n') {
      out += "\\n";
    } else if (std::isprint(static_cast<unsigned char>(c)) != 0) {
      out += c;
    } else {
      char escape[5];
      std::snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += escape;
    }
  }
  return out + "\"";
}

}  // namespace martlet::support
