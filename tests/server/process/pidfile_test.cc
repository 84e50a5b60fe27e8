#include "server/process/pidfile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/process/child.h"

namespace martlet::process {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string own_line() { return std::to_string(::getpid()) + "\n"; }

pid_t dead_process() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);
  return child;
}

TEST(Pidfile, HoldsTheProcessIdAndNothingLiesBeside) {
  const ScratchDir scratch;
  EXPECT_THAT(write_pidfile(scratch.file("pid")), IsEmpty());
  EXPECT_EQ(content_of(scratch.file("pid")), own_line());
  EXPECT_EQ(scratch.size(), 1U);
}

TEST(Pidfile, ALivingPredecessorIsWarnedOfAndReplaced) {
  const ScratchDir scratch;
  put_content(scratch.file("pid"), std::to_string(::getppid()) + "\n");
  EXPECT_THAT(write_pidfile(scratch.file("pid")), ElementsAre(HasSubstr("is alive")));
  EXPECT_EQ(content_of(scratch.file("pid")), own_line());
}

TEST(Pidfile, DeadPredecessorsAndJunkAreReplacedInSilence) {
  const ScratchDir scratch;
  for (const std::string& old : {std::to_string(dead_process()), std::string("junk"), std::string("12x"),
                                 std::string("-1"), std::string("0"), std::string("99999999999999"), std::string()}) {
    put_content(scratch.file("pid"), old);
    EXPECT_THAT(write_pidfile(scratch.file("pid")), IsEmpty()) << old;
    EXPECT_EQ(content_of(scratch.file("pid")), own_line()) << old;
  }
}

TEST(Pidfile, AnUnwritablePlaceIsOnlyWarnedOf) {
  const ScratchDir scratch;
  EXPECT_THAT(write_pidfile(scratch.file("no/such/pid")), ElementsAre(HasSubstr("cannot write")));
  std::filesystem::create_directory(scratch.file("pid"));
  EXPECT_THAT(write_pidfile(scratch.file("pid")), ElementsAre(HasSubstr("cannot write")));
  EXPECT_EQ(scratch.size(), 1U);
}

TEST(Pidfile, RemovalTakesTheOwnFileOnly) {
  const ScratchDir scratch;
  EXPECT_THAT(write_pidfile(scratch.file("pid")), IsEmpty());
  EXPECT_THAT(remove_pidfile(scratch.file("pid")), IsEmpty());
  EXPECT_EQ(scratch.size(), 0U);

  put_content(scratch.file("pid"), std::to_string(::getppid()) + "\n");
  EXPECT_THAT(remove_pidfile(scratch.file("pid")), IsEmpty());
  EXPECT_EQ(scratch.size(), 1U);
}

}  // namespace
}  // namespace martlet::process
