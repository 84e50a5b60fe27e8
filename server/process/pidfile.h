// The pidfile (-P): one line, the process id in decimal.
#pragma once

#include <string>
#include <vector>

namespace martlet::process {

// Writes this process's id. Returns lines of warning: a process of the id that was in the file is alive; the file
// cannot be written. Neither keeps the server from running.
std::vector<std::string> write_pidfile(const std::string& path);

// Removes the file if it still holds this process's id: a server started meanwhile keeps its own. For the end of a
// daemon. Returns lines of warning.
std::vector<std::string> remove_pidfile(const std::string& path);

}  // namespace martlet::process
