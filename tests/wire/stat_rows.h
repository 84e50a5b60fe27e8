// The answers of the stats commands, taken apart for tests.
#pragma once

#include <algorithm>
#include <cctype>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/client.h"

namespace martlet::wire {

using Rows = std::vector<std::pair<std::string, std::string>>;  // key and value, in the order of the answer

inline std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> out;
  for (std::string word; stream >> word;) out.push_back(word);
  return out;
}

// Digits, with at most one point among them: what a monitor takes for a number.
inline bool is_number(std::string_view text) {
  size_t digits = 0;
  size_t dots = 0;
  for (const char c : text) {
    if (c == '.') {
      ++dots;
    } else if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      ++digits;
    } else {
      return false;
    }
  }
  return digits > 0 && dots <= 1;
}

// Sends a stats command and takes the answer apart. Empty when it is no list of STAT lines and END.
inline std::optional<Rows> stats(support::Client& client, const std::string& command) {
  if (!client.send(command + "\r\n")) return std::nullopt;
  Rows rows;
  for (;;) {
    const auto line = client.receive_line();
    if (!line.has_value() || line->size() < 2 || line->substr(line->size() - 2) != "\r\n") return std::nullopt;
    if (*line == "END\r\n") return rows;
    if (line->rfind("STAT ", 0) != 0) return std::nullopt;
    const size_t space = line->find(' ', 5);
    if (space == std::string::npos) return std::nullopt;
    rows.emplace_back(line->substr(5, space - 5), line->substr(space + 1, line->size() - space - 3));
  }
}

inline std::vector<std::string> keys_of(const Rows& rows) {
  std::vector<std::string> keys;
  keys.reserve(rows.size());
  for (const auto& row : rows) keys.push_back(row.first);
  return keys;
}

inline std::string value_of(const Rows& rows, const std::string& key) {
  const auto at = std::find_if(rows.begin(), rows.end(), [&key](const auto& row) { return row.first == key; });
  return at == rows.end() ? "no " + key : at->second;
}

}  // namespace martlet::wire
