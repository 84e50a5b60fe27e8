// Comparing replies: the same to the byte, but for CAS ids and seconds.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tests/differential/command.h"
#include "tests/differential/reply.h"

namespace martlet::differential {

// Which of our CAS ids stands for which of theirs. Ids correspond when neither has stood for another before: so an id
// that changes on one side only, or that is given twice, is noticed.
class CasMap {
 public:
  // Takes note of the pair. False when it contradicts an earlier one.
  bool correspond(uint64_t ours, uint64_t theirs);

 private:
  std::map<uint64_t, uint64_t> theirs_of_;
  std::map<uint64_t, uint64_t> ours_of_;
};

// May clocks that tick at different moments tell these? One apart; two where more than 30 days are left, since only a
// Unix time is that far away, and each server has its own idea of the second in which it started.
bool same_seconds(uint64_t ours, uint64_t theirs);

ReplyParts parts_of(Dialect dialect, const std::string& bytes);

// Are the replies the same, with the ids mapped by `map`, which learns from them? A silent server is never the same.
bool same(Dialect dialect, const Reply& ours, const Reply& theirs, CasMap* map);

}  // namespace martlet::differential
