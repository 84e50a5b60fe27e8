// Differences of lines that carry no value.
#include <array>
#include <string>
#include <string_view>

#include "tests/differential/classic_differences.h"
#include "tests/differential/differences.h"
#include "tests/differential/text_command.h"
#include "tests/differential/vocabulary.h"

namespace martlet::differential {
namespace {

constexpr size_t kLongestLine = 2048;

bool is_too_short(const Command& command) {
  const TextCommand text(command.bytes);
  const auto needed = text.words_needed();
  return text.raw_line().size() < 4 || (!text.leading_space() && needed.has_value() && text.words() < *needed);
}

bool short_line_as_intended(const Command& command, const Reply& ours, const Reply& theirs) {
  const TextCommand text(command.bytes);
  const bool gat = text.verb().starts_with("gat");
  return says(ours, kBadLine) && (says(theirs, kError) || (gat && (says(theirs, kEnd) || says(theirs, kBadExptime))));
}

bool begins_with_space(const Command& command) { return TextCommand(command.bytes).leading_space(); }

bool space_as_intended(const Command&, const Reply& ours, const Reply& theirs) {
  return says(ours, kError) && theirs.ending == Ending::open && theirs.bytes != kError;
}

bool is_wordy_delete(const Command& command) {
  const TextCommand text(command.bytes);
  if (text.verb() != "delete" || text.words() < 3) return false;
  const size_t known = (text.word(2) == "0" ? 1U : 0U) + (text.noreply() ? 1U : 0U);  // words that are understood
  return text.words() > 2 + known;
}

bool wordy_delete_as_intended(const Command& command, const Reply& ours, const Reply& theirs) {
  constexpr std::string_view kUsage = "CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]\r\n";
  const TextCommand text(command.bytes);
  return says_unless_silenced(text, ours, kBadLine) &&
         (says_unless_silenced(text, theirs, kUsage) || says(theirs, kError));
}

bool is_wordy(const Command& command) {
  const TextCommand text(command.bytes);
  return (text.is_arithmetic() || text.verb() == "touch" || text.is_store()) &&
         text.words() > text.words_needed().value_or(0) + 1;
}

bool wordy_as_intended(const Command& command, const Reply& ours, const Reply& theirs) {
  const TextCommand text(command.bytes);
  if (ours.ending != Ending::open || ours.bytes.starts_with(kError)) return false;
  return says(theirs, kError) || (text.is_store() && says(theirs, std::string(kError).append(kError)));
}

bool has_loose_delta(const Command& command) {
  const TextCommand text(command.bytes);
  return text.is_arithmetic() && has_prefix(text.word(2));
}

bool loose_delta_as_intended(const Command& command, const Reply& ours, const Reply& theirs) {
  return says_unless_silenced(TextCommand(command.bytes), ours, kBadDelta) && theirs.ending == Ending::open;
}

bool is_overlong_line(const Command& command) {
  const TextCommand text(command.bytes);
  return text.raw_line().size() > kLongestLine && !text.is_fetch();
}

bool overlong_line_as_intended(const Command&, const Reply& ours, const Reply& theirs) {
  return ours.ending == Ending::closed && ours.bytes.empty() && says(theirs, kError);
}

bool is_long_gat(const Command& command) {
  const TextCommand text(command.bytes);
  return text.raw_line().size() > kLongestLine && text.verb().starts_with("gat");
}

bool long_gat_as_intended(const Command&, const Reply& ours, const Reply& theirs) {
  return ours.ending == Ending::open && ours.bytes.ends_with(kEnd) && theirs.ending == Ending::closed &&
         theirs.bytes.empty();
}

bool fetches_overlong_key(const Command& command) {
  const TextCommand text(command.bytes);
  return text.is_fetch() && text.overlong_key();
}

bool overlong_key_as_intended(const Command& command, const Reply& ours, const Reply& theirs) {
  return says(theirs, kBadLine) && ours.ending == Ending::open && ours.bytes.starts_with("VALUE ") &&
         ours.bytes.ends_with(kBadLine) && TextCommand(command.bytes).raw_line().size() > kLongestLine;
}

bool is_version(const Command& command) { return TextCommand(command.bytes).verb() == "version"; }

bool version_as_intended(const Command&, const Reply& ours, const Reply& theirs) {
  return ours.bytes.starts_with("VERSION 1.6.45-martlet-") && theirs.bytes.starts_with("VERSION 1.6.");
}

bool is_shutdown(const Command& command) { return TextCommand(command.bytes).verb() == "shutdown"; }

bool shutdown_as_intended(const Command&, const Reply& ours, const Reply& theirs) {
  return says(ours, "SERVER_ERROR: shutdown not enabled\r\n") && says(theirs, "ERROR: shutdown not enabled\r\n");
}

bool counts_what_is_held(const Command& command) {
  return command.after_fetch && TextCommand(command.bytes).is_arithmetic();
}

// A fetch of nothing, the largest number stored, and a number added or taken away.
bool counts_high(const Command& command) {
  const TextCommand text(command.bytes);
  return text.word(1) == "nobody" && text.after_line().find(kLargestNumber) != std::string_view::npos;
}

bool counts_high_as_intended(const Command& command, const Reply& ours, const Reply& theirs) {
  std::string_view rest = TextCommand(command.bytes).after_line();
  rest.remove_prefix(rest.find(kLargestNumber) + kLargestNumber.size() + 2);
  const TextCommand count(rest);
  const uint64_t by = loose_number(count.word(2)).value_or(LooseNumber{}).magnitude;
  const uint64_t sum = count.verb() == "incr" ? by - 1 : ~by;
  const std::string before = "END\r\nSTORED\r\n";
  return says(ours, before + std::to_string(sum) + "\r\n") && says(theirs, before + std::string(kNotNumeric));
}

bool closes_at_once(const Command& command) {
  const TextCommand text(command.bytes);
  const bool http = text.words() > 0 && text.word(text.words() - 1).starts_with("HTTP/");
  return text.verb() == "quit" || http || (text.raw_line().size() > kLongestLine && !text.verb().starts_with("get"));
}

constexpr std::array kTable = {
    IntendedDifference{"a line with too few words, or shorter than 4 bytes",
                       "1.6.18 answers ERROR, later ones a bad line", Aftermath::none, is_too_short,
                       short_line_as_intended},
    IntendedDifference{"a line that begins with a space", "1.6.18 skips the space, later ones do not",
                       Aftermath::other_item, begins_with_space, space_as_intended},
    IntendedDifference{"delete with more words", "one text for every bad line", Aftermath::none, is_wordy_delete,
                       wordy_delete_as_intended},
    IntendedDifference{"more words than the command takes", "1.6.18 answers ERROR, later ones ignore them",
                       Aftermath::other_item, is_wordy, wordy_as_intended},
    IntendedDifference{"sign or tab before a delta", "1.6.18 takes what strtoull takes, later ones digits only",
                       Aftermath::other_item, has_loose_delta, loose_delta_as_intended},
    IntendedDifference{"a line above 2,048 bytes",
                       "memcached reads it if all of it arrives at once, here it always closes", Aftermath::closes,
                       is_overlong_line, overlong_line_as_intended},
    IntendedDifference{"a gat line above 2,048 bytes",
                       "it closes in memcached unless all of it arrives at once, here it may be as long as a get",
                       Aftermath::other_item, is_long_gat, long_gat_as_intended},
    IntendedDifference{"an overlong key among several",
                       "memcached drops the hits and queued replies, here replies stay in step",
                       Aftermath::loses_replies, fetches_overlong_key, overlong_key_as_intended},
    IntendedDifference{"a line that closes behind others",
                       "memcached drops replies that are queued, here they are sent first", Aftermath::loses_replies,
                       closes_at_once, never},
    IntendedDifference{"version", "each says its own", Aftermath::none, is_version, version_as_intended},
    IntendedDifference{"shutdown without -A", "1.6.18 says ERROR:, later ones SERVER_ERROR:", Aftermath::none,
                       is_shutdown, shutdown_as_intended},
    IntendedDifference{"incr, decr from 2^63 on",
                       "memcached finds a minus in the memory behind the value, and no number then",
                       Aftermath::other_item, counts_high, counts_high_as_intended},
    IntendedDifference{"incr, decr behind a fetch of the key",
                       "memcached pads a shorter number with spaces unless a reply still holds the item",
                       Aftermath::other_item, counts_what_is_held, never},
};

}  // namespace

DifferenceTable classic_line_differences() { return kTable; }

}  // namespace martlet::differential
