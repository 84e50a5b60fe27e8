// What the comparison programs share: their command line and their run.
//   PROGRAM --server BINARY --peer BINARY [--rounds N] [--seed N] [--only NAME[,NAME...]]
//   [--list] [--seconds N] [--traces FOLDER]
// Prints the machine, both versions, the command and the rounds, then the table as text and as Markdown.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/scenario.h"

namespace martlet::bench {

struct Program {
  std::string_view name;
  std::span<const Scenario> scenarios;  // in the order in which they run
  bool takes_seconds = false;           // has loads whose time --seconds says
  bool takes_traces = false;            // replays traces, of a folder where --traces names one
};

// Exit code: 0 all targets met, 1 some missed or a server could not be run, 2 usage. `words` without the program's
// name. SIGPIPE must be ignored.
int bench_main(const Program& program, const std::vector<std::string>& words);

}  // namespace martlet::bench
