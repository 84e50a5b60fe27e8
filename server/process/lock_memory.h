// Keeping all memory out of swap (-k).
#pragma once

#include <optional>
#include <string>

namespace martlet::process {

// Locks what is mapped and what will be. A failure is a line of warning, and the server runs without.
std::optional<std::string> lock_memory();

}  // namespace martlet::process
