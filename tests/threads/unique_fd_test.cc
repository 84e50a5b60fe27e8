// UniqueFd: who owns a descriptor, and when it is closed.
#include "threads/unique_fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <utility>

namespace martlet::threads {
namespace {

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }
int open_something() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

TEST(UniqueFd, OwnsNothingAtFirst) {
  const UniqueFd fd;
  EXPECT_FALSE(fd.valid());
  EXPECT_EQ(fd.get(), -1);
}

TEST(UniqueFd, ClosesWhenItsOwnerGoes) {
  const int raw = open_something();
  {
    const UniqueFd fd(raw);
    EXPECT_TRUE(is_open(raw));
  }
  EXPECT_FALSE(is_open(raw));
}

TEST(UniqueFd, MovedFromOwnsNothingAndTheDescriptorStaysOpen) {
  const int raw = open_something();
  UniqueFd first(raw);
  UniqueFd second(std::move(first));
  EXPECT_FALSE(first.valid());  // NOLINT(bugprone-use-after-move): what a move leaves is what is asked
  EXPECT_EQ(second.get(), raw);
  EXPECT_TRUE(is_open(raw));
}

TEST(UniqueFd, AssignmentClosesWhatWasOwnedBefore) {
  const int old_raw = open_something();
  const int new_raw = open_something();
  UniqueFd fd(old_raw);
  UniqueFd other(new_raw);
  fd = std::move(other);
  EXPECT_FALSE(is_open(old_raw));
  EXPECT_TRUE(is_open(new_raw));
  EXPECT_EQ(fd.get(), new_raw);
}

TEST(UniqueFd, AssignmentToItselfKeepsTheDescriptorOpen) {
  const int raw = open_something();
  UniqueFd fd(raw);
  UniqueFd& same = fd;
  fd = std::move(same);
  EXPECT_EQ(fd.get(), raw);
  EXPECT_TRUE(is_open(raw));
}

TEST(UniqueFd, ReleaseHandsTheDescriptorOver) {
  const int raw = open_something();
  {
    UniqueFd fd(raw);
    EXPECT_EQ(fd.release(), raw);
  }
  EXPECT_TRUE(is_open(raw));
  ::close(raw);
}

}  // namespace
}  // namespace martlet::threads
