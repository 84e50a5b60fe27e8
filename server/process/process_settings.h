// ProcessSettings: what the process does with itself before it serves. Plain data, constant after start-up.
#pragma once

#include <string>

namespace martlet::process {

struct ProcessSettings {
  bool daemon = false;       // -d
  bool core_dumps = false;   // -r: allow core files, and stay in the working directory with -d
  bool lock_memory = false;  // -k
  std::string user;          // -u; empty: not given
  std::string pidfile;       // -P; empty: none
  std::string port_file;     // MEMCACHED_PORT_FILENAME; empty: none
};

}  // namespace martlet::process
