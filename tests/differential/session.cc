// Playing both sides at once, comparing, and telling what differed.
#include "tests/differential/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <utility>

#include "tests/differential/binary_frame.h"
#include "tests/differential/round.h"
#include "tests/differential/shrinker.h"
#include "tests/support/conversation.h"

namespace martlet::differential {
namespace {

constexpr size_t kShrinkAttempts = 400;
constexpr size_t kShownSteps = 60;
constexpr std::chrono::milliseconds kPatience{10000};
constexpr std::chrono::milliseconds kPatienceShrinking{700};  // a silent server is asked again and again

const char* name_of(Ending ending) {
  switch (ending) {
    case Ending::open:
      return "";
    case Ending::closed:
      return "  <connection closed>";
    case Ending::silent:
      return "  <no further answer>";
  }
  return "";
}

// Readable, and short where a byte is repeated: keys and values are mostly one letter many times.
std::string shown_text(std::string_view bytes) {
  std::string text;
  std::string plain;
  const auto flush = [&] {
    if (!plain.empty()) text += support::readable(plain) + " ";
    plain.clear();
  };
  while (!bytes.empty()) {
    const size_t run = std::min(bytes.find_first_not_of(bytes.front()), bytes.size());
    if (run < 12) {
      plain.append(bytes.substr(0, run));
    } else {
      flush();
      text += fmt::format("{} x {} ", run, support::readable(bytes.substr(0, 1)));
    }
    bytes.remove_prefix(run);
  }
  flush();
  return text.empty() ? "\"\"" : text;
}

std::string shown(Dialect dialect, std::string_view bytes) {
  if (dialect == Dialect::text) return shown_text(bytes);
  std::string text;
  while (!bytes.empty()) {
    const std::string_view header = bytes.substr(0, kHeaderSize);
    const size_t size = header.size() < kHeaderSize ? bytes.size() : kHeaderSize + read_big(header, 8, 4);
    const std::string_view frame = bytes.substr(0, size);
    for (const char byte : header) text += fmt::format("{:02x}", static_cast<uint8_t>(byte));
    if (frame.size() > kHeaderSize) text += " " + shown_text(frame.substr(kHeaderSize));
    bytes.remove_prefix(frame.size());
    if (!bytes.empty()) text += " | ";
  }
  return text;
}

std::string describe(Dialect dialect, const Step& step, size_t number) {
  std::string text =
      fmt::format("  {:>3}  conn {} {}{}  {}", number, step.connection, step.begins_turn ? "turn" : "    ",
                  step.early ? ", half early" : "", shown(dialect, step.command.bytes));
  if (step.cuts != 0) text += fmt::format("  (cut, {})", step.cuts);
  if (step.command.cas.has_value()) text += "  (CAS id of " + support::readable(step.command.cas->key) + ")";
  if (step.command.repair.has_value()) text += "\n       repaired by  " + shown(dialect, *step.command.repair);
  return text + "\n";
}

std::string describe(Dialect dialect, const char* who, const Segment& segment) {
  return fmt::format("  {:<7}{}{}\n", who, shown(dialect, segment.reply.bytes), name_of(segment.reply.ending));
}

// Where two long replies part: the first part that is not the same, CAS ids aside, cut to its surroundings.
std::string parting(Dialect dialect, const Difference& difference) {
  constexpr size_t kShown = 60;
  const ReplyParts ours = parts_of(dialect, difference.ours.reply.bytes);
  const ReplyParts theirs = parts_of(dialect, difference.theirs.reply.bytes);
  for (size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
    const std::string& our_text = ours[i].text;
    const std::string& their_text = theirs[i].text;
    if (ours[i].kind == ReplyPart::Kind::cas && theirs[i].kind == ReplyPart::Kind::cas) continue;
    if (our_text == their_text) continue;
    const auto at = std::mismatch(our_text.begin(), our_text.end(), their_text.begin(), their_text.end()).first;
    const auto begin = static_cast<size_t>(std::max<std::ptrdiff_t>(at - our_text.begin() - 20, 0));
    return fmt::format("  parting at {} | {}\n", shown_text(std::string_view(our_text).substr(begin, kShown)),
                       shown_text(std::string_view(their_text).substr(std::min(begin, their_text.size()), kShown)));
  }
  return ours.size() == theirs.size() ? "  parting in CAS ids only\n" : "  parting at the end of the shorter\n";
}

// The same without cuts and early halves: are they what matters?
std::vector<Step> uncut(std::vector<Step> steps) {
  for (Step& step : steps) {
    step.cuts = 0;
    step.early = false;
  }
  return steps;
}

}  // namespace

uint64_t round_seed(uint64_t session_seed, uint64_t round) {
  Random random(session_seed ^ (round * 0xD1342543DE82EF95U));
  return random.next();
}

Session::Session(const Grammar& grammar, const support::Endpoint& ours, const support::Endpoint& theirs)
    : grammar_(grammar), our_player_(ours, grammar.dialect), their_player_(theirs, grammar.dialect) {}

bool Session::play_both(const std::vector<Step>& steps) {
  std::string their_error;
  auto theirs = std::async(std::launch::async, [&] { return their_player_.play(steps, &their_error); });
  error_.clear();
  ours_ = our_player_.play(steps, &error_);
  theirs_ = theirs.get();
  if (!error_.empty()) error_ = "ours: " + error_;
  if (!their_error.empty()) error_ += " theirs: " + their_error;
  return error_.empty();
}

std::optional<Difference> Session::first_difference(const std::vector<Step>& steps, Excuses* excuses) {
  if (!play_both(steps)) return Difference{};
  CasMap map;
  for (size_t i = 0; i < ours_.size(); ++i) {
    const Segment& ours = ours_[i];
    const Segment& theirs = theirs_[i];
    if (same(grammar_.dialect, ours.reply, theirs.reply, &map)) continue;
    const bool single = ours.count == 1 && !ours.is_repair && steps[ours.first].command.isolated;
    const Command& command = steps[ours.first].command;
    if (single && excuses->excuse(command, ours.reply, theirs.reply)) continue;
    if (single && twins_ && excuses->excuse(command, theirs.reply, ours.reply)) continue;
    return Difference{ours, theirs};
  }
  return std::nullopt;
}

SessionResult Session::run(const SessionOptions& options) {
  twins_ = options.twins;
  SessionResult result;
  Excuses excuses(grammar_.differences);
  while (result.commands < options.commands && result.failure.empty()) {
    const uint64_t number = options.first_round + result.rounds;
    Round round = make_round(grammar_, round_seed(options.seed, number), options.commands_a_round);
    if (!options.cut_writes) round.steps = uncut(std::move(round.steps));
    const std::optional<Difference> difference = first_difference(round.steps, &excuses);
    if (difference.has_value()) {
      result.failure = fmt::format("{} grammar, session seed {}, round {}\n", grammar_.name, options.seed, number);
      result.failure += error_.empty() ? explain(round, *difference) : error_;
    }
    result.commands += round.steps.size();
    ++result.rounds;
  }
  result.excused = excuses.counts();
  return result;
}

// The steps that it takes, as few as can be found; all of them when the difference does not come back.
std::vector<Step> Session::shrunk(const std::vector<Step>& all) {
  our_player_.set_deadline(kPatienceShrinking);
  their_player_.set_deadline(kPatienceShrinking);
  Excuses unused(grammar_.differences);
  const auto differs = [&](const std::vector<Step>& steps) { return first_difference(steps, &unused).has_value(); };
  std::vector<Step> steps = all;
  if (differs(steps)) {
    if (differs(uncut(steps))) steps = uncut(steps);
    steps = shrink(steps, differs, kShrinkAttempts);
  }
  our_player_.set_deadline(kPatience);
  their_player_.set_deadline(kPatience);
  return steps;
}

std::string Session::explain(const Round& round, const Difference& original) {
  Excuses unused(grammar_.differences);
  std::vector<Step> steps = shrunk(round.steps);
  std::optional<Difference> found = first_difference(steps, &unused);
  if (!error_.empty()) return error_;
  std::string text;
  if (!found.has_value()) {
    text = "played again, the round does not differ; its last commands before it did are\n";
    steps = round.steps;
    found = original;
  } else {
    text = fmt::format("{} of {} commands are enough:\n", steps.size(), round.steps.size());
  }
  const size_t last = found->ours.first + found->ours.count - 1;
  for (size_t i = last < kShownSteps ? 0 : last - kShownSteps; i < std::min(last + 2, steps.size()); ++i) {
    text += describe(grammar_.dialect, steps[i], i);
  }
  text += fmt::format("and differ in what is answered to {}{} to {}:\n", found->ours.is_repair ? "the repair of " : "",
                      found->ours.first, last);
  return text + describe(grammar_.dialect, "ours", found->ours) + describe(grammar_.dialect, "theirs", found->theirs) +
         parting(grammar_.dialect, *found);
}

std::string excuse_table(const std::vector<ExcuseCount>& counts) {
  std::string text;
  for (const ExcuseCount& count : counts) {
    text += fmt::format("  {:>8}  {}\n            {}\n", count.cases, count.row->name, count.row->reason);
  }
  return text;
}

}  // namespace martlet::differential
