#include "server/cache/decimal.h"

#include <charconv>
#include <system_error>

namespace martlet::cache {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

std::optional<uint64_t> parse_decimal(std::string_view value) {
  while (!value.empty() && is_space(value.front())) value.remove_prefix(1);
  if (!value.empty() && value.front() == '+') value.remove_prefix(1);
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{}) return std::nullopt;
  if (end != value.data() + value.size() && !is_space(*end)) return std::nullopt;
  return number;
}

std::string_view format_decimal(uint64_t number, char (&out)[kMaxDecimal]) {
  const auto written = std::to_chars(out, out + kMaxDecimal, number);
  return {out, static_cast<size_t>(written.ptr - out)};
}

}  // namespace martlet::cache
