// Everything that is printed from the option table, and the version.
#pragma once

#include <string>

namespace martlet::settings {

std::string version_text();   // -V: own version first, then the memcached it stands in for
std::string license_text();   // -i
std::string usage_text();     // -h
std::string settings_page();  // docs/settings.md

}  // namespace martlet::settings
