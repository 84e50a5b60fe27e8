// Rows about flags, opaques, values and the debug command.
#include "tests/differential/meta_differences.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string>
#include <string_view>

#include "tests/differential/differences.h"
#include "tests/differential/text_command.h"
#include "tests/differential/vocabulary.h"

namespace martlet::differential {
namespace {

constexpr std::string_view kInvalidFlag = "CLIENT_ERROR invalid flag\r\n";
constexpr std::string_view kDuplicateFlag = "CLIENT_ERROR duplicate flag\r\n";
constexpr std::string_view kInvalidOrDuplicate = "CLIENT_ERROR invalid or duplicate flag\r\n";
constexpr std::string_view kBadToken = "CLIENT_ERROR bad token in command line format\r\n";
constexpr std::string_view kOpaqueTooLong = "CLIENT_ERROR opaque token too long\r\n";
constexpr std::string_view kModeLength = "CLIENT_ERROR incorrect length for M token\r\n";
constexpr size_t kOpaqueLimit = 32;

size_t first_flag(const TextCommand& text) { return text.verb() == "ms" ? 3 : 2; }

// Does any flag of the meta command satisfy `is`?
template <typename Is>
bool has_flag(const Command& command, Is is) {
  const TextCommand text(command.bytes);
  if (!text.is_meta()) return false;
  for (size_t i = first_flag(text); i < text.words(); ++i) {
    if (is(text.word(i))) return true;
  }
  return false;
}

bool asks_for_debug(const Command& command) { return TextCommand(command.bytes).verb() == "me"; }

// `line` without the digits behind cls= and size=, without its CAS id and the time it has left.
std::string without_storage(std::string_view line) {
  std::string text;
  bool skipping = false;
  for (size_t i = 0; i < line.size(); ++i) {
    skipping = skipping && std::isdigit(static_cast<unsigned char>(line[i])) != 0;
    if (!skipping) text += line[i];
    const bool number = text.ends_with("cls=") || text.ends_with("size=") || text.ends_with("cas=");
    if (number || text.ends_with(" exp=-") || (text.ends_with(" exp=") && line[i + 1] != '-')) skipping = true;
  }
  return text;
}

bool debug_as_intended(const Command&, const Reply& ours, const Reply& theirs) {
  return ours.bytes.starts_with("ME ") && ours.ending == Ending::open && theirs.ending == Ending::open &&
         without_storage(ours.bytes) == without_storage(theirs.bytes);
}

bool has_opaque_of_32(const Command& command) {
  return has_flag(command,
                  [](std::string_view flag) { return flag.starts_with('O') && flag.size() == kOpaqueLimit + 1; });
}

bool opaque_as_intended(const Command&, const Reply& ours, const Reply& theirs) {
  return ours.ending == Ending::open && ours.bytes != kOpaqueTooLong &&
         (says(theirs, kOpaqueTooLong) || says(theirs, kInvalidOrDuplicate));
}

bool has_foreign_sign(const Command& command) {
  return has_flag(command, [](std::string_view flag) {
    const auto first = static_cast<unsigned char>(flag.front());
    return std::isdigit(first) == 0 && (first < 65 || first > 122);
  });
}

bool foreign_sign_as_intended(const Command&, const Reply& ours, const Reply& theirs) {
  return says(ours, kBadLine) && (says(theirs, kInvalidFlag) || says(theirs, kInvalidOrDuplicate));
}

bool has_flags_to_refuse(const Command& command) {
  const TextCommand text(command.bytes);
  return text.verb() == "md" && text.words() > 2;
}

bool refused_flags_as_intended(const Command&, const Reply& ours, const Reply& theirs) {
  const bool told_apart = says(ours, kInvalidFlag) || says(ours, kDuplicateFlag) || says(ours, kBadToken);
  return told_apart && says(theirs, kInvalidOrDuplicate);
}

bool has_odd_mode(const Command& command) {
  return has_flag(command, [](std::string_view flag) { return flag.starts_with('M') && flag.size() != 2; });
}

bool odd_mode_as_intended(const Command&, const Reply& ours, const Reply& theirs) {
  return theirs.ending == Ending::open && ours.ending == Ending::open &&
         (says(theirs, kModeLength) || says(theirs, kInvalidOrDuplicate));
}

bool is_meta_store(const TextCommand& text) { return text.verb() == "ms" && text.words() >= 3; }

std::optional<uint64_t> announced(const TextCommand& text) {
  const auto size = loose_number(text.word(2));
  if (!is_meta_store(text) || !size.has_value() || size->negative) return std::nullopt;
  return size->magnitude;
}

bool has_surplus(const Command& command) {
  const TextCommand text(command.bytes);
  const auto size = announced(text);
  return size.has_value() && text.after_line().size() != *size + 2;
}

// Both tell of the bad chunk or of what was wrong before; the reference executes the rest.
bool surplus_as_intended(const Command&, const Reply& ours, const Reply& theirs) {
  return ours.ending == Ending::open && theirs.ending == Ending::open && ours.bytes.starts_with("CLIENT_ERROR ") &&
         theirs.bytes.size() > kError.size() && theirs.bytes.ends_with(kError);
}

bool has_too_many_flags(const Command& command) {
  const TextCommand text(command.bytes);
  return text.is_meta() && text.words() > 20;
}

// The value of an ms, if it is one, is executed there.
bool too_many_flags_as_intended(const Command& command, const Reply& ours, const Reply& theirs) {
  const std::string older = "CLIENT_ERROR options flags too long\r\n";
  const bool store = TextCommand(command.bytes).verb() == "ms";
  return says(ours, "CLIENT_ERROR options flags are too long\r\n") &&
         (says(theirs, older) || (store && says(theirs, older + std::string(kError))) ||
          (store && says(theirs, "CLIENT_ERROR options flags are too long\r\n" + std::string(kError))));
}

bool is_refused_for_its_key(const Command& command) {
  const TextCommand text(command.bytes);
  return is_meta_store(text) && text.overlong_key();
}

bool refused_key_as_intended(const Command&, const Reply& ours, const Reply& theirs) {
  return says(ours, kBadLine) && says(theirs, std::string(kBadLine).append(kError));
}

bool is_near_the_limit(const Command& command) {
  const auto size = announced(TextCommand(command.bytes));
  return size.has_value() && *size > kItemLimit - kItemOverhead && *size <= kItemLimit;
}

bool near_the_limit_as_intended(const Command&, const Reply& ours, const Reply& theirs) {
  return ours.ending == Ending::open && ours.bytes != kTooLarge && says(theirs, kTooLarge);
}

bool counts_with_id(const Command& command) {
  return TextCommand(command.bytes).verb() == "ma" &&
         (command.cas.has_value() || has_flag(command, [](std::string_view flag) { return flag.starts_with('C'); }));
}

bool counts_with_id_as_intended(const Command&, const Reply& ours, const Reply& theirs) {
  return ours.ending == Ending::open && ours.bytes.starts_with("EX") && says(theirs, kNotNumeric);
}

bool counts_what_is_held(const Command& command) {
  return command.after_fetch && TextCommand(command.bytes).verb() == "ma";
}

constexpr std::array kTable = {
    IntendedDifference{"me", "cls and size are those of each server's own storage", Aftermath::none, asks_for_debug,
                       debug_as_intended},
    IntendedDifference{"an opaque of 32 bytes", "memcached counts the letter O, so it takes 31; the document says 32",
                       Aftermath::other_item, has_opaque_of_32, opaque_as_intended},
    IntendedDifference{"a flag that is no letter", "1.6.18 says invalid flag, later ones a bad line", Aftermath::none,
                       has_foreign_sign, foreign_sign_as_intended},
    IntendedDifference{"md with a wrong flag", "1.6.18 has one text for all of them, later ones tell them apart",
                       Aftermath::none, has_flags_to_refuse, refused_flags_as_intended},
    IntendedDifference{"a mode that is not one letter", "1.6.18 refuses it, later ones read the first letter",
                       Aftermath::other_item, has_odd_mode, odd_mode_as_intended},
    IntendedDifference{"ms with a value longer than announced",
                       "memcached executes what follows it, here that line is dropped", Aftermath::none, has_surplus,
                       surplus_as_intended},
    IntendedDifference{"more than 20 words", "1.6.18 has another text and executes the value of an ms", Aftermath::none,
                       has_too_many_flags, too_many_flags_as_intended},
    IntendedDifference{"ms with an overlong key", "1.6.18 executes the value as commands, here it is dropped",
                       Aftermath::none, is_refused_for_its_key, refused_key_as_intended},
    IntendedDifference{"ms with a value about as large as -I", "-I bounds the value here, the whole item in memcached",
                       Aftermath::other_item, is_near_the_limit, near_the_limit_as_intended},
    IntendedDifference{"ma on an empty value with an id that does not match",
                       "memcached looks at an empty value before it looks at the id", Aftermath::none, counts_with_id,
                       counts_with_id_as_intended},
    IntendedDifference{"ma behind a fetch of the key",
                       "memcached pads a shorter number with spaces unless a reply still holds the item",
                       Aftermath::other_item, counts_what_is_held, never},
};

}  // namespace

DifferenceTable meta_differences() { return kTable; }

}  // namespace martlet::differential
