// Rows about flags, opaques, values and the debug command.
#include "tests/differential/meta_differences.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string>
#include <string_view>

#include "server/base/parse_int.h"
#include "tests/differential/comparer.h"
#include "tests/differential/differences.h"
#include "tests/differential/text_command.h"
#include "tests/differential/vocabulary.h"

namespace martlet::differential {
namespace {

constexpr std::string_view kInvalidFlag = "CLIENT_ERROR invalid flag\r\n";
constexpr std::string_view kDuplicateFlag = "CLIENT_ERROR duplicate flag\r\n";
constexpr std::string_view kInvalidOrDuplicate = "CLIENT_ERROR invalid or duplicate flag\r\n";
constexpr std::string_view kBadToken = "CLIENT_ERROR bad token in command line format\r\n";
constexpr std::string_view kBadInitial = "CLIENT_ERROR invalid numeric initial value\r\n";
constexpr std::string_view kBadDeltaToken = "CLIENT_ERROR invalid numeric delta value\r\n";
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

// The fields of `ME <key> exp= la= cas= fetch= cls= size=`, each without its name.
struct DebugLine {
  std::string_view key;
  std::string_view exp;
  uint64_t la = 0;
  uint64_t cas = 0;
  std::string_view fetch;
  uint64_t cls = 0;
  uint64_t size = 0;
};

std::optional<DebugLine> debug_line(const Reply& reply) {
  const TextCommand text(reply.bytes);
  static constexpr std::array<std::string_view, 8> kNames{"", "", "exp=", "la=", "cas=", "fetch=", "cls=", "size="};
  if (reply.ending != Ending::open || text.words() != kNames.size() || text.word(0) != "ME") return std::nullopt;
  std::array<std::string_view, kNames.size()> fields;
  for (size_t i = 1; i < kNames.size(); ++i) {
    if (!text.word(i).starts_with(kNames[i])) return std::nullopt;
    fields[i] = text.word(i).substr(kNames[i].size());
  }
  DebugLine line{fields[1], fields[2], 0, 0, fields[5], 0, 0};
  const bool numbers = parse_u64(fields[3], &line.la) && parse_u64(fields[4], &line.cas) &&
                       parse_u64(fields[6], &line.cls) && parse_u64(fields[7], &line.size);
  return numbers && text.after_line().empty() ? std::optional(line) : std::nullopt;
}

// -1: never. The reference counts the time left below zero.
bool same_end(std::string_view ours, std::string_view theirs) {
  uint64_t our_seconds = 0;
  uint64_t their_seconds = 0;
  if (!theirs.starts_with('-') || ours == "-1") return ours == theirs;
  return parse_u64(ours, &our_seconds) && parse_u64(theirs.substr(1), &their_seconds) &&
         same_seconds(our_seconds, their_seconds);
}

bool debug_as_intended(const Command& command, const Reply& ours, const Reply& theirs) {
  const auto our_line = debug_line(ours);
  const auto their_line = debug_line(theirs);
  if (!our_line.has_value() || !their_line.has_value()) return false;
  const bool base64 = has_flag(command, [](std::string_view flag) { return flag == "b"; });
  return (our_line->key == their_line->key || (base64 && base64_decoded(our_line->key) == their_line->key)) &&
         same_end(our_line->exp, their_line->exp) && same_seconds(our_line->la, their_line->la) &&
         our_line->fetch == their_line->fetch && our_line->cas != 0 && their_line->cas != 0;
}

bool has_opaque_of_32(const Command& command) {
  return has_flag(command,
                  [](std::string_view flag) { return flag.starts_with('O') && flag.size() == kOpaqueLimit + 1; });
}

bool opaque_as_intended(const Command&, const Reply& ours, const Reply& theirs) {
  return ours.ending == Ending::open && ours.bytes != kOpaqueTooLong &&
         (says(theirs, kOpaqueTooLong) || says(theirs, kInvalidOrDuplicate));
}

bool acts_before_its_opaque_is_refused(const Command& command) {
  const TextCommand text(command.bytes);
  return (text.verb() == "ma" || text.verb() == "mg") && has_flag(command, [](std::string_view flag) {
           return flag.starts_with('O') && flag.size() > kOpaqueLimit + 1;
         });
}

bool long_opaque_as_intended(const Command&, const Reply& ours, const Reply& theirs) {
  return says(ours, kOpaqueTooLong) && theirs.ending == Ending::open &&
         (theirs.bytes == kNotNumeric || theirs.bytes.starts_with("NF") || theirs.bytes.starts_with("EX"));
}

bool grows_with_expiry(const Command& command) {
  const auto is = [&command](std::string_view wanted) {
    return has_flag(command, [wanted](std::string_view flag) { return flag.starts_with(wanted); });
  };
  return TextCommand(command.bytes).verb() == "ma" && is("T") && !is("MD") && !is("Md") && !is("M-") && !is("D0");
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
  const bool told_apart = says(ours, kInvalidFlag) || says(ours, kDuplicateFlag) || says(ours, kBadToken) ||
                          says(ours, kBadInitial) || says(ours, kBadDeltaToken);
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

bool is_refused_and_keeps(const Command& command) {
  const auto size = announced(TextCommand(command.bytes));
  return size.has_value() && *size > kItemLimit - kItemOverhead &&
         (command.cas.has_value() || has_flag(command, [](std::string_view flag) {
            return flag.starts_with('C') || (flag.starts_with('M') && !flag.starts_with("MS"));
          }));
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
    IntendedDifference{"me",
                       "cls and size are those of each server's own storage; 1.6.18 tells the time left "
                       "with a minus, and may tell a key in base64 decoded",
                       Aftermath::none, asks_for_debug, debug_as_intended},
    IntendedDifference{"an opaque of 32 bytes", "memcached counts the letter O, so it takes 31; the document says 32",
                       Aftermath::other_item, has_opaque_of_32, opaque_as_intended},
    IntendedDifference{"mg, ma with an opaque that is too long",
                       "memcached acts before it refuses the opaque, and tells what is wrong with that first",
                       Aftermath::other_item, acts_before_its_opaque_is_refused, long_opaque_as_intended},
    IntendedDifference{"ma with T where the number grows",
                       "1.6.18 gives the expiry to the item that the longer number has just replaced",
                       Aftermath::other_item, grows_with_expiry, never},
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
    IntendedDifference{"ms that is too large, and no plain set",
                       "memcached removes the old item in any mode, here only what was to replace it does",
                       Aftermath::other_item, is_refused_and_keeps, never},
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
