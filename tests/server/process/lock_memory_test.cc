#include "server/process/lock_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "tests/server/process/child.h"

namespace martlet::process {
namespace {

TEST(LockMemory, AFailureIsALineOfWarning) {
  const std::string said = in_child([] {
    become_nobody();
    const rlimit none{0, 0};
    if (::setrlimit(RLIMIT_MEMLOCK, &none) != 0) return std::string("cannot set the limit");
    if (::mlockall(MCL_CURRENT) == 0) return std::string("never fails");
    return lock_memory().value_or("no warning");
  });
  if (said == "never fails") GTEST_SKIP() << "the sanitizer's mlockall does nothing";
  EXPECT_THAT(said, testing::HasSubstr("-k: cannot lock memory"));
}

}  // namespace
}  // namespace martlet::process
