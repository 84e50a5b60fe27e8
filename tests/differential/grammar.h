// The grammars: where random commands come from, and which differences are meant.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/differential/command.h"
#include "tests/differential/intended.h"
#include "tests/differential/random.h"

namespace martlet::differential {

struct Grammar {
  std::string_view name;       // "classic", ...
  std::string_view test_name;  // "ClassicStreamsAgree"
  Dialect dialect;
  Command (*next)(Random& random);
  // A command that stores something under the key whatever is there, answered alike by both.
  std::string (*repair)(std::string_view key, Random& random);
  // Does the command make a reply hold the item of `key`? Until the turn ends, that reply may be unsent.
  bool (*fetches)(const Command& command, std::string_view key);
  std::vector<DifferenceTable> differences;
};

const Grammar& classic_grammar();
const Grammar& meta_grammar();
const Grammar& binary_grammar();

std::span<const Grammar* const> all_grammars();
// Null: there is none of that name.
const Grammar* find_grammar(std::string_view name);

// The grammars that this server speaks. The short run of `./test` takes these; a name more is all that a further one
// needs.
inline constexpr std::array<std::string_view, 3> kServedGrammars{"classic", "meta", "binary"};

}  // namespace martlet::differential
