// Differences of storage lines: their numbers, and what becomes of their values.
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "tests/differential/classic_differences.h"
#include "tests/differential/differences.h"
#include "tests/differential/text_command.h"
#include "tests/differential/vocabulary.h"

namespace martlet::differential {
namespace {

constexpr uint64_t kMaxLength = 2147483645;

std::optional<LooseNumber> length_of(const TextCommand& text) { return loose_number(text.word(4)); }

// A storage line that says how long its value is.
bool is_measured_store(const TextCommand& text) {
  const auto length = length_of(text);
  return text.is_store() && length.has_value() && !length->negative && length->magnitude <= kMaxLength;
}
std::string_view exptime_of(const TextCommand& text) {
  return text.is_store() ? text.word(3) : text.word(text.verb().starts_with("gat") ? 1 : 2);
}

bool takes_exptime(const TextCommand& text) {
  return is_measured_store(text) || text.verb() == "touch" || text.verb().starts_with("gat");
}

bool has_loose_exptime(const Command& command) {
  const TextCommand text(command.bytes);
  return takes_exptime(text) && has_prefix(exptime_of(text));
}

bool loose_exptime_as_intended(const Command& command, const Reply& ours, const Reply& theirs) {
  const TextCommand text(command.bytes);
  const std::string_view line = text.is_store() ? kBadLine : kBadExptime;
  return says_unless_silenced(text, ours, line) && theirs.ending == Ending::open;
}

bool has_long_exptime(const Command& command) {
  const TextCommand text(command.bytes);
  const auto number = loose_number(exptime_of(text));
  return takes_exptime(text) && number.has_value() && !fits_i32(*number) && fits_i64(*number);
}

bool has_long_flags(const Command& command) {
  const TextCommand text(command.bytes);
  const auto number = loose_number(text.word(2));
  return is_measured_store(text) && number.has_value() && !number->negative && !fits_u32(*number);
}

bool long_flags_as_intended(const Command& command, const Reply& ours, const Reply& theirs) {
  const TextCommand text(command.bytes);
  return says_unless_silenced(text, ours, kBadLine) && theirs.ending == Ending::open && theirs.bytes != ours.bytes;
}

bool is_refused_store(const Command& command) {
  const TextCommand text(command.bytes);
  if (!is_measured_store(text)) return false;
  const auto flags = loose_number(text.word(2));
  const auto exptime = loose_number(text.word(3));
  const auto id = loose_number(text.verb() == "cas" && !command.cas.has_value() ? text.word(5) : "1");
  return text.overlong_key() || !flags.has_value() || flags->negative || !exptime.has_value() || !fits_i64(*exptime) ||
         !id.has_value() || id->negative || has_prefix(text.word(5));
}

bool refused_store_as_intended(const Command& command, const Reply& ours, const Reply& theirs) {
  const TextCommand text(command.bytes);
  const std::string executed = std::string(text.noreply() ? std::string_view() : kBadLine).append(kError);
  const bool taken = has_prefix(text.word(2)) || has_prefix(text.word(3)) || has_prefix(text.word(5));
  return says_unless_silenced(text, ours, kBadLine) &&
         (says(theirs, executed) || (taken && theirs.ending == Ending::open));
}

bool has_unusable_length(const Command& command) {
  const TextCommand text(command.bytes);
  return text.is_store() && text.words() >= 5 && !is_measured_store(text);
}

// Digits, be they more than 64 bits hold: a length, though nobody has so many bytes.
bool is_beyond_belief(std::string_view word) {
  if (word.starts_with('-')) word.remove_prefix(1);
  return !word.empty() && word.find_first_not_of("0123456789") == std::string_view::npos;
}

bool unusable_length_as_intended(const Command& command, const Reply& ours, const Reply& theirs) {
  const TextCommand text(command.bytes);
  const std::string executed = std::string(kBadLine).append(kError);
  const bool our_answer =
      is_beyond_belief(text.word(4)) ? ours.ending == Ending::closed && ours.bytes == kBadLine : says(ours, executed);
  return our_answer && (says(theirs, executed) || (text.noreply() && says(theirs, kError)));
}

bool has_bad_chunk(const Command& command) {
  const TextCommand text(command.bytes);
  if (!is_measured_store(text)) return false;
  return text.after_line().size() != static_cast<size_t>(length_of(text)->magnitude) + 2;
}

bool bad_chunk_as_intended(const Command& command, const Reply& ours, const Reply& theirs) {
  const TextCommand text(command.bytes);
  const std::string executed = std::string(text.noreply() ? std::string_view() : kBadChunk).append(kError);
  return says_unless_silenced(text, ours, kBadChunk) && says(theirs, executed);
}

bool is_near_the_limit(const Command& command) {
  const TextCommand text(command.bytes);
  if (!is_measured_store(text)) return false;
  const uint64_t size = length_of(text)->magnitude;
  return size > kItemLimit - kItemOverhead && size <= kItemLimit;
}

bool near_the_limit_as_intended(const Command& command, const Reply& ours, const Reply& theirs) {
  return ours.ending == Ending::open && ours.bytes != kTooLarge &&
         says_unless_silenced(TextCommand(command.bytes), theirs, kTooLarge);
}

constexpr std::array kTable = {
    IntendedDifference{"sign or tab before an exptime", "1.6.18 takes what strtol takes, later ones digits only",
                       Aftermath::other_item, has_loose_exptime, loose_exptime_as_intended},
    IntendedDifference{"exptime above 32 bits", "memcached cuts it off, so the item expires otherwise",
                       Aftermath::other_item, has_long_exptime, never},
    IntendedDifference{"flags above 32 bits", "memcached cuts them off, here they are refused", Aftermath::other_item,
                       has_long_flags, long_flags_as_intended},
    IntendedDifference{"the value of a refused storage line", "1.6.18 executes it as commands, here it is dropped",
                       Aftermath::other_item, is_refused_store, refused_store_as_intended},
    IntendedDifference{"a length that cannot be used",
                       "1.6.18 honours noreply and goes on; a length beyond belief closes here", Aftermath::closes,
                       has_unusable_length, unusable_length_as_intended},
    IntendedDifference{"a value longer than announced", "memcached executes what follows it, here that line is dropped",
                       Aftermath::none, has_bad_chunk, bad_chunk_as_intended},
    IntendedDifference{"a value about as large as -I", "-I bounds the value here, the whole item in memcached",
                       Aftermath::other_item, is_near_the_limit, near_the_limit_as_intended},
};

}  // namespace

DifferenceTable classic_store_differences() { return kTable; }

}  // namespace martlet::differential
