// argv to Settings: getopt_long over the option table, then the checks across options.
#pragma once

#include <string>
#include <vector>

#include "server/base/result.h"
#include "server/settings/draft.h"
#include "server/settings/settings.h"

namespace martlet::settings {

struct ParsedCommandLine {
  Action action = Action::serve;
  std::string text;  // what to print on stdout before exiting with 0; empty when action is serve
  Settings settings;
  std::vector<std::string> warnings;  // one line each, for stderr in any case
  std::vector<std::string> notes;     // one line each, for stderr with -v: accepted without effect
};

// Reads the command line and the environment (MEMCACHED_PORT_FILENAME). Touches nothing else. Options are taken in
// order: an -h after a wrong option is not reached, and a wrong one after -h does no harm.
//
// Uses getopt's global state, so one thread at a time.
//
// Errors: 1 refused while parsing, 64 and 71 as the option table and the cross checks say. The message lacks the
// program's name.
Result<ParsedCommandLine> parse_command_line(int argc, const char* const* argv);

}  // namespace martlet::settings
