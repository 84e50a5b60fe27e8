// What may differ between the meta commands here and those of the reference. Flags that memcached 1.6.18 does not know
// are not in the streams at all: they are tested by tables.
#pragma once

#include "tests/differential/intended.h"

namespace martlet::differential {

DifferenceTable meta_differences();        // what a line asks for
DifferenceTable meta_reply_differences();  // what an answer tells

}  // namespace martlet::differential
