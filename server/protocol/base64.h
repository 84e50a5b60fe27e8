// Base64 as keys of the meta protocol are spelled in it: RFC 4648, section 4, with padding.
//
// Decoding is strict, so that a key has one spelling only: whole groups of four, nothing outside the alphabet, padding
// at the end and nowhere else, and no bits left over that are not zero. Pure functions, safe from any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace martlet::protocol {

// Characters that `bytes` bytes take when they are encoded.
constexpr size_t base64_size(size_t bytes) { return (bytes + 2) / 3 * 4; }

// Writes base64_size(bytes.size()) characters at `out` and returns their end. No NUL.
char* base64_encode(std::string_view bytes, char* out);

// Writes the decoded bytes at `out`, which has room for text.size() / 4 * 3 of them, and returns how many there are; 0:
// `text` is empty or no base64, and what is at `out` means nothing. `out` may not overlap `text`.
size_t base64_decode(std::string_view text, char* out);

}  // namespace martlet::protocol
