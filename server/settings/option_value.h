// Values of options, read strictly: the whole text must be the number, and in range. Junk, an empty text, trailing junk
// and overflow are refused, never read as 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/settings/draft.h"

namespace martlet::settings {

// One option as it stands on the command line.
struct Argument {
  std::string_view option;  // as the operator wrote it: "-c", "-o hashpower"
  std::string_view text;    // its value, leading blanks removed; empty when there is none
};

// Decimal, with an optional sign.
std::optional<int64_t> parse_integer(std::string_view text);
// Digits 0 to 7.
std::optional<int64_t> parse_octal(std::string_view text);
// Decimal digits and one of k, m, g in either case, or none: bytes.
std::optional<int64_t> parse_size(std::string_view text);
// Decimal with or without fraction or exponent; finite.
std::optional<double> parse_decimal(std::string_view text);

// The text in quotes, fit for one line of a terminal: control bytes as \xNN.
std::string quoted(std::string_view text);

// "<option>: <what>".
Error refusal(int exit_code, const Argument& argument, std::string_view what);

// Reads a number from `low` to `high` into `*out`, or says what was expected.
Refusal read_integer(const Argument& argument, int64_t low, int64_t high, int exit_code, int64_t* out);

// The setter of an option of which only the value is checked.
template <int64_t kLow, int64_t kHigh>
Refusal check_integer(Draft&, const Argument& argument) {
  int64_t ignored = 0;
  return read_integer(argument, kLow, kHigh, 1, &ignored);
}

}  // namespace martlet::settings
