// Addresses become listening sockets: options, restarts, socket files.
#include "server/net/bound_socket.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/server/net/peer.h"
#include "tests/support/log_capture.h"

namespace martlet::net {
namespace {

int option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(fd, level, name, &value, &size), 0);
  return value;
}

threads::UniqueFd accept_from(const BoundSocket& socket) {
  pollfd ready{socket.fd.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&ready, 1, 2000), 1);
  return threads::UniqueFd(::accept4(socket.fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
}

class BoundSocketTest : public testing::Test {
 protected:
  void SetUp() override {
    char directory[] = "/tmp/martlet-bound-XXXXXX";
    ASSERT_NE(::mkdtemp(directory), nullptr);
    directory_ = directory;
  }
  void TearDown() override {
    ::unlink(path().c_str());
    ::rmdir(directory_.c_str());
  }
  std::string path() const { return directory_ + "/socket"; }
  NetSettings unix_settings() const {
    NetSettings settings;
    settings.unix_path = path();
    return settings;
  }

  support::LogCapture log{1};

 private:
  std::string directory_;
};

TEST_F(BoundSocketTest, ARestartBindsAtOnceThoughOldConnectionsLinger) {
  BoundSocket before = bind_one(loopback(), log.diag);
  const uint16_t port = before.port;
  for (int i = 0; i < 5; ++i) {
    threads::UniqueFd client = connect_to(before);
    threads::UniqueFd served = accept_from(before);
    served.reset();  // the server closes first: its side lingers in TIME_WAIT
    EXPECT_EQ(read_to_end(client.get()), "");
  }
  before.fd.reset();

  // They do linger: without the option the port is taken.
  const threads::UniqueFd plain(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_NE(::bind(plain.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);

  const BoundSocket after = bind_one(loopback(port), log.diag);
  EXPECT_EQ(after.port, port);
  EXPECT_TRUE(connect_to(after).valid());
}

TEST_F(BoundSocketTest, APortInUseIsAnError) {
  const BoundSocket first = bind_one(loopback(), log.diag);
  const Result<std::vector<BoundSocket>> second = bind_all(loopback(first.port), log.diag);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().exit_code, 71);
  EXPECT_NE(second.error().message.find("failed to bind tcp:127.0.0.1:"), std::string::npos);
}

TEST_F(BoundSocketTest, AcceptedSocketsHaveTheOptionsOfTheirListener) {
  const BoundSocket socket = bind_one(loopback(), log.diag);
  EXPECT_NE(::fcntl(socket.fd.get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(socket.fd.get(), F_GETFD) & FD_CLOEXEC, 0);
  const threads::UniqueFd client = connect_to(socket);
  const threads::UniqueFd served = accept_from(socket);
  ASSERT_TRUE(served.valid());
  EXPECT_NE(option(served.get(), IPPROTO_TCP, TCP_NODELAY), 0);
  EXPECT_NE(option(served.get(), SOL_SOCKET, SO_KEEPALIVE), 0);
}

TEST_F(BoundSocketTest, BothFamiliesShareThePortThatTheKernelPicked) {
  NetSettings settings = loopback();
  settings.endpoints.push_back({"::1", -1, ListenProtocol::automatic, {}});
  settings.default_addresses = true;  // a host without IPv6 has one of the two
  const Result<std::vector<BoundSocket>> bound = bind_all(settings, log.diag);
  ASSERT_TRUE(bound.ok());
  for (const BoundSocket& each : bound.value()) {
    EXPECT_EQ(each.port, bound.value().front().port);
    EXPECT_TRUE(connect_to(each).valid());
  }
  EXPECT_EQ(bound.value().size() + log.count("(not served)"), 2U);
}

TEST_F(BoundSocketTest, ANameThatMeansNothingIsAnError) {
  NetSettings settings = loopback();
  settings.endpoints.front().host = "not an address";
  const Result<std::vector<BoundSocket>> bound = bind_all(settings, log.diag);
  ASSERT_FALSE(bound.ok());
  EXPECT_NE(bound.error().message.find("'not an address'"), std::string::npos);
}

TEST_F(BoundSocketTest, ASocketFileHasTheModeAskedFor) {
  for (const unsigned mode : {0700U, 0777U, 0660U}) {
    NetSettings settings = unix_settings();
    settings.unix_mask = mode;
    const mode_t before = ::umask(022);
    const BoundSocket socket = bind_one(settings, log.diag);
    EXPECT_EQ(::umask(before), 022U);  // as it was
    struct stat file {};
    ASSERT_EQ(::stat(path().c_str(), &file), 0);
    EXPECT_TRUE(S_ISSOCK(file.st_mode));
    EXPECT_EQ(file.st_mode & 0777U, mode);
    EXPECT_EQ(socket.address, "unix:" + path());
  }
}

TEST_F(BoundSocketTest, AnOldSocketFileMakesWay) {
  bind_one(unix_settings(), log.diag).fd.reset();  // left behind, as after a crash
  struct stat file {};
  ASSERT_EQ(::stat(path().c_str(), &file), 0);
  const BoundSocket socket = bind_one(unix_settings(), log.diag);
  EXPECT_TRUE(connect_to(socket).valid());
}

TEST_F(BoundSocketTest, AFileOfAnotherKindStays) {
  std::ofstream(path()) << "precious";
  const Result<std::vector<BoundSocket>> bound = bind_all(unix_settings(), log.diag);
  ASSERT_FALSE(bound.ok());
  EXPECT_NE(bound.error().message.find(path()), std::string::npos);
  std::string kept;
  std::ifstream(path()) >> kept;
  EXPECT_EQ(kept, "precious");
}

TEST_F(BoundSocketTest, APathThatIsTooLongIsAnError) {
  NetSettings settings;
  settings.unix_path = "/tmp/" + std::string(200, 'p');
  const Result<std::vector<BoundSocket>> bound = bind_all(settings, log.diag);
  ASSERT_FALSE(bound.ok());
  EXPECT_NE(bound.error().message.find("too long"), std::string::npos);
}

}  // namespace
}  // namespace martlet::net
