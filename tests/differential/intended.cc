// Looking rows up.
#include "tests/differential/intended.h"

namespace martlet::differential {

Excuses::Excuses(std::span<const DifferenceTable> tables) {
  for (const DifferenceTable& table : tables) {
    for (const IntendedDifference& row : table) counts_.push_back({&row, 0});
  }
}

bool Excuses::may_differ(const Command& command) const {
  for (const ExcuseCount& count : counts_) {
    if (count.row->applies(command)) return true;
  }
  return false;
}

bool Excuses::has_aftermath(const Command& command, Aftermath aftermath) const {
  for (const ExcuseCount& count : counts_) {
    if (count.row->aftermath == aftermath && count.row->applies(command)) return true;
  }
  return false;
}

bool Excuses::excuse(const Command& command, const Reply& ours, const Reply& theirs) {
  for (ExcuseCount& count : counts_) {
    if (!count.row->applies(command) || !count.row->as_intended(command, ours, theirs)) continue;
    ++count.cases;
    return true;
  }
  return false;
}

}  // namespace martlet::differential
