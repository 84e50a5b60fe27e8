// What may differ between the classic commands here and those of the reference.
//
// Two sorts of rows. Some are choices of this server, listed in docs/protocol.md; others are ways of memcached 1.6.18
// that later versions, whose behaviour is followed here, have given up.
#pragma once

#include "tests/differential/intended.h"

namespace martlet::differential {

DifferenceTable classic_line_differences();
DifferenceTable classic_store_differences();

}  // namespace martlet::differential
