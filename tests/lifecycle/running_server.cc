// Starting the server, and reading what it and the kernel say about it.
#include "tests/lifecycle/running_server.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace martlet::lifecycle {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kStartDeadline{10};

bool mentions(const std::vector<std::string>& flags, const std::string& flag) {
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

std::string slurp(const std::string& path) {
  std::ostringstream all;
  all << std::ifstream(path).rdbuf();
  return all.str();
}

// The port of the first line, "TCP INET: 40123"; 0 when there is none.
uint16_t first_port(const std::string& text) {
  const size_t colon = text.find(": ");
  return colon == std::string::npos ? uint16_t{0} : static_cast<uint16_t>(std::atoi(text.c_str() + colon + 2));
}

// The first number of that line of /proc/PID/status: the real id.
unsigned id_in_status(pid_t pid, const std::string& name) {
  const std::string all = slurp("/proc/" + std::to_string(pid) + "/status");
  const size_t at = all.find(name);
  return at == std::string::npos ? 0 : static_cast<unsigned>(std::atoi(all.c_str() + at + name.size()));
}

}  // namespace

std::vector<std::string> command_line(const std::vector<std::string>& flags) {
  std::vector<std::string> words{MARTLET_BINARY_PATH};
  if (::geteuid() == 0 && !mentions(flags, "-u")) words.insert(words.end(), {"-u", "nobody"});
  words.insert(words.end(), flags.begin(), flags.end());
  return words;
}

std::pair<std::optional<int>, std::string> run_to_end(const support::ChildOptions& options) {
  std::string error;
  const auto child = support::ChildProcess::start(options, &error);
  if (child == nullptr) return {std::nullopt, error};
  const std::optional<int> code = child->wait_for_end(seconds(5));
  return {code, child->output()};
}

std::unique_ptr<RunningServer> RunningServer::start(const ServerOptions& options) {
  std::unique_ptr<RunningServer> server(new RunningServer);
  std::string error;
  if (!server->launch(options, &error)) {
    ADD_FAILURE() << error;
    return nullptr;
  }
  bool answers = false;
  eventually([&] { return (answers = server->answers(options)) || !server->child_->running(); }, kStartDeadline);
  if (!answers) {
    ADD_FAILURE() << "the server does not answer; it said: " << server->log();
    return nullptr;
  }
  return server;
}

RunningServer::~RunningServer() {
  observer_.reset();
  child_.reset();
  std::error_code ignored;
  if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
}

bool RunningServer::launch(const ServerOptions& options, std::string* error) {
  char name[] = "/tmp/martlet-life-XXXXXX";
  if (::mkdtemp(name) == nullptr || ::chmod(name, 0777) != 0) {
    *error = std::string("no directory for the test's files: ") + std::strerror(errno);
    return false;
  }
  directory_ = name;
  std::vector<std::string> flags = options.flags;
  if (options.unix_socket) {
    unix_path_ = directory_ + "/socket";
    flags.insert(flags.end(), {"-s", unix_path_});
    if (!mentions(flags, "-a")) flags.insert(flags.end(), {"-a", "0777"});
  }
  if (options.tcp && !mentions(flags, "-p")) flags.insert(flags.end(), {"-p", "-1"});
  support::ChildOptions child;
  child.words = command_line(flags);
  child.environment = options.environment;
  child.environment.emplace_back("MEMCACHED_PORT_FILENAME", port_file());
  child.descriptors = options.descriptors;
  child_ = support::ChildProcess::start(child, error);
  return child_ != nullptr;
}

std::string RunningServer::port_file() const { return directory_ + "/ports"; }

bool RunningServer::answers(const ServerOptions& options) {
  if (options.tcp && port_ == 0) port_ = first_port(slurp(port_file()));
  return (!options.tcp || port_ != 0) && observe();
}

bool RunningServer::observe() {
  observer_ = connect(port_ != 0 ? Transport::tcp4 : Transport::unix_stream, {.deadline = seconds(20)});
  return observer_ != nullptr && ask(*observer_, "version").starts_with("VERSION");
}

std::unique_ptr<Client> RunningServer::connect(Transport transport, const ClientOptions& options) const {
  return Client::connect({transport, port_, unix_path_}, options);
}

namespace {

// Lifts this process's own limit, where it is too low for so many clients and may be lifted.
void make_room_for(size_t clients) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= clients + 100) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, clients + 100);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

std::vector<std::unique_ptr<Client>> RunningServer::connect_many(size_t count, Transport transport) const {
  make_room_for(count);
  std::vector<std::unique_ptr<Client>> clients;
  for (size_t i = 0; i < count; ++i) {
    auto client = connect(transport);
    const std::string answer = client != nullptr ? ask(*client, "version") : std::strerror(errno);
    if (!answer.starts_with("VERSION")) {
      ADD_FAILURE() << "client " << i << " of " << count << " was not served: " << answer;
      break;
    }
    clients.push_back(std::move(client));
  }
  return clients;
}

Stats RunningServer::stats(const std::string& topic) {
  Stats rows;
  if (observer_ == nullptr && !observe()) {
    ADD_FAILURE() << "no connection for stats; the server said: " << log();
    return rows;
  }
  if (!observer_->send(topic.empty() ? "stats\r\n" : "stats " + topic + "\r\n")) {
    ADD_FAILURE() << "stats: " << observer_->last_error();
    return rows;
  }
  for (;;) {
    const std::optional<std::string> line = observer_->receive_line();
    if (!line.has_value()) {
      ADD_FAILURE() << "stats: " << observer_->last_error() << "; the server said: " << log();
      return rows;
    }
    if (*line == "END\r\n") return rows;
    std::istringstream words(*line);
    std::string stat;
    std::string name;
    std::string value;
    words >> stat >> name >> value;
    rows[name] = value;
  }
}

uint64_t RunningServer::stat(const std::string& name) {
  const Stats rows = stats();
  const auto found = rows.find(name);
  if (found == rows.end()) {
    ADD_FAILURE() << "stats has no " << name;
    return UINT64_MAX;
  }
  return std::strtoull(found->second.c_str(), nullptr, 10);
}

uint64_t RunningServer::memory() const {
  std::ifstream file("/proc/" + std::to_string(child_->pid()) + "/statm");
  uint64_t total = 0;
  uint64_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

milliseconds RunningServer::processor_time() const {
  const std::string all = slurp("/proc/" + std::to_string(child_->pid()) + "/stat");
  std::istringstream rest(all.substr(all.rfind(')') + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) rest >> skipped;
  int64_t user = 0;
  int64_t system = 0;
  rest >> user >> system;
  return milliseconds((user + system) * 1000 / ::sysconf(_SC_CLK_TCK));
}

bool RunningServer::limit_descriptors(uint64_t soft) const {
  const pid_t target = child_->pid();
  const uid_t user = id_in_status(target, "Uid:");
  const gid_t group = id_in_status(target, "Gid:");
  // Limits of a process may be set by its own user, and not by a root who lacks the capability: so a child becomes that
  // user first.
  const pid_t setter = ::fork();
  if (setter == 0) {
    if (::geteuid() == 0 && (::setgid(group) != 0 || ::setuid(user) != 0)) ::_exit(1);
    rlimit limit{};
    if (::prlimit(target, RLIMIT_NOFILE, nullptr, &limit) != 0) ::_exit(1);
    limit.rlim_cur = soft;
    ::_exit(::prlimit(target, RLIMIT_NOFILE, &limit, nullptr) == 0 ? 0 : 1);
  }
  int status = 1;
  return setter > 0 && ::waitpid(setter, &status, 0) == setter && status == 0;
}

std::string ask(Client& client, const std::string& request) {
  if (!client.send(request + "\r\n")) return "<" + client.last_error() + ">";
  std::optional<std::string> line = client.receive_line();
  if (!line.has_value()) return "<" + client.last_error() + ">";
  while (!line->empty() && (line->back() == '\n' || line->back() == '\r')) line->pop_back();
  return *line;
}

bool has_input(const Client& client) {
  pollfd poll_fd{client.fd(), POLLIN, 0};
  return ::poll(&poll_fd, 1, 0) > 0;
}

bool store(Client& client, const std::string& key, size_t size, char fill) {
  return ask(client, "set " + key + " 0 0 " + std::to_string(size) + "\r\n" + std::string(size, fill)) == "STORED";
}

}  // namespace martlet::lifecycle
