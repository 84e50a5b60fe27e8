// The list of everything the server can do: a row per verb, in the verbs' order.
#pragma once

#include "server/command/handlers.h"

namespace martlet::command {

using Handler = protocol::Response (*)(const CommandContext& context, const protocol::Request& request);

struct CommandRow {
  protocol::Verb verb;
  Handler handler;  // null: not run by execute() (a store comes with a value, see Executor)
  bool counted;     // adds one to `requests`; a line that was not understood does not, and noop sees to it itself
};

// Any verb below kCount; what lies beyond is answered like a line that was not understood.
const CommandRow& command_row(protocol::Verb verb);

}  // namespace martlet::command
