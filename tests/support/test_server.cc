#include "tests/support/test_server.h"

#include <stdlib.h>
#include <unistd.h>

#include <future>

#include "server/settings/settings_parser.h"

namespace martlet::support {

std::unique_ptr<TestServer> TestServer::start(const TestServerOptions& options, std::string* error) {
  std::unique_ptr<TestServer> test(new TestServer);
  std::vector<std::string> words{"martlet", "-p", "-1"};
  if (options.unix_socket) {
    std::string pattern = "/tmp/martlet-test-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) {
      *error = "no directory for the unix socket";
      return nullptr;
    }
    test->directory_ = pattern;
    test->unix_path_ = pattern + "/socket";
    words.insert(words.end(), {"-s", test->unix_path_});
  }
  if (options.udp) words.insert(words.end(), {"-U", "-1"});
  words.insert(words.end(), options.flags.begin(), options.flags.end());
  std::vector<const char*> argv;
  for (const std::string& word : words) argv.push_back(word.c_str());
  argv.push_back(nullptr);
  auto parsed = settings::parse_command_line(static_cast<int>(argv.size()) - 1, argv.data());
  if (!parsed) {
    *error = parsed.error().message;
    return nullptr;
  }

  ServerOptions server_options;
  server_options.handle_signals = false;
  if (options.max_read != 0) server_options.max_read = options.max_read;
  auto server = Server::create(parsed.value().settings, test->clock_, server_options);
  if (!server) {
    *error = server.error().message;
    return nullptr;
  }
  test->server_ = server.take();
  for (const Server::Address& address : test->server_->addresses()) {
    if (address.port != 0) test->port_ = address.port;
  }
  for (const Server::Address& address : test->server_->udp_addresses()) test->udp_port_ = address.port;
  test->main_ = std::thread([raw = test.get()] { raw->exit_code_ = raw->server_->run(); });
  return test;
}

TestServer::~TestServer() {
  if (main_.joinable()) stop();
  server_.reset();
  if (!directory_.empty()) ::rmdir(directory_.c_str());
}

// Second by second, as the real clock ticks.
void TestServer::advance_seconds(int n) {
  for (int i = 0; i < n; ++i) {
    std::promise<void> ticked;
    clock_.advance_seconds(1);
    server_->post([this, &ticked] {
      server_->tick();
      ticked.set_value();
    });
    ticked.get_future().wait();
  }
}

int TestServer::stop() {
  server_->stop(true);
  main_.join();
  return exit_code_;
}

}  // namespace martlet::support
