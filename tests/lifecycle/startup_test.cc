// Starting: addresses, ports and sockets, files, users, the background.
#include <gtest/gtest.h>
#include <pwd.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/lifecycle/running_server.h"

namespace martlet::lifecycle {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

// The addresses that `stats conns` shows as listening, ports taken off.
std::set<std::string> listeners(RunningServer& server) {
  const Stats rows = server.stats("conns");
  std::set<std::string> found;
  for (const auto& [name, value] : rows) {
    if (value != "conn_listening") continue;
    const std::string address = rows.at(name.substr(0, name.find(':')) + ":addr");
    found.insert(address.starts_with("unix:") ? "unix" : address.substr(0, address.rfind(':')));
  }
  return found;
}

using Addresses = std::set<std::string>;

std::string contents(const std::string& path) {
  std::ostringstream all;
  all << std::ifstream(path).rdbuf();
  return all.str();
}

TEST(Addresses, AreLoopbackOfBothFamiliesUnlessToldOtherwise) {
  const auto server = RunningServer::start();
  ASSERT_NE(server, nullptr);
  EXPECT_EQ(listeners(*server), (Addresses{"tcp:127.0.0.1", "tcp6:[::1]"}));
  EXPECT_EQ(server->connect_many(2, Transport::tcp4).size(), 2U);
  EXPECT_EQ(server->connect_many(2, Transport::tcp6).size(), 2U);
}

TEST(Addresses, AnyAddressMustBeAskedFor) {
  const auto server = RunningServer::start({.flags = {"-l", "0.0.0.0"}});
  ASSERT_NE(server, nullptr);
  EXPECT_EQ(listeners(*server), (Addresses{"tcp:0.0.0.0"}));
  EXPECT_EQ(server->connect_many(2, Transport::tcp4).size(), 2U);
  EXPECT_EQ(server->connect(Transport::tcp6), nullptr);
}

TEST(Addresses, EveryOneThatIsGivenIsServed) {
  // The second is a prefix of the first.
  const auto server = RunningServer::start({.flags = {"-l", "127.0.0.10", "-l", "127.0.0.1,[::1]"}});
  ASSERT_NE(server, nullptr);
  EXPECT_EQ(listeners(*server), (Addresses{"tcp:127.0.0.10", "tcp:127.0.0.1", "tcp6:[::1]"}));
  EXPECT_EQ(server->connect_many(2, Transport::tcp4).size(), 2U);
  EXPECT_EQ(server->connect_many(2, Transport::tcp6).size(), 2U);
}

TEST(Addresses, AUnixSocketAloneTurnsTcpOff) {
  const auto server = RunningServer::start({.unix_socket = true, .tcp = false});
  ASSERT_NE(server, nullptr);
  EXPECT_EQ(listeners(*server), (Addresses{"unix"}));
}

TEST(Addresses, AUnixSocketAndAnExplicitPortServeBoth) {
  const auto server = RunningServer::start({.unix_socket = true});
  ASSERT_NE(server, nullptr);
  EXPECT_EQ(listeners(*server), (Addresses{"tcp:127.0.0.1", "tcp6:[::1]", "unix"}));
  for (const Transport transport : {Transport::tcp4, Transport::tcp6, Transport::unix_stream}) {
    EXPECT_EQ(server->connect_many(1, transport).size(), 1U) << name_of(transport);
  }
}

TEST(UnixSocket, HasTheModeThatWasAskedForAndReplacesAnOldOne) {
  for (const auto& [flag, mode] : {std::pair<std::string, mode_t>{"0700", 0700}, {"0770", 0770}, {"0666", 0666}}) {
    const auto server = RunningServer::start({.flags = {"-a", flag}, .unix_socket = true});
    ASSERT_NE(server, nullptr);
    struct stat file {};
    ASSERT_EQ(::stat(server->unix_path().c_str(), &file), 0);
    EXPECT_EQ(file.st_mode & 0777U, mode) << flag;
    EXPECT_TRUE(S_ISSOCK(file.st_mode));

    // A killed server leaves its socket file behind; the next one takes the path over.
    ASSERT_TRUE(server->process().signal(SIGKILL));
    ASSERT_TRUE(server->process().wait_for_end(seconds(5)).has_value());
    ASSERT_EQ(::stat(server->unix_path().c_str(), &file), 0);
    std::string error;
    support::ChildOptions again;
    again.words = command_line({"-s", server->unix_path(), "-a", flag});
    const auto next = support::ChildProcess::start(again, &error);
    ASSERT_NE(next, nullptr) << error;
    EXPECT_TRUE(eventually([&] { return server->connect(Transport::unix_stream) != nullptr; }, seconds(5)));
    ASSERT_TRUE(next->signal(SIGTERM));
    EXPECT_EQ(next->wait_for_end(seconds(5)), 0);
    EXPECT_NE(::stat(server->unix_path().c_str(), &file), 0) << "the socket file is still there";
  }
}

TEST(Restart, BindsAtOnceBesideConnectionsInTimeWait) {
  auto server = RunningServer::start();
  ASSERT_NE(server, nullptr);
  auto clients = server->connect_many(50);
  // The server ends its side first, which leaves its end of each connection in TIME_WAIT.
  for (const auto& client : clients) {
    ASSERT_TRUE(client->send("quit\r\n"));
    EXPECT_EQ(client->receive_until_close(), "");
  }
  clients.clear();
  const std::string port = std::to_string(server->port());
  ASSERT_TRUE(server->process().signal(SIGTERM));
  ASSERT_EQ(server->process().wait_for_end(seconds(5)), 0);

  const auto began = steady_clock::now();
  const auto next = RunningServer::start({.flags = {"-p", port}});
  ASSERT_NE(next, nullptr);
  EXPECT_LT(steady_clock::now() - began, seconds(1));
  EXPECT_EQ(std::to_string(next->port()), port);
}

TEST(Restart, APortThatIsTakenIsAClearError) {
  const auto server = RunningServer::start();
  ASSERT_NE(server, nullptr);
  support::ChildOptions second;
  second.words = command_line({"-p", std::to_string(server->port())});
  const auto [code, said] = run_to_end(second);
  EXPECT_EQ(code, 71);
  EXPECT_NE(said.find("failed to bind tcp:127.0.0.1:" + std::to_string(server->port())), std::string::npos) << said;
}

TEST(LockedMemory, ThatTheSystemRefusesIsOnlyAWarning) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_MEMLOCK, &before), 0);
  const rlimit low{std::min<rlim_t>(8 << 20, before.rlim_max), before.rlim_max};  // what a system usually allows
  ASSERT_EQ(setrlimit(RLIMIT_MEMLOCK, &low), 0);
  const auto server = RunningServer::start({.flags = {"-k"}});
  ASSERT_EQ(setrlimit(RLIMIT_MEMLOCK, &before), 0);
  ASSERT_NE(server, nullptr);
  EXPECT_EQ(server->stat("curr_connections"), 1U);
}

TEST(PortFile, ListsEveryAddressWithItsPort) {
  const auto server = RunningServer::start({.flags = {"-l", "127.0.0.1", "-l", "::1"}});
  ASSERT_NE(server, nullptr);
  const std::string text = contents(server->port_file());
  const std::string port = std::to_string(server->port());
  EXPECT_EQ(text, "TCP INET: " + port + "\nTCP INET6: " + port + "\n");
}

TEST(Pidfile, HoldsTheServersId) {
  char name[] = "/tmp/martlet-pid-XXXXXX";
  ASSERT_NE(::mkdtemp(name), nullptr);
  ASSERT_EQ(::chmod(name, 0777), 0);
  const std::string path = std::string(name) + "/pid";
  const auto server = RunningServer::start({.flags = {"-P", path}});
  ASSERT_NE(server, nullptr);
  EXPECT_TRUE(eventually([&] { return contents(path) == std::to_string(server->process().pid()) + "\n"; }));
  ASSERT_EQ(::unlink(path.c_str()), 0);
  EXPECT_EQ(::rmdir(name), 0);
}

TEST(Daemon, LeavesItsStarterAndServesUntilItIsToldToEnd) {
  char name[] = "/tmp/martlet-daemon-XXXXXX";
  ASSERT_NE(::mkdtemp(name), nullptr);
  ASSERT_EQ(::chmod(name, 0777), 0);
  const std::string directory = name;
  support::ChildOptions options;
  options.words = command_line({"-d", "-P", directory + "/pid", "-s", directory + "/socket", "-a", "0777"});
  const auto [code, said] = run_to_end(options);
  EXPECT_EQ(code, 0) << said;
  EXPECT_EQ(said, "");

  int pid = 0;
  EXPECT_TRUE(eventually([&] { return (std::ifstream(directory + "/pid") >> pid).good() && pid > 0; }));
  ASSERT_GT(pid, 0);
  const auto client = Client::connect({Transport::unix_stream, 0, directory + "/socket"});
  EXPECT_TRUE(client != nullptr && ask(*client, "version").starts_with("VERSION"));
  EXPECT_EQ(::getsid(pid), pid);
  EXPECT_EQ(::kill(pid, SIGTERM), 0);
  // The daemon takes its files with it.
  EXPECT_TRUE(eventually([&] { return ::access((directory + "/pid").c_str(), F_OK) != 0; }));
  EXPECT_NE(::access((directory + "/socket").c_str(), F_OK), 0);
  EXPECT_EQ(::rmdir(name), 0);
}

TEST(Root, IsRefusedWithoutAUserToBecome) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can show this";
  support::ChildOptions options;
  options.words = {command_line({})[0], "-p", "-1"};
  auto [code, said] = run_to_end(options);
  EXPECT_EQ(code, 64) << said;
  options.words = {command_line({})[0], "-p", "-1", "-u", "no-such-user-here"};
  std::tie(code, said) = run_to_end(options);
  EXPECT_EQ(code, 67) << said;
}

TEST(Root, BecomesTheUserForGood) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can show this";
  const auto server = RunningServer::start();
  ASSERT_NE(server, nullptr);
  const passwd* const nobody = ::getpwnam("nobody");
  ASSERT_NE(nobody, nullptr);
  const std::string status = contents("/proc/" + std::to_string(server->process().pid()) + "/status");
  const auto four_times = [](unsigned id) {
    std::string line;
    for (int i = 0; i < 4; ++i) line += "\t" + std::to_string(id);
    return line + "\n";
  };
  EXPECT_NE(status.find("Uid:" + four_times(nobody->pw_uid)), std::string::npos) << status;
  EXPECT_NE(status.find("Gid:" + four_times(nobody->pw_gid)), std::string::npos) << status;
}

TEST(User, ThatIsNotRootIgnoresTheFlag) {
  if (::geteuid() == 0) GTEST_SKIP() << "root becomes that user";
  const auto server = RunningServer::start({.flags = {"-u", "no-such-user-here"}});
  ASSERT_NE(server, nullptr);
  EXPECT_TRUE(server->process().running());
}

}  // namespace
}  // namespace martlet::lifecycle
