// The order of a round.
#include "tests/differential/round.h"

#include <string>
#include <vector>

#include "tests/differential/text_command.h"

namespace martlet::differential {
namespace {

constexpr size_t kMaxConnections = 3;
constexpr size_t kLargestEarly = 1500;  // bytes of a command whose half may come early

class RoundMaker {
 public:
  RoundMaker(const Grammar& grammar, uint64_t seed) : grammar_(grammar), excuses_(grammar.differences), random_(seed) {}

  std::vector<Step> make(size_t commands) {
    const size_t connections = 1 + random_.below(kMaxConnections);
    while (steps_.size() < commands) add_turn(random_.below(connections));
    return std::move(steps_);
  }

 private:
  void add_turn(size_t connection) {
    const size_t length = random_.between(1, random_.one_in(3) ? 40 : 8);
    turn_ = steps_.size();
    for (size_t i = 0; i < length; ++i) {
      if (i == 0) turn_ = steps_.size();
      Step step;
      step.command = grammar_.next(random_);
      step.connection = connection;
      step.begins_turn = i == 0;
      prepare(&step);
      if (step.begins_turn) {
        turn_ = steps_.size();
        step.cuts = random_.one_in(3) && !may_close(step.command) ? random_.next() : 0;
        step.early = may_come_early(step.command) && random_.one_in(4);
      }
      steps_.push_back(std::move(step));
      if (steps_.back().command.ends || may_close(steps_.back().command)) return;
    }
  }

  void prepare(Step* step) {
    Command& command = step->command;
    command.after_fetch = fetched_before(command.key);
    command.isolated = command.ends || excuses_.may_differ(command);
    if (!command.isolated) {
      command.isolated = command.repair.has_value();
      return;
    }
    const bool loses_replies = excuses_.has_aftermath(command, Aftermath::loses_replies);
    if (loses_replies || may_close(command)) step->begins_turn = true;
    const bool diverges = loses_replies || excuses_.has_aftermath(command, Aftermath::other_item);
    if (diverges && !command.key.empty()) command.repair = grammar_.repair(command.key, random_);
  }

  bool fetched_before(const std::string& key) const {
    if (key.empty()) return false;
    for (size_t i = turn_; i < steps_.size(); ++i) {
      if (grammar_.fetches(steps_[i].command, key)) return true;
    }
    return false;
  }

  // Such a command is a turn of its own, and sent in one write.
  bool may_close(const Command& command) const { return excuses_.has_aftermath(command, Aftermath::closes); }

  // What has no effect before it is complete, and is the same on both servers.
  static bool may_come_early(const Command& command) {
    return !command.isolated && !command.cas.has_value() && command.bytes.size() <= kLargestEarly;
  }

  const Grammar& grammar_;
  Excuses excuses_;
  Random random_;
  std::vector<Step> steps_;
  size_t turn_ = 0;  // its first step
};

}  // namespace

Round make_round(const Grammar& grammar, uint64_t seed, size_t commands) {
  return {seed, RoundMaker(grammar, seed).make(commands)};
}

}  // namespace martlet::differential
