// What is said to both servers: commands, and rounds of them with the order and the cuts in which they travel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace martlet::differential {

enum class Dialect : uint8_t { text, binary };

// A CAS id cannot be written down beforehand, since each server gives its own: the player puts in the one that this
// server has shown for `key`, or kUnknownCas when it has shown none.
struct CasUse {
  size_t at = 0;    // where in the bytes: digits are inserted there (text), 8 bytes replaced (binary)
  std::string key;  // as it is written on the wire
};

// Above every id that a server gives.
inline constexpr uint64_t kUnknownCas = 0x7FFFFFFFFFFFFFF0U;

struct Command {
  std::string bytes;  // complete: the line and its value, or the frame
  std::string key{};  // the one key that it is about; empty: none, several, or not to be repaired
  std::optional<CasUse> cas{};
  bool ends = false;  // the connection is not used any further after it

  // The place of the command among others, filled in when a round is made:
  bool isolated = false;                // an intended difference may show: its reply is told apart from its neighbours'
  bool after_fetch = false;             // the same turn has fetched its key before
  std::optional<std::string> repair{};  // sent after it, so that both servers hold the same again
};

// Steps of one connection that follow each other are a turn: sent as one pipeline, and all its replies awaited before
// anybody else speaks. So both servers execute all commands of a round in the same order.
struct Step {
  Command command;
  size_t connection = 0;
  bool begins_turn = false;
  uint64_t cuts = 0;   // seed of the places where the turn that begins here is cut into writes; 0: one write
  bool early = false;  // its first half is sent with the turn before of its connection
};

// All that is sent between two empty caches: reproducible by itself.
struct Round {
  uint64_t seed = 0;
  std::vector<Step> steps;
};

}  // namespace martlet::differential
