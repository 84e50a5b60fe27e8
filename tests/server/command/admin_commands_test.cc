#include "tests/server/command/command_fixture.h"

namespace martlet::command {
namespace {

using protocol::Outcome;
using protocol::Response;
using protocol::Verb;

class AdminCommands : public CommandTest {
 protected:
  std::string memlimit(std::string_view megabytes) {
    const Response response = executor.execute(admin(Verb::cache_memlimit, {megabytes}));
    if (response.outcome == Outcome::line) return std::string(response.text);
    return response.outcome == Outcome::ok ? "OK" : response.outcome == Outcome::error ? "ERROR" : "?";
  }
};

TEST_F(AdminCommands, VersionBeginsWithTheOneWhoseBehaviourIsServed) {
  const Response response = executor.execute(admin(Verb::version));
  EXPECT_EQ(response.outcome, Outcome::version);
  EXPECT_EQ(response.text, "1.6.45-martlet-" MARTLET_VERSION);
}

TEST_F(AdminCommands, VerbosityIsCappedAndNeedsANumber) {
  EXPECT_EQ(executor.execute(admin(Verb::verbosity, {"1"})).outcome, Outcome::ok);
  EXPECT_EQ(control.verbosity, 1);
  EXPECT_EQ(executor.execute(admin(Verb::verbosity, {"4294967295"})).outcome, Outcome::ok);
  EXPECT_EQ(control.verbosity, 2);
  for (const std::string_view bad : {"", "x", "-1", "1x", "4294967296"}) {
    control.verbosity = -1;
    const Response response = executor.execute(admin(Verb::verbosity, {bad}));
    EXPECT_EQ(response.outcome, Outcome::client_error) << bad;
    EXPECT_EQ(response.text, "bad command line format");
    EXPECT_EQ(control.verbosity, -1);
  }
  EXPECT_EQ(executor.execute(admin(Verb::verbosity)).outcome, Outcome::error);
}

TEST_F(AdminCommands, MemoryLimitIsInMegabytesWithinBounds) {
  EXPECT_EQ(memlimit("8"), "OK");
  EXPECT_EQ(cache.figures().memory_limit, 8ULL << 20);
  EXPECT_EQ(memlimit("7"), "MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m");
  EXPECT_EQ(memlimit("1000000001"), "MEMLIMIT_ADJUST_FAILED input value is megabytes not bytes");
  EXPECT_EQ(memlimit("1000000000"), "OK");
  EXPECT_EQ(cache.figures().memory_limit, 1'000'000'000ULL << 20);
  cache.set_reservation(64ULL << 20);
  EXPECT_EQ(memlimit("65"), "MEMLIMIT_ADJUST_FAILED out of bounds or unable to adjust");
  EXPECT_EQ(memlimit("64"), "OK");
  for (const std::string_view bad : {"x", "-5", "64m", "4294967296", ""}) EXPECT_EQ(memlimit(bad), "ERROR") << bad;
  EXPECT_EQ(executor.execute(admin(Verb::cache_memlimit)).outcome, Outcome::error);
  EXPECT_EQ(cache.figures().memory_limit, 64ULL << 20);
}

TEST_F(AdminCommands, ShutdownNeedsToBeEnabled) {
  const Response response = executor.execute(admin(Verb::shutdown));
  EXPECT_EQ(response.outcome, Outcome::line);
  EXPECT_EQ(response.text, "SERVER_ERROR: shutdown not enabled");
  EXPECT_FALSE(response.close_after);
  EXPECT_TRUE(control.shutdowns.empty());
}

TEST_F(AdminCommands, ShutdownClosesTheCallerWithoutAReply) {
  settings.shutdown_enabled = true;
  for (const Response& response :
       {executor.execute(admin(Verb::shutdown)), executor.execute(admin(Verb::shutdown, {"graceful"}))}) {
    EXPECT_EQ(response.outcome, Outcome::none);
    EXPECT_TRUE(response.close_after);
  }
  EXPECT_EQ(control.shutdowns, (std::vector<bool>{false, true}));
}

TEST_F(AdminCommands, ShutdownInAnyOtherModeIsRefused) {
  settings.shutdown_enabled = true;
  for (const auto& request : {admin(Verb::shutdown, {"now"}), admin(Verb::shutdown, {"graceful", "x"})}) {
    const Response response = executor.execute(request);
    EXPECT_EQ(response.outcome, Outcome::client_error);
    EXPECT_EQ(response.text, "invalid shutdown mode");
    EXPECT_FALSE(response.close_after);
  }
  EXPECT_TRUE(control.shutdowns.empty());
}

TEST_F(AdminCommands, QuitClosesWithoutAReply) {
  const Response response = executor.execute(admin(Verb::quit));
  EXPECT_EQ(response.outcome, Outcome::none);
  EXPECT_TRUE(response.close_after);
}

}  // namespace
}  // namespace martlet::command
