// Parsing, the environment's lines, the run and the tables.
#include "tests/bench/bench_main.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/errors.h"
#include "tests/bench/report.h"
#include "tests/bench/runner.h"
#include "tests/bench/server.h"

namespace martlet::bench {
namespace {

struct CommandLine {
  Sides sides;
  LoadOptions load;
  std::vector<std::string> only;
  bool list = false;
};

std::optional<unsigned> number(std::string_view text, unsigned least, unsigned most) {
  unsigned value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size() || value < least || value > most) return std::nullopt;
  return value;
}

bool known_scenario(const Program& program, std::string_view name) {
  for (const Scenario& scenario : program.scenarios) {
    if (scenario.name == name) return true;
  }
  return false;
}

bool split_names(const Program& program, std::string_view list, std::vector<std::string>& out) {
  while (!list.empty()) {
    const std::string_view name = list.substr(0, list.find(','));
    if (!known_scenario(program, name)) return false;
    out.emplace_back(name);
    list.remove_prefix(std::min(list.size(), name.size() + 1));
  }
  return true;
}

bool apply(const Program& program, std::string_view name, std::string_view value, CommandLine& out) {
  std::optional<unsigned> parsed;
  if (name == "--server") {
    out.sides.server = value;
  } else if (name == "--peer") {
    out.sides.peer = value;
  } else if (name == "--only") {
    return split_names(program, value, out.only);
  } else if (name == "--traces" && program.takes_traces) {
    out.load.traces = value;
  } else if (name == "--rounds" && (parsed = number(value, 1, 101))) {
    out.load.rounds = *parsed;
  } else if (name == "--seconds" && program.takes_seconds && (parsed = number(value, 1, 60))) {
    out.load.seconds = *parsed;
  } else if (name == "--seed" && (parsed = number(value, 0, 1'000'000'000))) {
    out.load.seed = *parsed;
  } else {
    return false;
  }
  return true;
}

std::optional<CommandLine> parse(const Program& program, const std::vector<std::string>& words) {
  CommandLine out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--list") {
      out.list = true;
    } else if (i + 1 >= words.size() || !apply(program, words[i], words[i + 1], out)) {
      return std::nullopt;
    } else {
      ++i;
    }
  }
  if (!out.list && (out.sides.server.empty() || out.sides.peer.empty())) return std::nullopt;
  return out;
}

// The name a side has in the table: its file name, with a remark when both are the same program.
std::string side_name(const std::string& path, bool same, std::string_view role) {
  const std::string name = path.substr(path.rfind('/') + 1);
  return same ? fmt::format("{} ({})", name, role) : name;
}

std::string version_of(const std::string& binary) { return Server::start(binary, {}).connect().version(); }

void print_environment(const Program& program, const CommandLine& line, const std::vector<std::string>& words) {
  utsname system{};
  uname(&system);
  fmt::print("Machine: {} cores, {} {} {}\n", sysconf(_SC_NPROCESSORS_ONLN), system.sysname, system.release,
             system.machine);
  fmt::print("Server: {}, version {}\n", line.sides.server, version_of(line.sides.server));
  fmt::print("Peer: {}, version {}\n", line.sides.peer, version_of(line.sides.peer));
  fmt::print("Command: {} {}\n", program.name, fmt::join(words, " "));
  const std::string timed =
      program.takes_seconds ? fmt::format("; {} s a side for timed loads", line.load.seconds) : std::string();
  fmt::print("Rounds: up to {}, interleaved (server, peer, server, ...){}; seed {}; {} descriptors\n\n",
             line.load.rounds, timed, line.load.seed, line.load.descriptor_limit);
}

bool selected(const CommandLine& line, std::string_view name) {
  return line.only.empty() || std::find(line.only.begin(), line.only.end(), name) != line.only.end();
}

int run(const Program& program, CommandLine line, const std::vector<std::string>& words) {
  line.load.descriptor_limit = raise_descriptor_limit();
  print_environment(program, line, words);
  const bool same = line.sides.server == line.sides.peer;
  const std::string our_name = side_name(line.sides.server, same, "server");
  const std::string peer_name = side_name(line.sides.peer, same, "peer");
  std::vector<ReportLine> lines;
  std::string notes;
  for (const Scenario& scenario : program.scenarios) {
    if (!selected(line, scenario.name)) continue;
    const ScenarioResult result = run_scenario(scenario, line.sides, line.load);
    for (ReportLine& judged : judge(scenario, result.ours, result.peers)) lines.push_back(std::move(judged));
    notes += remarks(scenario, our_name, result.ours) + remarks(scenario, peer_name, result.peers);
  }
  fmt::print("{}\n{}\n{}", as_text(lines, our_name, peer_name), notes, as_markdown(lines, our_name, peer_name));
  for (const ReportLine& judged : lines) {
    if (judged.verdict == Verdict::kMissed) return 1;
  }
  return 0;
}

}  // namespace

int bench_main(const Program& program, const std::vector<std::string>& words) {
  const std::optional<CommandLine> line = parse(program, words);
  if (!line) {
    fmt::print(stderr,
               "usage: {} --server BINARY --peer BINARY [--rounds 1-101] [--seed N] [--only NAME[,NAME...]]\n"
               "       [--list]{}{}\n",
               program.name, program.takes_seconds ? " [--seconds 1-60]" : "",
               program.takes_traces ? " [--traces FOLDER]" : "");
    return 2;
  }
  if (line->list) {
    for (const Scenario& scenario : program.scenarios) fmt::print("{}: {}\n", scenario.name, scenario.title);
    return 0;
  }
  try {
    return run(program, *line, words);
  } catch (const BenchError& error) {
    fmt::print(stderr, "{}: {}\n", program.name, error.what());
    return 1;
  }
}

}  // namespace martlet::bench
