// The lists of -l: "[notls:][proto[NAME]:][tag[NAME]:]host[:port]", separated by commas or semicolons.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/base/result.h"
#include "server/net/net_settings.h"

namespace martlet::settings {

// What an entry inherits where it says nothing itself.
struct ListenDefaults {
  int port = 11211;
  net::ListenProtocol protocol = net::ListenProtocol::automatic;
};

// Appends the endpoints of one list; an endpoint with a fixed port that is there already is not added again. A line
// for -v about every unknown protocol name (memcached ignores those) goes to `notes`.
// Errors: 71, as for an address that cannot be bound; 64 for what is not built.
Status append_endpoints(std::string_view list, const ListenDefaults& defaults, std::vector<net::Endpoint>* endpoints,
                        std::vector<std::string>* notes);

}  // namespace martlet::settings
