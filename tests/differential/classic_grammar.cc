// The classic commands: right ones, and the many ways to get them wrong.
#include <array>
#include <string>
#include <vector>

#include "tests/differential/classic_differences.h"
#include "tests/differential/grammar.h"
#include "tests/differential/text_command.h"
#include "tests/differential/vocabulary.h"

namespace martlet::differential {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr size_t kLongestLine = 2048;  // unless it is a get or gets
constexpr std::array<std::string_view, 5> kStores{"set", "add", "replace", "append", "prepend"};

std::string key(Random& random) { return random.pick(text_keys()); }

std::string noreply(Random& random) { return random.one_in(6) ? " noreply" : ""; }

// The line's end, and whether words stand further apart than they must.
std::string line_end(Random& random) {
  std::string end(random.one_in(10) ? random.below(3) : 0, ' ');
  return end + (random.one_in(10) ? "\n" : "\r\n");
}

std::string overlong_key(Random& random) { return std::string(random.one_in(2) ? 251 : 300, 'o'); }

// Of a value behind which a number may stand or come: what is kept in pieces cannot be counted with, and the servers
// begin at different sizes to do so.
constexpr size_t kLargestAppended = 1500;
// A value so large that nothing may be appended to it is fetched at once and replaced: the servers' limits differ.
constexpr size_t kLargest = 100000;

std::string repair(std::string_view key, Random& random) {
  const std::string data = std::to_string(random.below(1000));
  return "set " + std::string(key) + " 0 0 " + std::to_string(data.size()) + "\r\n" + data + "\r\n";
}

std::string look_and_repair(const std::string& key, Random& random) {
  return "get " + key + "\r\n" + repair(key, random);
}

Command store(Random& random) {
  Command command;
  command.key = key(random);
  std::string data = value(random);
  std::string_view verb = random.one_in(3) ? random.pick(kStores) : "set";
  if (data.size() > kLargestAppended) verb = "set";
  if (data.size() > kLargest) command.repair = look_and_repair(command.key, random);
  if (verb == "prepend") data = letters(random, data.size());
  command.bytes.append(verb).append(" ").append(command.key).append(" ").append(std::to_string(client_flags(random)));
  command.bytes.append(" ").append(text_expiry(random)).append(" ").append(std::to_string(data.size()));
  command.bytes.append(noreply(random)).append(line_end(random)).append(data).append(kLineEnd);
  return command;
}

Command compare_and_swap(Random& random) {
  Command command;
  command.key = key(random);
  const std::string data = value(random);
  if (data.size() > kLargest) command.repair = look_and_repair(command.key, random);
  command.bytes.append("cas ").append(command.key).append(" ").append(std::to_string(client_flags(random)));
  command.bytes.append(" ").append(text_expiry(random)).append(" ").append(std::to_string(data.size())).append(" ");
  if (random.one_in(8)) {
    command.bytes.append(random.one_in(2) ? "0" : "18446744073709551615");
  } else {
    command.cas = CasUse{command.bytes.size(), command.key};
  }
  command.bytes.append(noreply(random)).append(line_end(random)).append(data).append(kLineEnd);
  return command;
}

Command fetch(Random& random) {
  static constexpr std::array<std::string_view, 5> kVerbs{"get", "gets", "gets", "gat", "gats"};
  Command command;
  std::string keys = key(random);
  command.key = keys;
  const size_t more = random.one_in(4) ? random.below(30) : 0;
  if (more > 0) command.key.clear();
  for (size_t i = 0; i < more; ++i) {
    keys.append(random.one_in(12) ? 2 : 1, ' ').append(random.one_in(5) ? "nobody" : key(random));
  }
  command.bytes = random.pick(kVerbs);
  const bool touches = command.bytes.starts_with("gat");
  // The reference may close at such a line before it has touched anything or shown an id.
  command.ends = touches && keys.size() > kLongestLine - 50;
  if (command.ends) command.bytes = "gat";
  if (touches) command.bytes += " " + (command.ends ? "0" : text_expiry(random));
  command.bytes.append(" ").append(keys).append(line_end(random));
  return command;
}

Command one_line(std::string bytes, std::string key = {}) {
  Command command;
  command.bytes = std::move(bytes);
  command.key = std::move(key);
  return command;
}

Command arithmetic(Random& random) {
  const std::string of = random.one_in(2) ? "counter" : key(random);
  const std::string verb = random.one_in(2) ? "incr " : "decr ";
  return one_line(verb + of + " " + std::to_string(delta(random)) + noreply(random) + line_end(random), of);
}

// The largest number, counted with at once.
Command count_high(Random& random) {
  const std::string of = key(random);
  const std::string verb = random.one_in(2) ? "incr " : "decr ";
  return one_line("get nobody\r\nset " + of + " 0 0 20\r\n" + std::string(kLargestNumber) + "\r\n" + verb + of + " " +
                      std::to_string(large_delta(random)) + "\r\n",
                  of);
}

Command remove(Random& random) {
  const std::string of = key(random);
  return one_line("delete " + of + (random.one_in(8) ? " 0" : "") + noreply(random) + line_end(random), of);
}

Command touch(Random& random) {
  const std::string of = key(random);
  return one_line("touch " + of + " " + text_expiry(random) + noreply(random) + line_end(random), of);
}

// A flush in days to come. The reference has one mark for all flushes, so that it would bring back what an earlier
// flush took and nobody has looked at since: everything is looked at first.
Command flush_later(Random& random) {
  std::string bytes = "get";
  for (const std::string& each : text_keys()) bytes += " " + each;
  return one_line(bytes + "\r\nflush_all 100000" + noreply(random) + line_end(random));
}

Command administer(Random& random) {
  static constexpr std::array<std::string_view, 12> kLines{"flush_all",           "flush_all 0",
                                                           "flush_all -1",        "flush_all noreply",
                                                           "flush_all 0 noreply", "verbosity 0",
                                                           "verbosity 0 noreply", "version",
                                                           "cache_memlimit 256",  "cache_memlimit 256 noreply",
                                                           "cache_memlimit 7",    "shutdown"};
  if (random.one_in(8)) return flush_later(random);
  return one_line(std::string(random.pick(kLines)) + line_end(random));
}

Command leave(Random& random) {
  static constexpr std::array<std::string_view, 6> kLines{
      "quit", "quit 1", "GET / HTTP/1.0", "bogus HTTP/1.1 ", "Host: HTTP/", "quit noreply"};
  Command command = one_line(std::string(random.pick(kLines)) + line_end(random));
  command.ends = true;
  return command;
}

// The value of a line that is refused: one unknown word, so that a server that executes it says ERROR and no more.
std::string harmless_block(Random& random, size_t size) { return letters(random, size).append(kLineEnd); }

// None that the reference would take for a number, or cut to one: it would wait for so many bytes.
std::string unusable_length(Random& random) {
  static constexpr std::array<std::string_view, 12> kLengths{"x",
                                                             "1x",
                                                             "-",
                                                             "-1",
                                                             "0x1",
                                                             "1.5",
                                                             "2147483646",
                                                             "2147483648",
                                                             "-2147483648",
                                                             "18446744073709551615",
                                                             "18446744073709551616",
                                                             "99999999999999999999999"};
  return std::string(random.pick(kLengths));
}

// A number of a storage line is odd, or its key is too long, or words follow that do not belong there.
Command refused_store(Random& random) {
  const size_t size = static_cast<size_t>(random.below(random.one_in(4) ? 1000 : 20));
  std::array<std::string, 5> words{key(random), "0", "0", std::to_string(size), "1"};
  const bool with_id = random.one_in(4);
  const size_t spoilt = random.below(with_id ? 5 : 4);
  words[spoilt] = spoilt == 0 ? overlong_key(random) : odd_number(random);
  if (spoilt == 3) words[3] = unusable_length(random);
  Command command = one_line(with_id ? "cas" : std::string(random.one_in(2) ? "set" : random.pick(kStores)),
                             spoilt == 0 ? std::string() : words[0]);
  for (size_t i = 0; i < (with_id ? 5U : 4U); ++i) command.bytes.append(" ").append(words[i]);
  if (spoilt != 3 && random.one_in(8)) command.bytes.append(" further");
  command.bytes.append(noreply(random)).append(line_end(random));
  // Without a number nobody can tell how much belongs to the value: so there is none, only a line.
  command.bytes += spoilt == 3 ? harmless_block(random, 5) : harmless_block(random, size);
  command.ends = spoilt == 3;
  return command;
}

// The value is longer than announced.
Command bad_chunk(Random& random) {
  const size_t size = static_cast<size_t>(random.below(random.one_in(4) ? 1000 : 20));
  const size_t more = 1 + static_cast<size_t>(random.below(40));
  const std::string of = key(random);
  return one_line("set " + of + " 0 0 " + std::to_string(size) + noreply(random) + line_end(random) +
                      harmless_block(random, size + more),
                  of);
}

Command too_large(Random& random) {
  const size_t size = kItemLimit + 1 + static_cast<size_t>(random.below(2000));
  const std::string of = key(random);
  return one_line(std::string(random.pick(kStores)) + " " + of + " 0 0 " + std::to_string(size) + noreply(random) +
                      line_end(random) + harmless_block(random, size),
                  of);
}

// What stands where an expiry or a delta is asked for. A flush must be at once or never, since its time is everybody's;
// and a verbosity that is a number would make both servers write logs.
std::string spoilt_number(Random& random, std::string_view verb) {
  static constexpr std::array<std::string_view, 4> kJunk{"x", "1x", "-", "1.5"};
  if (verb == "flush_all" || verb == "verbosity") return std::string(random.pick(kJunk));
  const std::string number = odd_number(random);
  // Counting that goes through is kept below 2^63; see large_delta().
  return number == kLargestNumber && verb != "touch" ? "18446744073709551616" : number;
}

// A line without a value that is spoilt in one place or two.
Command spoilt_line(Random& random) {
  static constexpr std::array<std::string_view, 10> kVerbs{"get",  "gets", "gat",   "gats",      "delete",
                                                           "incr", "decr", "touch", "flush_all", "verbosity"};
  const std::string verb(random.pick(kVerbs));
  const bool keyed = verb != "flush_all" && verb != "verbosity";
  const bool fetches = verb.starts_with("g");
  Command command = one_line(verb);
  if (verb.starts_with("get") && random.one_in(10)) command.bytes.insert(0, " ");
  if (verb.starts_with("gat")) command.bytes += " " + (random.one_in(2) ? odd_number(random) : "0");
  if (keyed && !random.one_in(6)) {
    command.key = key(random);
    command.bytes += " " + command.key;
    if (fetches && random.one_in(3)) command.bytes += " " + overlong_key(random);
    if (!fetches && random.one_in(5)) {
      command.bytes += "o" + overlong_key(random);
      command.key.clear();
    }
  }
  if (!fetches && verb != "delete" && !random.one_in(5)) command.bytes += " " + spoilt_number(random, verb);
  if (!fetches && keyed && random.one_in(6)) command.bytes += " 7";
  if (!fetches) command.bytes += noreply(random);
  command.bytes += line_end(random);
  return command;
}

Command nonsense(Random& random) {
  static constexpr std::array<std::string_view, 26> kLines{
      "",       "a",      "ab",     "abc",       "bogus", "bogus a b", "GET a",         "Get a",
      "getx a", "ge a",   " get a", "  version", "set",   "set a",     "add a 0",       "set a 0 0",
      "get\ta", "delete", "incr a", "touch",     "gat 0", "noreply",   "bogus noreply", "cache_memlimit x"};
  if (random.one_in(10)) {
    // A line that is longer than a line may be, unless it is a get.
    Command command = one_line((random.one_in(3) ? "get " : "bogus ") + letters(random, 200));
    while (command.bytes.size() < 2500) command.bytes.append(" ").append(letters(random, 200));
    command.bytes += kLineEnd;
    command.ends = !command.bytes.starts_with("get ");
    return command;
  }
  return one_line(std::string(random.pick(kLines)) + line_end(random));
}

Command next(Random& random) {
  static constexpr std::array<Command (*)(Random&), 14> kKinds{
      store, compare_and_swap, fetch,     arithmetic,  remove,   touch,     administer,
      leave, refused_store,    bad_chunk, spoilt_line, nonsense, too_large, count_high};
  return kKinds[random.weighted({300, 90, 290, 120, 40, 40, 8, 3, 14, 6, 30, 10, 1, 10})](random);
}

bool fetches(const Command& command, std::string_view key) {
  const TextCommand text(command.bytes);
  if (!text.is_fetch() && text.verb() != "mg") return false;
  for (size_t i = 1; i < text.words(); ++i) {
    if (text.word(i) == key) return true;
  }
  return false;
}

}  // namespace

const Grammar& classic_grammar() {
  static const Grammar kGrammar{"classic",
                                "ClassicStreamsAgree",
                                Dialect::text,
                                next,
                                repair,
                                fetches,
                                {classic_line_differences(), classic_store_differences()}};
  return kGrammar;
}

}  // namespace martlet::differential
