// main: argv ─► Settings ─► the process made ready ─► Server ─► exit code.
#include <signal.h>
#include <sys/socket.h>

#include <cstdio>
#include <string>
#include <vector>

#include "server/base/clock.h"
#include "server/process/core_dumps.h"
#include "server/process/daemonize.h"
#include "server/process/drop_privileges.h"
#include "server/process/lock_memory.h"
#include "server/process/pidfile.h"
#include "server/process/port_file.h"
#include "server/process/rlimits.h"
#include "server/server.h"
#include "server/settings/settings_parser.h"

namespace {

using martlet::Error;
using martlet::Ok;
using martlet::Result;
using martlet::Status;
using martlet::settings::Settings;

int refuse(const Error& error) {
  std::fprintf(stderr, "martlet: %s\n", error.message.c_str());
  return error.exit_code;
}

void warn(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) std::fprintf(stderr, "martlet: %s\n", line.c_str());
}

// Limits first, while there may still be rights to raise them; then the rights go, then the terminal.
Result<uint64_t> make_process_ready(const Settings& settings) {
  namespace process = martlet::process;
  if (settings.process.core_dumps) {
    if (Status status = process::enable_core_dumps(); !status) return status.error();
  }
  const uint64_t listeners = settings.net.endpoints.size() * 2 + (settings.net.unix_path.empty() ? 0 : 1) +
                             settings.net.udp_endpoints.size() * 2 * settings.threads;
  const auto limits = process::raise_descriptor_limit({settings.conn.max_connections, settings.threads, listeners});
  if (!limits) return limits.error();
  if (Status status = process::drop_privileges({settings.process.user, settings.process.core_dumps}); !status) {
    return status.error();
  }
  if (settings.process.daemon) {
    if (Status status = process::daemonize({settings.process.core_dumps, settings.verbosity > 0}); !status) {
      return status.error();
    }
  }
  ::signal(SIGPIPE, SIG_IGN);
  return limits.value().reserved_fds;
}

Status write_port_file(const Settings& settings, const martlet::Server& server) {
  if (settings.process.port_file.empty()) return Ok{};
  std::vector<martlet::process::BoundPort> ports;
  for (const auto& address : server.addresses()) {
    if (address.family != AF_UNIX) ports.push_back({address.family, address.port});
  }
  for (const auto& address : server.udp_addresses()) ports.push_back({address.family, address.port, true});
  return martlet::process::write_port_file(settings.process.port_file, ports);
}

int serve(const Settings& settings) {
  const Result<uint64_t> reserved_fds = make_process_ready(settings);
  if (!reserved_fds) return refuse(reserved_fds.error());

  const martlet::SystemClock clock;
  martlet::ServerOptions options;
  options.reserved_fds = reserved_fds.value();
  auto server = martlet::Server::create(settings, clock, options);
  if (!server) return refuse(server.error());
  if (Status status = write_port_file(settings, *server.value()); !status) return refuse(status.error());
  const std::string& pidfile = settings.process.pidfile;
  if (!pidfile.empty()) warn(martlet::process::write_pidfile(pidfile));

  // After the cache has its address space: under a limit it could not be had otherwise, and this is to fail instead.
  if (settings.process.lock_memory) {
    if (const auto problem = martlet::process::lock_memory()) warn({*problem});
  }

  const int exit_code = server.value()->run();
  if (!pidfile.empty() && settings.process.daemon) warn(martlet::process::remove_pidfile(pidfile));
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  auto parsed = martlet::settings::parse_command_line(argc, argv);
  if (!parsed) return refuse(parsed.error());
  const martlet::settings::ParsedCommandLine& command_line = parsed.value();
  if (command_line.action != martlet::settings::Action::serve) {
    std::fputs(command_line.text.c_str(), stdout);
    return 0;
  }
  warn(command_line.warnings);
  if (command_line.settings.verbosity > 0) warn(command_line.notes);
  return serve(command_line.settings);
}
