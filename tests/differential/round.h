// Making rounds: which connection says what, in turns of up to 40 commands, cut into writes at random places.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tests/differential/command.h"
#include "tests/differential/grammar.h"

namespace martlet::differential {

// A round of at least `commands` commands. The same arguments make the same round.
Round make_round(const Grammar& grammar, uint64_t seed, size_t commands);

}  // namespace martlet::differential
