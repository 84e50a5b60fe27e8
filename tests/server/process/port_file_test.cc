#include "server/process/port_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "tests/server/process/child.h"

namespace martlet::process {
namespace {

TEST(PortFile, HasALineForEachSocket) {
  const ScratchDir scratch;
  put_content(scratch.file("ports"), "old content that is longer than what replaces it, line after line\n");
  const BoundPort ports[] = {{AF_INET, 11211}, {AF_INET6, 65535}, {AF_INET, 11212, true}, {AF_INET6, 1, true}};
  EXPECT_TRUE(write_port_file(scratch.file("ports"), ports).ok());
  EXPECT_EQ(content_of(scratch.file("ports")), "TCP INET: 11211\nTCP INET6: 65535\nUDP INET: 11212\nUDP INET6: 1\n");
  EXPECT_EQ(scratch.size(), 1U);
}

TEST(PortFile, AnUnwritablePlaceIsAnError) {
  const ScratchDir scratch;
  const Status status = write_port_file(scratch.file("no/such/ports"), {});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().exit_code, 71);
  EXPECT_THAT(status.error().message, testing::HasSubstr("MEMCACHED_PORT_FILENAME"));
}

}  // namespace
}  // namespace martlet::process
