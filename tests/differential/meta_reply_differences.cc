// Rows about what is answered to commands that are right: the time left, who wins, the spelling of a key, silence.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "server/base/parse_int.h"
#include "tests/differential/comparer.h"
#include "tests/differential/differences.h"
#include "tests/differential/meta_differences.h"
#include "tests/differential/text_command.h"
#include "tests/differential/text_reply.h"

namespace martlet::differential {
namespace {

bool is_lookup(const TextCommand& text) { return text.verb() == "mg" || text.verb() == "ma"; }

// Where the first flag of that letter stands among the words, 0: nowhere.
size_t flag_at(const TextCommand& text, char letter) {
  for (size_t i = 2; i < text.words(); ++i) {
    if (text.word(i).starts_with(letter)) return i;
  }
  return 0;
}

bool tells_time_too_early(const Command& command) {
  const TextCommand text(command.bytes);
  const size_t told = flag_at(text, 't');
  return is_lookup(text) && told != 0 && (told < flag_at(text, 'N') || told < flag_at(text, 'T'));
}

bool recaches_too_late(const Command& command) {
  const TextCommand text(command.bytes);
  const size_t touched = flag_at(text, 'T');
  return text.verb() == "mg" && touched != 0 && touched < flag_at(text, 'R');
}

bool asks_for_base64_key(const Command& command) {
  const TextCommand text(command.bytes);
  return text.verb() == "mg" && flag_at(text, 'b') != 0 && flag_at(text, 'k') != 0;
}

// What in an answer may differ.
struct Aspects {
  bool time = false;  // the number behind t
  bool win = false;   // whether W is told
  bool key = false;   // how the key is spelled
};

Aspects aspects_of(const Command& command) {
  return {tells_time_too_early(command), recaches_too_late(command), asks_for_base64_key(command)};
}

// An answer taken apart: its line without what may differ, and that.
struct Told {
  std::string line;
  std::string time;
  std::string_view value;  // what stands behind the line
};

Told told(std::string_view bytes, const Aspects& differ) {
  Told out;
  const size_t end = std::min(bytes.find("\r\n"), bytes.size());
  out.value = bytes.substr(end);
  for (std::string_view rest = bytes.substr(0, end); !rest.empty();) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    if (differ.time && !out.line.empty() && word.starts_with('t')) {
      out.time = word.substr(1);
    } else if (!differ.win || word != "W") {
      out.line.append(out.line.empty() ? "" : " ").append(word);
    }
  }
  return out;
}

bool is_time_left(std::string_view text) {
  uint64_t seconds = 0;
  return text == "-1" || parse_u64(text, &seconds);
}

// The same but for CAS ids, and for seconds that may be one apart.
bool alike(const std::string& ours, const std::string& theirs) {
  const ReplyParts our_parts = text_parts(ours);
  const ReplyParts their_parts = text_parts(theirs);
  if (our_parts.size() != their_parts.size()) return false;
  for (size_t i = 0; i < our_parts.size(); ++i) {
    if (our_parts[i].kind != their_parts[i].kind) return false;
    if (our_parts[i].kind == ReplyPart::Kind::cas) continue;
    uint64_t our_seconds = 0;
    uint64_t their_seconds = 0;
    const bool seconds = our_parts[i].kind == ReplyPart::Kind::seconds && parse_u64(our_parts[i].text, &our_seconds) &&
                         parse_u64(their_parts[i].text, &their_seconds);
    if (seconds && same_seconds(our_seconds, their_seconds)) continue;
    if (our_parts[i].text != their_parts[i].text) return false;
  }
  return true;
}

// The key's spelling in our line, told as the reference tells it: decoded, without the b behind it.
std::string with_raw_key(std::string line, std::string_view key) {
  const std::string spelled = std::string(" k").append(key) + " b";
  const size_t at = line.find(spelled);
  if (at == std::string::npos) return line;
  return line.replace(at, spelled.size(), " k" + base64_decoded(key));
}

// The same, but for what may differ?
bool agree(const Command& command, const Reply& ours, const Reply& theirs, const Aspects& differ) {
  if (ours.ending != Ending::open || theirs.ending != Ending::open) return false;
  const Told our_side = told(ours.bytes, differ);
  const Told their_side = told(theirs.bytes, differ);
  if (our_side.time != their_side.time && !(is_time_left(our_side.time) && is_time_left(their_side.time))) return false;
  const std::string their_text = std::string(their_side.line).append(their_side.value);
  const std::string raw_key = with_raw_key(our_side.line, TextCommand(command.bytes).word(1));
  return alike(std::string(our_side.line).append(our_side.value), their_text) ||
         (differ.key && alike(std::string(raw_key).append(our_side.value), their_text));
}

// A command may have several of the forms: each row excuses what could not differ without it.
template <bool Aspects::*kAspect>
bool as_intended(const Command& command, const Reply& ours, const Reply& theirs) {
  const Aspects all = aspects_of(command);
  Aspects others = all;
  others.*kAspect = false;
  return agree(command, ours, theirs, all) && !agree(command, ours, theirs, others);
}

bool makes_number_quietly(const Command& command) {
  const TextCommand text(command.bytes);
  return text.verb() == "ma" && flag_at(text, 'q') != 0 && flag_at(text, 'N') != 0;
}

bool silence_as_intended(const Command& command, const Reply& ours, const Reply& theirs) {
  const bool valued = flag_at(TextCommand(command.bytes), 'v') != 0;
  return says(ours, "") && theirs.ending == Ending::open && theirs.bytes.starts_with(valued ? "VA " : "HD") &&
         theirs.bytes.ends_with("\r\n");
}

bool invalidates_known_id(const Command& command) {
  const TextCommand text(command.bytes);
  return text.verb() == "ms" && command.cas.has_value() && flag_at(text, 'I') != 0;
}

bool older_id_as_intended(const Command& command, const Reply& ours, const Reply& theirs) {
  const bool quiet = flag_at(TextCommand(command.bytes), 'q') != 0;
  return ours.ending == Ending::open && theirs.ending == Ending::open && ours.bytes.starts_with("EX") &&
         (theirs.bytes.starts_with("HD") || (quiet && theirs.bytes.empty()));
}

constexpr std::array kTable = {
    IntendedDifference{"t before N or T",
                       "memcached tells the time left as it is before the flags behind t have set it, here it is the "
                       "time after the command",
                       Aftermath::none, tells_time_too_early, as_intended<&Aspects::time>},
    IntendedDifference{"R behind T",
                       "memcached looks at the expiry that T has set, here at the one that was there before",
                       Aftermath::other_item, recaches_too_late, as_intended<&Aspects::win>},
    IntendedDifference{"mg of a key in base64 with k",
                       "memcached tells the key as the item has it noted, which 1.6.18 forgets where N, append or "
                       "incr make the item; here it is told as the request spelled it",
                       Aftermath::none, asks_for_base64_key, as_intended<&Aspects::key>},
    IntendedDifference{"ma that makes an item quietly",
                       "memcached answers HD or VA although q hides success; here every success is hidden",
                       Aftermath::none, makes_number_quietly, silence_as_intended},
    IntendedDifference{"ms with I and the id of an item that is gone",
                       "ids grow while an item is there; its successor may begin below it here, not in memcached",
                       Aftermath::other_item, invalidates_known_id, older_id_as_intended},
};

}  // namespace

DifferenceTable meta_reply_differences() { return kTable; }

}  // namespace martlet::differential
