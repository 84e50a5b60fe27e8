// The meta commands, with classic ones among them: both see the same items. Only flags that memcached 1.6.18 knows.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "tests/differential/classic_differences.h"
#include "tests/differential/grammar.h"
#include "tests/differential/meta_differences.h"
#include "tests/differential/text_command.h"
#include "tests/differential/vocabulary.h"

namespace martlet::differential {
namespace {

constexpr size_t kLargest = 100000;  // of a value that stays; see the classic grammar

// A key as the wire spells it, with the flag b where it is base64.
struct Key {
  std::string text;
  bool base64 = false;
};

bool is_base64_key(std::string_view key) {
  return std::find(base64_keys().begin(), base64_keys().end(), key) != base64_keys().end();
}

Key key(Random& random) {
  if (random.one_in(6)) return {random.pick(base64_keys()), true};
  return {random.pick(text_keys()), false};
}

using Flags = std::vector<std::string>;

bool half(Random& random) { return random.one_in(2); }

// Far away, or never. No past: the reference counts the time left below zero from above.
std::string later(Random& random) { return half(random) ? "0" : half(random) ? "100000" : "2591999"; }

void add_opaque(Random& random, Flags* flags) {
  static constexpr std::array<size_t, 6> kSizes{1, 2, 8, 30, 31, 32};
  if (random.one_in(4)) flags->push_back("O" + letters(random, random.pick(kSizes)));
}

// Some of the flags that stand for themselves.
void add_some(Random& random, std::string_view letters_of, Flags* flags) {
  for (const char letter : letters_of) {
    if (random.one_in(3)) flags->push_back(std::string(1, letter));
  }
}

void shuffle(Random& random, Flags* flags) {
  for (size_t i = flags->size(); i > 1; --i) std::swap((*flags)[i - 1], (*flags)[random.below(i)]);
}

// A flag that is wrong, or one too many.
void spoil(Random& random, Flags* flags) {
  static constexpr std::array<std::string_view, 15> kWrong{"!", "1",  "S",  "Nx", "N", "Tx",   "Cx", "C",
                                                           "Z", "Dx", "Jx", "J",  "M", "MXyz", "~"};
  switch (random.below(4)) {
    case 0:
      if (!flags->empty()) flags->push_back(flags->front().substr(0, 1));
      break;
    case 1:
      flags->push_back("O" + letters(random, 40));
      break;
    case 2:
      for (const char letter : std::string_view("bcfhklqstuvABDEFGHIJK")) flags->push_back(std::string(1, letter));
      break;
    default:
      flags->emplace_back(random.pick(kWrong));
      break;
  }
}

// The line `verb key [size] flags`. A CAS id, where the command compares one, comes last of all.
Command spell(Random& random, const std::string& head, const Key& of, Flags flags, bool compares, bool spoilt) {
  if (of.base64) flags.emplace_back("b");
  shuffle(random, &flags);
  if (spoilt) spoil(random, &flags);
  Command command;
  command.key = of.text;
  command.bytes = head;
  for (const std::string& flag : flags) command.bytes += " " + flag;
  if (compares && random.one_in(6)) {
    command.bytes += random.one_in(2) ? " C1" : " C9223372036854775000";
  } else if (compares) {
    command.bytes += " C";
    command.cas = CasUse{command.bytes.size(), of.text};
  }
  command.bytes += random.one_in(12) ? " \n" : "\r\n";
  return command;
}

Command fetch(Random& random) {
  const Key of = key(random);
  Flags flags;
  add_some(random, "cfhklqstuv", &flags);
  if (random.one_in(3)) flags.insert(flags.end(), {"c", "k"});
  std::sort(flags.begin(), flags.end());
  flags.erase(std::unique(flags.begin(), flags.end()), flags.end());
  add_opaque(random, &flags);
  if (random.one_in(6)) flags.push_back("N" + later(random));
  if (random.one_in(6)) flags.emplace_back(half(random) ? "R1000000" : "R30");
  if (random.one_in(8)) flags.push_back("T" + later(random));
  return spell(random, "mg " + of.text, of, flags, false, random.one_in(25));
}

Command store(Random& random) {
  static constexpr std::array<std::string_view, 12> kModes{"ME", "MA", "MP", "MR", "MS", "Me",
                                                           "Ma", "Mp", "Mr", "Ms", "MX", "MQ"};
  const Key of = key(random);
  std::string data = value(random);
  Flags flags;
  add_some(random, "kq", &flags);
  if (half(random)) flags.emplace_back("c");
  add_opaque(random, &flags);
  if (half(random)) flags.push_back("F" + std::to_string(client_flags(random)));
  if (random.one_in(3)) flags.push_back("T" + (random.one_in(4) ? "-1" : text_expiry(random)));
  std::string_view mode = random.one_in(3) ? kModes[random.below(random.one_in(10) ? kModes.size() : 5)] : "";
  if (data.size() > 1500) mode = "";
  // The value of a line that is refused may be executed: it is one word that nobody knows, then.
  const bool spoilt = random.one_in(25);
  if (spoilt) data = letters(random, random.between(4, 1000));
  if (mode == "MP") data = letters(random, data.size());
  if (!mode.empty()) flags.emplace_back(mode);
  const bool compares = random.one_in(4);
  // An id below all others, so that the value is taken as stale; it need not come last.
  const bool stales = !compares && random.one_in(12);
  if (stales) flags.emplace_back("C1");
  if (stales || random.one_in(compares ? 4 : 10)) flags.emplace_back("I");
  Command command = spell(random, "ms " + of.text + " " + std::to_string(data.size()), of, flags, compares, spoilt);
  if (spoilt && random.one_in(4)) data += letters(random, 1 + random.below(30));
  command.bytes += data + "\r\n";
  return command;
}

Command remove(Random& random) {
  const Key of = key(random);
  Flags flags;
  add_some(random, "kq", &flags);
  add_opaque(random, &flags);
  if (half(random)) flags.emplace_back("I");
  if (random.one_in(3)) flags.push_back("T" + later(random));
  return spell(random, "md " + of.text, of, flags, random.one_in(4), random.one_in(25));
}

Command arithmetic(Random& random) {
  static constexpr std::array<std::string_view, 8> kModes{"MI", "M+", "MD", "M-", "MI", "MD", "Mi", "MX"};
  const Key of = key(random);
  Flags flags;
  add_some(random, "ckqtv", &flags);
  add_opaque(random, &flags);
  if (random.one_in(3)) flags.push_back("N" + later(random));
  if (random.one_in(3)) flags.push_back("J" + std::to_string(delta(random)));
  if (half(random)) flags.push_back("D" + std::to_string(delta(random)));
  if (random.one_in(6)) flags.push_back("T" + later(random));
  if (half(random)) flags.emplace_back(random.pick(kModes));
  return spell(random, "ma " + of.text, of, flags, random.one_in(5), random.one_in(25));
}

Command debug(Random& random) {
  const Key of = key(random);
  Command command;
  command.bytes = "me " + of.text + (of.base64 ? " b" : "") + "\r\n";
  return command;
}

// The reference executes a line behind a space, which a hit mark would show. A flush in days to come needs all that an
// earlier one took to be looked at first, see the classic grammar: so these keys as well.
Command classic(Random& random) {
  for (;;) {
    Command command = classic_grammar().next(random);
    if (command.ends || command.bytes.starts_with(' ')) continue;
    if (command.bytes.find("\r\nflush_all ") != std::string::npos) {
      for (const std::string& each : base64_keys()) command.bytes.insert(0, "mg " + each + " b\r\n");
    }
    return command;
  }
}

Command wrong(Random& random) {
  static constexpr std::array<std::string_view, 17> kLines{
      "mn",    "mn ",       "mn x", "mg",      "ms",        "md",       "ma",        "me",        "mx",
      "mg !b", "mg YQ b v", "MG a", "ms a 1x", "mg !!!! b", "ma a b k", "mg  a  v ", "mg a v v v"};
  Command command;
  command.bytes = random.pick(kLines);
  if (random.one_in(5)) {
    const std::string_view verb = random.one_in(2) ? "mg " : random.one_in(2) ? "md " : "ma ";
    command.bytes = std::string(verb) + letters(random, random.between(250, 252)) + " k";
  }
  if (random.one_in(8)) {
    // Refused, and its value one word that nobody knows.
    const std::string data = letters(random, random.between(4, 30));
    const std::string size = std::to_string(data.size());
    command.bytes =
        half(random) ? "ms " + letters(random, 251) + " " + size + "\r\n" + data : "ms YQ " + size + " b\r\n" + data;
  }
  command.bytes += "\r\n";
  return command;
}

Command next(Random& random) {
  static constexpr std::array<Command (*)(Random&), 7> kKinds{fetch, store, remove, arithmetic, debug, classic, wrong};
  return kKinds[random.weighted({350, 300, 80, 140, 20, 100, 15})](random);
}

std::string repair(std::string_view of, Random& random) {
  if (!is_base64_key(of)) return classic_grammar().repair(of, random);
  return "ms " + std::string(of) + " 3 b\r\n" + std::to_string(random.between(100, 999)) + "\r\n";
}

// Base64 hides which key it is: such a fetch may hold any.
bool fetches(const Command& command, std::string_view of) {
  const TextCommand text(command.bytes);
  return classic_grammar().fetches(command, of) || (text.verb() == "mg" && is_base64_key(text.word(1)));
}

Command next_and_look(Random& random) {
  Command command = next(random);
  const TextCommand text(command.bytes);
  if (text.verb() == "ms" && command.bytes.size() > kLargest && !command.key.empty()) {
    const std::string look = "mg " + command.key + (is_base64_key(command.key) ? " b v\r\n" : " v k\r\n");
    command.repair = look + repair(command.key, random);
  }
  return command;
}

}  // namespace

const Grammar& meta_grammar() {
  static const Grammar kGrammar{
      "meta",
      "MetaStreamsAgree",
      Dialect::text,
      next_and_look,
      repair,
      fetches,
      {classic_line_differences(), classic_store_differences(), meta_differences(), meta_reply_differences()}};
  return kGrammar;
}

}  // namespace martlet::differential
