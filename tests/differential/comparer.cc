// Part by part.
#include "tests/differential/comparer.h"

#include <algorithm>

#include "server/base/parse_int.h"
#include "tests/differential/binary_frame.h"
#include "tests/differential/text_reply.h"

namespace martlet::differential {
namespace {

constexpr uint64_t kLongestRelative = 2592000;  // seconds; an expiry above is a Unix time

bool same_part(const ReplyPart& ours, const ReplyPart& theirs, CasMap* map) {
  if (ours.kind != theirs.kind) return false;
  if (ours.kind == ReplyPart::Kind::literal) return ours.text == theirs.text;
  uint64_t our_number = 0;
  uint64_t their_number = 0;
  if (!parse_u64(ours.text, &our_number) || !parse_u64(theirs.text, &their_number)) return false;
  if (ours.kind == ReplyPart::Kind::cas) return map->correspond(our_number, their_number);
  return same_seconds(our_number, their_number);
}

}  // namespace

bool CasMap::correspond(uint64_t ours, uint64_t theirs) {
  const auto [our_place, our_new] = theirs_of_.try_emplace(ours, theirs);
  const auto [their_place, their_new] = ours_of_.try_emplace(theirs, ours);
  return our_place->second == theirs && their_place->second == ours;
}

bool same_seconds(uint64_t ours, uint64_t theirs) {
  const uint64_t less = std::min(ours, theirs);
  return std::max(ours, theirs) - less <= (less > kLongestRelative ? 2 : 1);
}

ReplyParts parts_of(Dialect dialect, const std::string& bytes) {
  return dialect == Dialect::text ? text_parts(bytes) : binary_parts(bytes);
}

bool same(Dialect dialect, const Reply& ours, const Reply& theirs, CasMap* map) {
  if (ours.ending != theirs.ending || ours.ending == Ending::silent) return false;
  const ReplyParts our_parts = parts_of(dialect, ours.bytes);
  const ReplyParts their_parts = parts_of(dialect, theirs.bytes);
  if (our_parts.size() != their_parts.size()) return false;
  for (size_t i = 0; i < our_parts.size(); ++i) {
    if (!same_part(our_parts[i], their_parts[i], map)) return false;
  }
  return true;
}

}  // namespace martlet::differential
