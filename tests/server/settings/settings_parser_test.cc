#include "server/settings/settings_parser.h"

#include <cstdlib>

#include "tests/server/settings/command_line.h"

namespace martlet::settings {
namespace {

using testing::HasSubstr;

TEST(CommandLine, LongFormsAreTheSame) {
  const Settings settings = accepted({"--port=12001", "--conn-limit", "5", "--memory-limit=32", "--threads=2",
                                      "--disable-evictions", "--verbose", "--verbose", "--extended=idle_timeout=3"});
  EXPECT_EQ(settings.net.tcp_port, 12001);
  EXPECT_EQ(settings.conn.max_connections, 5U);
  EXPECT_EQ(settings.cache.memory_limit, 32U << 20);
  EXPECT_EQ(settings.threads, 2U);
  EXPECT_FALSE(settings.cache.evict);
  EXPECT_EQ(settings.verbosity, 2);
  EXPECT_EQ(settings.conn.idle_timeout_s, 3U);
}

TEST(CommandLine, LeadingBlanksOfAValueAreSkipped) {
  EXPECT_EQ(accepted({"-c", "  12"}).conn.max_connections, 12U);
  expect_refused({"-c", "12 "}, 1, "-c");
}

TEST(CommandLine, TheLastOfARepeatedFlagCounts) {
  EXPECT_EQ(accepted({"-c", "5", "-c", "6"}).conn.max_connections, 6U);
}

TEST(CommandLine, UnknownFlagsAndStrayWordsAreRefused) {
  expect_refused({{{"-Q"}, 1, "-Q"},
                  {{"-AQ"}, 1, "-Q"},
                  {{"--no-such-option"}, 1, "--no-such-option"},
                  {{"--daemon=1"}, 1, "--daemon=1"},
                  {{"-c"}, 1, "-c: needs a value"},
                  {{"--port"}, 1, "--port\": needs a value"},
                  {{"--verbose", "-QA"}, 1, "\"-Q\""},
                  {{"--verbose", "-\x01"}, 1, "-\\x01"},
                  {{"stray"}, 1, "stray"},
                  {{"-d", "stray", "-v"}, 1, "stray"}});
}

TEST(CommandLine, RefusalsQuoteControlBytesHarmlessly) { expect_refused({"-c", "1\n2\x1b"}, 1, "1\\x0a2\\x1b"); }

TEST(CommandLine, HelpVersionAndLicenseAreTextsToPrint) {
  const Result<ParsedCommandLine> help = parse({"-h"});
  ASSERT_TRUE(help.ok());
  EXPECT_EQ(help.value().action, Action::show_help);
  EXPECT_THAT(help.value().text, HasSubstr("-p, --port=<num>"));

  const Result<ParsedCommandLine> version = parse({"--version"});
  ASSERT_TRUE(version.ok());
  EXPECT_EQ(version.value().action, Action::show_version);
  EXPECT_EQ(version.value().text, "martlet " MARTLET_VERSION " (memcached 1.6.45 compatible)\n");

  const Result<ParsedCommandLine> license = parse({"-i"});
  ASSERT_TRUE(license.ok());
  EXPECT_EQ(license.value().action, Action::show_license);
  EXPECT_THAT(license.value().text, HasSubstr("license"));
  EXPECT_EQ(parse({}).value().action, Action::serve);
}

TEST(CommandLine, OptionsAreTakenInOrderAroundHelp) {
  EXPECT_TRUE(parse({"-h", "-c", "0"}).ok());
  expect_refused({"-c", "0", "-h"}, 1, "-c");
}

TEST(CommandLine, PortFileComesFromTheEnvironment) {
  ASSERT_EQ(::setenv("MEMCACHED_PORT_FILENAME", "/tmp/ports", 1), 0);
  EXPECT_EQ(accepted({}).process.port_file, "/tmp/ports");
  ASSERT_EQ(::unsetenv("MEMCACHED_PORT_FILENAME"), 0);
  EXPECT_EQ(accepted({}).process.port_file, "");
}

TEST(CommandLine, TheLastOfOppositeSubOptionsCounts) {
  EXPECT_TRUE(accepted({"-o", "no_maxconns_fast,maxconns_fast"}).net.maxconns_fast);
  EXPECT_FALSE(accepted({"-o", "idle_reclaim,no_idle_reclaim"}).conn.idle_reclaim);
}

}  // namespace
}  // namespace martlet::settings
