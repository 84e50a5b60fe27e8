// Meta commands: one complete line in, one Request out. Pure functions.
//
//   mg|md|ma|me <key> <flag>*      ms <key> <bytes> <flag>*, then the value      mn
#pragma once

#include <string_view>

#include "server/protocol/request.h"

namespace martlet::protocol {

inline constexpr size_t kMaxMetaWords = 20;  // of a line, command and key included

// Does `line`, its ending taken off, begin with a meta command?
inline bool is_meta(std::string_view line) {
  if (line.size() < 2 || line[0] != 'm' || (line.size() > 2 && line[2] != ' ')) return false;
  switch (line[1]) {
    case 'g':
    case 's':
    case 'd':
    case 'a':
    case 'e':
    case 'n':
      return true;
    default:
      return false;
  }
}

// A line for which is_meta() holds. `*out` is filled, with verb `invalid` and `swallow` bytes of value to drop when the
// line is refused.
void parse_meta(std::string_view line, Request* out);

}  // namespace martlet::protocol
