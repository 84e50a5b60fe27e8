// What may differ between the binary protocol here and that of the reference.
#pragma once

#include "tests/differential/intended.h"

namespace martlet::differential {

DifferenceTable binary_differences();

}  // namespace martlet::differential
