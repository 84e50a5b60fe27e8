// A connection whose descriptor the kernel will not watch is given up at once, with everything it holds.
#include <cerrno>

#include "tests/server/conn/table_room.h"
#include "tests/server/net/fake_kernel.h"

namespace martlet::conn {
namespace {

using support::FakeKernel;

class RegistrationTest : public testing::Test {
 protected:
  RegistrationTest() { kernel = FakeKernel{}; }
  ~RegistrationTest() override { kernel = FakeKernel{}; }

  FakeKernel& kernel = FakeKernel::instance();
  TableRoom room;
};

TEST_F(RegistrationTest, ANewcomerWhoCannotBeWatchedIsClosed) {
  for (const int error : {ENOSPC, ENOMEM}) {
    kernel.register_errors = {error};
    Client client = room.connect();
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(room.in_use(), 0U);
    EXPECT_FALSE(room.entry(0).connection.has_value());
    room.expect_all_given_back();
  }
  EXPECT_EQ(room.log.count("its event cannot be registered, closing"), 1U);  // one line a second
  EXPECT_EQ(room.stats.malloc_fails.get(), 2U);
  Client next = room.connect();
  EXPECT_EQ(room.talk(next, "get a\r\n"), "END\r\n");
  EXPECT_EQ(room.table->pool().made(), 1U);
}

TEST_F(RegistrationTest, ATurnFromReadingToWritingThatFailsCloses) {
  Client client = room.connect(4096);
  room.talk(client, "set big 0 0 300000\r\n" + std::string(300'000, 'v') + "\r\n");
  kernel.register_errors = {ENOSPC};
  client.send("get big\r\n");
  room.turn();
  EXPECT_EQ(room.in_use(), 0U);
  room.expect_all_given_back();
}

}  // namespace
}  // namespace martlet::conn
