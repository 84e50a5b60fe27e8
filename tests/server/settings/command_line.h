// A small language for tests of the command line: rows of words, what refuses them, and with which exit code.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "server/settings/settings_parser.h"

namespace martlet::settings {

using Words = std::vector<const char*>;

inline Result<ParsedCommandLine> parse(Words words) {
  words.insert(words.begin(), "martlet");
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

inline std::string joined(const Words& words) {
  std::ostringstream out;
  for (const char* const word : words) out << word << ' ';
  return out.str();
}

// The settings of a command line that must be accepted.
inline Settings accepted(const Words& words) {
  const Result<ParsedCommandLine> parsed = parse(words);
  EXPECT_TRUE(parsed.ok()) << joined(words) << ": " << (parsed.ok() ? "" : parsed.error().message);
  return parsed.ok() ? parsed.value().settings : Settings{};
}

// Expects a refusal: this exit code, and one line that names the culprit.
inline void expect_refused(const Words& words, int exit_code, std::string_view said) {
  const Result<ParsedCommandLine> parsed = parse(words);
  ASSERT_FALSE(parsed.ok()) << joined(words) << "was accepted";
  EXPECT_EQ(parsed.error().exit_code, exit_code) << joined(words) << ": " << parsed.error().message;
  EXPECT_THAT(parsed.error().message, testing::HasSubstr(std::string(said))) << joined(words);
  EXPECT_THAT(parsed.error().message, testing::Not(testing::HasSubstr("\n"))) << joined(words);
}

struct RefusedRow {
  Words words;
  int exit_code;
  std::string_view said;
};

inline void expect_refused(const std::vector<RefusedRow>& rows) {
  for (const RefusedRow& row : rows) expect_refused(row.words, row.exit_code, row.said);
}

inline void expect_accepted(const std::vector<Words>& rows) {
  for (const Words& row : rows) accepted(row);
}

}  // namespace martlet::settings
