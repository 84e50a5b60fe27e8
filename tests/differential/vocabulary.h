// The words that all grammars draw from: few keys, so that they are hit; sizes, expiries and numbers on both sides of
// every limit.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/differential/random.h"

namespace martlet::differential {

// Both servers are started with this -I, which is read as "512k" by either. Here it bounds the value, in memcached the
// whole item.
inline constexpr size_t kItemLimit = 512 * 1024;
// What memcached adds to a value at most: header 48, CAS id 8, flags 4, line end 2, the key and its NUL.
inline constexpr size_t kItemOverhead = 48 + 8 + 4 + 2 + 251;

// Keys that a text line can hold.
const std::vector<std::string>& text_keys();

// Keys spelled in base64: "bin:1", and bytes that are no text. No key is in both lists: the reference echoes what made
// the item, not what was asked.
const std::vector<std::string>& base64_keys();

// Bytes of a value: mostly few; now and then around 2,048, 16,384 and the item limit.
size_t value_size(Random& random);

// A value: letters of that size, with line ends and what looks like commands in some, or a number and its like for
// incr and decr.
std::string value(Random& random);
std::string letters(Random& random, size_t size);

// The only expiries that cannot change their meaning while a stream runs: never, expired already, far away.
// The text is a number that fits into 32 bits with its sign.
std::string text_expiry(Random& random);
// Unsigned, as the binary protocol has it.
uint32_t binary_expiry(Random& random);

// 32 bits, mostly 0.
uint32_t client_flags(Random& random);

// What no number parser may take, or only some do: junk, signs, hexadecimal, more than 32 and more than 64 bits.
std::string odd_number(Random& random);

// For incr and decr. Small ones keep numbers below 2^63, where the reference begins to look at memory behind the value.
uint64_t delta(Random& random);
uint64_t large_delta(Random& random);
inline constexpr std::string_view kLargestNumber = "18446744073709551615";

}  // namespace martlet::differential
