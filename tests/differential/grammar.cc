// The list of grammars.
#include "tests/differential/grammar.h"

namespace martlet::differential {

std::span<const Grammar* const> all_grammars() {
  static const std::array<const Grammar*, 3> kAll{&classic_grammar(), &meta_grammar(), &binary_grammar()};
  return kAll;
}

const Grammar* find_grammar(std::string_view name) {
  for (const Grammar* grammar : all_grammars()) {
    if (grammar->name == name) return grammar;
  }
  return nullptr;
}

}  // namespace martlet::differential
