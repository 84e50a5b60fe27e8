// What the tables of intended differences are written with.
#pragma once

#include <string_view>

#include "tests/differential/command.h"
#include "tests/differential/reply.h"
#include "tests/differential/text_command.h"

namespace martlet::differential {

inline constexpr std::string_view kBadLine = "CLIENT_ERROR bad command line format\r\n";
inline constexpr std::string_view kBadChunk = "CLIENT_ERROR bad data chunk\r\n";
inline constexpr std::string_view kBadExptime = "CLIENT_ERROR invalid exptime argument\r\n";
inline constexpr std::string_view kBadDelta = "CLIENT_ERROR invalid numeric delta argument\r\n";
inline constexpr std::string_view kNotNumeric = "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n";
inline constexpr std::string_view kTooLarge = "SERVER_ERROR object too large for cache\r\n";
inline constexpr std::string_view kError = "ERROR\r\n";
inline constexpr std::string_view kEnd = "END\r\n";

// Exactly this, and the connection goes on.
inline bool says(const Reply& reply, std::string_view text) {
  return reply.ending == Ending::open && reply.bytes == text;
}

// `line`, or nothing when the command asked for silence.
inline bool says_unless_silenced(const TextCommand& text, const Reply& reply, std::string_view line) {
  return says(reply, text.noreply() ? std::string_view() : line);
}

// For rows that only tell what follows: the answers themselves are the same.
inline bool never(const Command&, const Reply&, const Reply&) { return false; }

}  // namespace martlet::differential
