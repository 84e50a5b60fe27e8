// Spawning, waiting for and ending the child process.
#include "tests/support/external_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/binary_packet.h"
#include "tests/support/client.h"
#include "threads/unique_fd.h"

namespace martlet::support {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kPortAttempts = 5;

bool can_bind6(uint16_t port) {
  const threads::UniqueFd fd(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  address.sin6_port = htons(port);
  return fd.valid() && ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

// A port that is free on 127.0.0.1 and on ::1 at this moment; 0 when none was found.
uint16_t free_port() {
  for (int attempt = 0; attempt < 50; ++attempt) {
    const threads::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0) continue;
    if (::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) continue;
    const uint16_t port = ntohs(address.sin_port);
    if (can_bind6(port)) return port;
  }
  return 0;
}

bool answers(Client& client, bool in_binary) {
  if (!in_binary) return client.send("version\r\n") && client.receive_line().has_value();
  Packet noop;
  noop.opcode = 0x0a;
  const std::string question = noop.bytes();
  return client.send(question) && client.receive(question.size()).has_value();
}

}  // namespace

std::unique_ptr<ExternalServer> ExternalServer::start(const std::string& binary, ServerKind kind,
                                                      const TestServerOptions& options, std::string* error) {
  for (int attempt = 0; attempt < kPortAttempts; ++attempt) {
    std::unique_ptr<ExternalServer> server(new ExternalServer(kind));
    if (!server->spawn(binary, options, error)) return nullptr;
    if (server->wait_until_it_answers(speaks_only_binary(options.flags))) return server;
  }
  *error = binary + " does not answer";
  return nullptr;
}

ExternalServer::~ExternalServer() {
  child_.reset();
  if (!unix_path_.empty()) ::unlink(unix_path_.c_str());
  if (!directory_.empty()) ::rmdir(directory_.c_str());
}

bool ExternalServer::make_socket_directory(std::string* error) {
  char name[] = "/tmp/martlet-test-XXXXXX";
  if (::mkdtemp(name) == nullptr || ::chmod(name, 0777) != 0) {
    *error = std::string("no directory for the unix socket: ") + std::strerror(errno);
    return false;
  }
  directory_ = name;
  unix_path_ = directory_ + "/socket";
  return true;
}

bool ExternalServer::spawn(const std::string& binary, const TestServerOptions& options, std::string* error) {
  std::vector<std::string> words{binary};
  if (::geteuid() == 0) words.insert(words.end(), {"-u", "nobody"});
  if (options.unix_socket) {
    if (!make_socket_directory(error)) return false;
    words.insert(words.end(), {"-s", unix_path_, "-a", "0777"});
  }
  if (!options.unix_socket || kind_ == ServerKind::own_binary) {
    port_ = free_port();
    words.insert(words.end(), {"-p", std::to_string(port_), "-l", "127.0.0.1,[::1]"});
  }
  if (options.udp) {
    udp_port_ = port_;  // taken by another: the server does not start, and the next attempt has another
    words.insert(words.end(), {"-U", std::to_string(udp_port_)});
  }
  words.insert(words.end(), options.flags.begin(), options.flags.end());
  ChildOptions child;
  child.words = std::move(words);
  child_ = ChildProcess::start(child, error);
  return child_ != nullptr;
}

bool ExternalServer::wait_until_it_answers(bool in_binary) {
  const auto until = steady_clock::now() + milliseconds(5000);
  const Transport transport = port_ != 0 ? Transport::tcp4 : Transport::unix_stream;
  while (steady_clock::now() < until) {
    if (!child_->running()) return false;  // for one, the port was taken in the meantime
    const auto client = Client::connect(endpoint(transport));
    if (client != nullptr && answers(*client, in_binary)) return true;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return false;
}

void ExternalServer::advance_seconds(int n) { std::this_thread::sleep_for(std::chrono::seconds(n + 1)); }

}  // namespace martlet::support
