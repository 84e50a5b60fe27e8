// What a server said to one segment: a command, or several neighbours whose replies nobody tells apart.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace martlet::differential {

enum class Ending : uint8_t {
  open,    // the server answered what came next as well
  closed,  // it ended the connection here
  silent,  // no answer until the deadline
};

struct Reply {
  std::string bytes;
  Ending ending = Ending::open;
};

// A reply taken apart into what must be the same to the byte and what each server chooses by itself.
struct ReplyPart {
  enum class Kind : uint8_t {
    literal,
    cas,      // decimal digits; ids that correspond
    seconds,  // decimal digits; one or two apart, see same_seconds()
  };
  Kind kind = Kind::literal;
  std::string text;

  bool operator==(const ReplyPart&) const = default;
};
using ReplyParts = std::vector<ReplyPart>;

}  // namespace martlet::differential
