// Small files that others read while they change: written beside, then renamed, so that nobody sees half of one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace martlet::process {

// Puts `content` into the file at `path`, whatever was there. Returns why that failed, for a line of the operator's;
// the old file then stands as it was, and nothing is left beside it.
std::optional<std::string> replace_file(const std::string& path, std::string_view content);

}  // namespace martlet::process
