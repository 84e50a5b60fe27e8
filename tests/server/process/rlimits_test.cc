#include "server/process/rlimits.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/process/child.h"

namespace martlet::process {
namespace {

using testing::HasSubstr;

constexpr DescriptorNeeds kSmall{.max_connections = 10, .workers = 1, .listeners = 2};
constexpr DescriptorNeeds kLarge{.max_connections = 1000, .workers = 1, .listeners = 2};

// Sets the limits of this (child) process, raises them, and tells what came out.
std::string raised(rlim_t soft, rlim_t hard, const DescriptorNeeds& needs) {
  const rlimit limits{soft, hard};
  if (::setrlimit(RLIMIT_NOFILE, &limits) != 0) return "cannot set the limits";
  const Result<DescriptorLimits> result = raise_descriptor_limit(needs);
  if (!result) return fmt::format("error {}: {}", result.error().exit_code, result.error().message);
  rlimit now{};
  ::getrlimit(RLIMIT_NOFILE, &now);
  const bool told_truly = result.value().soft == now.rlim_cur && result.value().hard == now.rlim_max;
  return fmt::format("soft {} hard {} reserved {}{}", now.rlim_cur, now.rlim_max, result.value().reserved_fds,
                     told_truly ? "" : ", and told otherwise");
}

TEST(DescriptorLimits, TheServersOwnFilesComeOnTopOfTheClients) {
  EXPECT_EQ(kSmall.reserved(), kFdsPerWorker + 2 + kHeadroom);
  const auto plan = plan_descriptors({20, 4096}, kSmall, false);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan.value().soft, 10 + kSmall.reserved());
  EXPECT_EQ(plan.value().hard, 4096U);
  EXPECT_EQ(plan.value().reserved_fds, kSmall.reserved());
}

TEST(DescriptorLimits, ASufficientLimitStaysAsItIs) {
  const auto plan = plan_descriptors({20000, 30000}, kSmall, true);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan.value().soft, 20000U);
  EXPECT_EQ(plan.value().hard, 30000U);
}

TEST(DescriptorLimits, AnImmenseHardLimitIsNotUsedUp) {
  for (const rlim_t hard : {rlim_t{1000000000}, rlim_t{RLIM_INFINITY}}) {
    const auto plan = plan_descriptors({1024, hard}, kLarge, true);
    ASSERT_TRUE(plan.ok());
    EXPECT_EQ(plan.value().soft, 1000 + kLarge.reserved());
    EXPECT_EQ(plan.value().hard, hard);
  }
}

TEST(DescriptorLimits, TheLargestNeedsDoNotOverflow) {
  const DescriptorNeeds needs{.max_connections = INT32_MAX, .workers = INT32_MAX, .listeners = 8};
  EXPECT_FALSE(plan_descriptors({1024, 4096}, needs, false).ok());
}

TEST(DescriptorLimits, AHardLimitBelowTheNeedIsAnErrorWithTheNumbers) {
  const auto plan = plan_descriptors({64, 100}, kLarge, false);
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.error().exit_code, 71);
  EXPECT_THAT(plan.error().message, HasSubstr("-c 1000"));
  EXPECT_THAT(plan.error().message, HasSubstr(fmt::format("{}", 1000 + kLarge.reserved())));
  EXPECT_THAT(plan.error().message, HasSubstr("100"));
}

TEST(DescriptorLimits, TheSoftLimitOfTheProcessIsRaised) {
  const std::string said = in_child([] {
    become_nobody();
    return raised(32, 200, kSmall);
  });
  EXPECT_EQ(said, fmt::format("soft {} hard 200 reserved {}", 10 + kSmall.reserved(), kSmall.reserved()));
}

TEST(DescriptorLimits, AnOrdinaryUserStopsAtTheHardLimit) {
  const std::string said = in_child([] {
    become_nobody();
    return raised(32, 200, kLarge);
  });
  EXPECT_THAT(said, HasSubstr("error 71: -c 1000 needs"));
}

TEST(DescriptorLimits, RootRaisesTheHardLimitToo) {
  if (!may_raise_limits()) GTEST_SKIP() << "needs root that may raise hard limits";
  const std::string said = in_child([] { return raised(32, 200, kLarge); });
  const uint64_t needed = 1000 + kLarge.reserved();
  EXPECT_EQ(said, fmt::format("soft {} hard {} reserved {}", needed, needed, kLarge.reserved()));
}

TEST(DescriptorLimits, NobodyGetsPastTheKernelsBound) {
  const DescriptorNeeds needs{.max_connections = 2000000000, .workers = 4, .listeners = 2};
  const std::string said = in_child([&needs] { return raised(32, 200, needs); });
  EXPECT_THAT(said, HasSubstr("error 71: -c 2000000000 needs"));
}

}  // namespace
}  // namespace martlet::process
