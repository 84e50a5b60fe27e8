// What `version` and `stats` call this server.
#pragma once

#include <string_view>

namespace martlet::command {

// Clients read the leading numbers to learn what a server can do, so memcached's version whose behaviour is served
// comes first; the project's own follows.
inline constexpr std::string_view kVersionText = "1.6.45-martlet-" MARTLET_VERSION;

}  // namespace martlet::command
