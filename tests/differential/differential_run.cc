// The long run, from the command line: see kUsage.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/differential/server_pair.h"
#include "tests/differential/session.h"

namespace martlet::differential {
namespace {

constexpr std::string_view kUsage =
    "usage: differential_run [options]\n"
    "Says the same random commands to this server and to memcached and compares every byte of the answers.\n"
    "  --commands N      how many commands for each grammar (100000)\n"
    "  --grammar LIST    classic, meta, binary, separated by commas; served: those this server speaks (default); all\n"
    "  --seed N          of the whole run (1); the same seed says the same\n"
    "  --only-round N    plays that round alone, of the seed given; a failure names it\n"
    "  --cuts on|off     cut writes at random places (on)\n"
    "  --server PATH     our side (the server of this build)\n"
    "  --reference PATH  memcached (/usr/bin/memcached)\n"
    "  --help            this\n"
    "Prints what was said, how often each intended difference showed, and the first difference that nothing explains,\n"
    "shrunk to the commands that it takes. Exit code 0: none, 1: one was found or a server failed, 2: usage.\n";

struct CommandLine {
  SessionOptions session;
  std::vector<const Grammar*> grammars;
  std::string server = built_server();
  std::string reference = kDefaultReference;
};

bool read_number(std::string_view text, uint64_t* out) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), *out);
  return failed == std::errc() && end == text.data() + text.size();
}

bool read_grammars(std::string_view list, std::vector<const Grammar*>* out) {
  out->clear();
  if (list == "all") {
    out->assign(all_grammars().begin(), all_grammars().end());
    return true;
  }
  if (list == "served") {
    for (const std::string_view name : kServedGrammars) out->push_back(find_grammar(name));
    return true;
  }
  while (!list.empty()) {
    const std::string_view name = list.substr(0, list.find(','));
    out->push_back(find_grammar(name));
    if (out->back() == nullptr) return false;
    list.remove_prefix(std::min(list.size(), name.size() + 1));
  }
  return !out->empty();
}

bool apply(std::string_view option, std::string_view value, CommandLine* out) {
  uint64_t number = 0;
  if (option == "--grammar") return read_grammars(value, &out->grammars);
  if (option == "--cuts") {
    out->session.cut_writes = value == "on";
    return value == "on" || value == "off";
  }
  if (option == "--server") {
    out->server = value;
    return true;
  }
  if (option == "--reference") {
    out->reference = value;
    return true;
  }
  if (!read_number(value, &number)) return false;
  if (option == "--commands") {
    out->session.commands = number;
  } else if (option == "--seed") {
    out->session.seed = number;
  } else if (option == "--only-round") {
    out->session.first_round = number;
    out->session.commands = 1;
  } else {
    return false;
  }
  return true;
}

std::optional<CommandLine> parse(const std::vector<std::string_view>& words) {
  CommandLine line;
  read_grammars("served", &line.grammars);
  for (size_t i = 0; i < words.size(); i += 2) {
    if (i + 1 == words.size() || !apply(words[i], words[i + 1], &line)) return std::nullopt;
  }
  return line;
}

bool run_grammar(const Grammar& grammar, const CommandLine& line) {
  ServerPair servers;
  std::string error;
  if (!servers.start(line.server, line.reference, &error)) {
    fmt::print("{}\n", error);
    return false;
  }
  const auto begin = std::chrono::steady_clock::now();
  Session session(grammar, servers.ours->endpoint(support::Transport::tcp4),
                  servers.theirs->endpoint(support::Transport::tcp4));
  const SessionResult result = session.run(line.session);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  fmt::print("{}: {} commands in {} rounds, seed {}, {:.1f} s: {}\n", grammar.name, result.commands, result.rounds,
             line.session.seed, seconds, result.failure.empty() ? "no unexplained difference" : "DIFFERENT");
  fmt::print("{}{}", excuse_table(result.excused), result.failure);
  std::fflush(stdout);
  return result.failure.empty();
}

int run(const std::vector<std::string_view>& words) {
  if (words.size() == 1 && words.front() == "--help") {
    fmt::print("{}", kUsage);
    return 0;
  }
  const std::optional<CommandLine> line = parse(words);
  if (!line.has_value()) {
    fmt::print(stderr, "{}", kUsage);
    return 2;
  }
  bool fine = true;
  for (const Grammar* grammar : line->grammars) fine = run_grammar(*grammar, *line) && fine;
  return fine ? 0 : 1;
}

}  // namespace
}  // namespace martlet::differential

int main(int argc, char** argv) { return martlet::differential::run({argv + 1, argv + argc}); }
