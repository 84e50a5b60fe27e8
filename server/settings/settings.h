// Settings: everything the command line decides, one sub-struct per room, declared in that room.
//
// argv ──► parse_command_line() ──► const Settings ──► the composition root hands each room its part
//
// Made once, before any thread exists, and never changed: what may change at run time (verbosity, the memory limit) is
// a setter of the room concerned, and starts with the value found here.
#pragma once

#include <cstdint>

#include "server/cache/cache.h"
#include "server/command/executor.h"
#include "server/conn/conn_settings.h"
#include "server/log/log_settings.h"
#include "server/net/net_settings.h"
#include "server/process/process_settings.h"

namespace martlet::settings {

struct Settings {
  net::NetSettings net;
  conn::ConnSettings conn;
  cache::CacheSettings cache;
  command::CommandSettings command;
  log::LogSettings log;
  process::ProcessSettings process;

  uint32_t threads = 4;              // -t: workers, >= 1
  int verbosity = 0;                 // one for each -v
  char stat_prefix_delimiter = ':';  // -D
  bool prefix_stats = false;         // -D turns them on
};

}  // namespace martlet::settings
