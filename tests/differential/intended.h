// The differences that are meant: a table for each grammar.
//
// A row applies to commands of a certain form, and says exactly what either server must then answer. A command to which
// a row applies is told apart from its neighbours by markers, so that its reply is known; if the replies are the same
// after all, nothing is excused.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tests/differential/command.h"
#include "tests/differential/reply.h"

namespace martlet::differential {

// What becomes of the connection and the item where a difference shows.
enum class Aftermath : uint8_t {
  none,           // both servers hold the same
  other_item,     // not so: the key is stored anew
  closes,         // the connection may be closed: bytes that come later would take the replies with them
  loses_replies,  // not the same either, and the reference drops replies that are queued: nothing may stand before it
                  // in its turn
};

struct IntendedDifference {
  const char* name;
  const char* reason;
  Aftermath aftermath;
  bool (*applies)(const Command& command);
  // Are these the answers that are meant? Asked only when they differ.
  bool (*as_intended)(const Command& command, const Reply& ours, const Reply& theirs);
};

using DifferenceTable = std::span<const IntendedDifference>;

// One for each row of a table.
struct ExcuseCount {
  const IntendedDifference* row;
  uint64_t cases;
};

// Tables in use: counts what each row has excused.
class Excuses {
 public:
  explicit Excuses(std::span<const DifferenceTable> tables);

  bool may_differ(const Command& command) const;
  bool has_aftermath(const Command& command, Aftermath aftermath) const;
  // True, and counted, when a row that applies finds the answers as intended.
  bool excuse(const Command& command, const Reply& ours, const Reply& theirs);

  const std::vector<ExcuseCount>& counts() const { return counts_; }

 private:
  std::vector<ExcuseCount> counts_;
};

}  // namespace martlet::differential
