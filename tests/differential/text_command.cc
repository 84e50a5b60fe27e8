// Words are separated by spaces and nothing else.
#include "tests/differential/text_command.h"

#include <algorithm>
#include <array>

#include "server/base/parse_int.h"
#include "server/protocol/base64.h"

namespace martlet::differential {
namespace {

constexpr size_t kMaxKey = 250;

struct VerbRow {
  std::string_view name;
  size_t words;  // the least that it needs, itself included
};

constexpr std::array<VerbRow, 18> kVerbs{{{"get", 2},
                                          {"gets", 2},
                                          {"gat", 3},
                                          {"gats", 3},
                                          {"set", 5},
                                          {"add", 5},
                                          {"replace", 5},
                                          {"append", 5},
                                          {"prepend", 5},
                                          {"cas", 6},
                                          {"delete", 2},
                                          {"incr", 3},
                                          {"decr", 3},
                                          {"touch", 3},
                                          {"mg", 2},
                                          {"ms", 3},
                                          {"md", 2},
                                          {"ma", 2}}};

}  // namespace

TextCommand::TextCommand(std::string_view bytes) {
  const size_t end = bytes.find('\n');
  raw_line_ = end == std::string_view::npos ? bytes : bytes.substr(0, end + 1);
  after_ = bytes.substr(raw_line_.size());
  line_ = raw_line_;
  if (line_.ends_with('\n')) line_.remove_suffix(1);
  if (line_.ends_with('\r')) line_.remove_suffix(1);
  for (size_t at = 0; at < line_.size();) {
    const size_t space = std::min(line_.find(' ', at), line_.size());
    if (space > at) words_.push_back(line_.substr(at, space - at));
    at = space + 1;
  }
}

bool TextCommand::is_store() const {
  return verb() == "set" || verb() == "add" || verb() == "replace" || verb() == "append" || verb() == "prepend" ||
         verb() == "cas";
}

bool TextCommand::is_fetch() const {
  return verb() == "get" || verb() == "gets" || verb() == "gat" || verb() == "gats";
}

bool TextCommand::is_arithmetic() const { return verb() == "incr" || verb() == "decr"; }

bool TextCommand::is_meta() const {
  return verb() == "mg" || verb() == "ms" || verb() == "md" || verb() == "ma" || verb() == "me";
}

std::optional<size_t> TextCommand::words_needed() const {
  for (const VerbRow& row : kVerbs) {
    if (row.name == verb()) return row.words;
  }
  return std::nullopt;
}

bool TextCommand::overlong_key() const {
  if (!words_needed().has_value() && verb() != "me") return false;
  if (!is_fetch()) return word(1).size() > kMaxKey;
  return std::any_of(words_.begin() + 1, words_.end(), [](std::string_view key) { return key.size() > kMaxKey; });
}

std::optional<LooseNumber> loose_number(std::string_view word) {
  LooseNumber number;
  if (word.starts_with('-') || word.starts_with('+')) {
    number.negative = word.front() == '-';
    number.plus = word.front() == '+';
    word.remove_prefix(1);
  }
  if (!parse_u64(word, &number.magnitude)) return std::nullopt;
  return number;
}

std::string base64_decoded(std::string_view text) {
  std::string decoded(text.size(), '\0');
  decoded.resize(protocol::base64_decode(text, decoded.data()));
  return decoded;
}

}  // namespace martlet::differential
