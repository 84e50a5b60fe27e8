// Session: a grammar's streams against a pair of servers, round after round, until enough has been said or a difference
// is found that nothing excuses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/differential/comparer.h"
#include "tests/differential/grammar.h"
#include "tests/differential/player.h"
#include "tests/support/endpoint.h"

namespace martlet::differential {

struct SessionOptions {
  uint64_t seed = 1;
  size_t commands = 10000;
  size_t commands_a_round = 300;
  uint64_t first_round = 0;
  bool cut_writes = true;  // what the reference makes of an overlong line depends on how it arrives
  bool twins = false;      // both are references: what is excused of theirs is excused of ours
};

// Where two servers part.
struct Difference {
  Segment ours;
  Segment theirs;
};

struct SessionResult {
  size_t commands = 0;
  size_t rounds = 0;
  std::vector<ExcuseCount> excused;
  std::string failure;  // empty: no unexplained difference
};

class Session {
 public:
  Session(const Grammar& grammar, const support::Endpoint& ours, const support::Endpoint& theirs);

  SessionResult run(const SessionOptions& options);

 private:
  // The first difference that nothing excuses. What is excused is counted.
  std::optional<Difference> first_difference(const std::vector<Step>& steps, Excuses* excuses);
  bool play_both(const std::vector<Step>& steps);
  std::vector<Step> shrunk(const std::vector<Step>& all);
  std::string explain(const Round& round, const Difference& original);

  const Grammar& grammar_;
  Player our_player_;
  Player their_player_;
  std::vector<Segment> ours_;
  std::vector<Segment> theirs_;
  std::string error_;
  bool twins_ = false;
};

// The seed of a session's n-th round.
uint64_t round_seed(uint64_t session_seed, uint64_t round);

// A table of what was excused, a row for each intended difference.
std::string excuse_table(const std::vector<ExcuseCount>& counts);

}  // namespace martlet::differential
