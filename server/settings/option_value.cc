#include "server/settings/option_value.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

namespace martlet::settings {
namespace {

template <typename T, typename... Format>
std::optional<T> parse_whole(std::string_view text, Format... format) {
  T number{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, format...);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

// log2 of what a suffix stands for.
std::optional<unsigned> suffix_shift(char suffix) {
  switch (suffix) {
    case 'k':
    case 'K':
      return 10;
    case 'm':
    case 'M':
      return 20;
    case 'g':
    case 'G':
      return 30;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<int64_t> parse_integer(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  return parse_whole<int64_t>(text, 10);
}

std::optional<int64_t> parse_octal(std::string_view text) {
  if (text.starts_with('-')) return std::nullopt;
  return parse_whole<int64_t>(text, 8);
}

std::optional<int64_t> parse_size(std::string_view text) {
  if (text.empty() || text.starts_with('-')) return std::nullopt;
  const std::optional<unsigned> shift = suffix_shift(text.back());
  if (shift) text.remove_suffix(1);
  const std::optional<int64_t> number = parse_whole<int64_t>(text, 10);
  if (!number || *number > (std::numeric_limits<int64_t>::max() >> shift.value_or(0))) return std::nullopt;
  return *number << shift.value_or(0);
}

std::optional<double> parse_decimal(std::string_view text) {
  const std::optional<double> number = parse_whole<double>(text);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

Error refusal(int exit_code, const Argument& argument, std::string_view what) {
  return Error{exit_code, fmt::format("{}: {}", argument.option, what)};
}

Refusal read_integer(const Argument& argument, int64_t low, int64_t high, int exit_code, int64_t* out) {
  const std::optional<int64_t> number = parse_integer(argument.text);
  if (number && *number >= low && *number <= high) {
    *out = *number;
    return std::nullopt;
  }
  return refusal(exit_code, argument,
                 fmt::format("{} is not a whole number from {} to {}", quoted(argument.text), low, high));
}

}  // namespace martlet::settings
