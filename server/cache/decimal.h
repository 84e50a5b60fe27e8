// Numbers as incr and decr know them: decimal text inside a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace martlet::cache {

inline constexpr size_t kMaxDecimal = 20;  // digits of 2^64 - 1

// The number a value begins with, by strtoull's rules without the sign that turns it negative: white space, an optional
// '+', decimal digits up to 2^64 - 1, then white space or the end; what follows that space does not matter.
std::optional<uint64_t> parse_decimal(std::string_view value);

// The digits of `number` in `out`.
std::string_view format_decimal(uint64_t number, char (&out)[kMaxDecimal]);

}  // namespace martlet::cache
