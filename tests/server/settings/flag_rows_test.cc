#include "server/settings/settings.h"
#include "tests/server/settings/command_line.h"

namespace martlet::settings {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Flags, NothingGivenMeansTheDefaults) {
  const Settings settings = accepted({});
  EXPECT_EQ(settings.net.tcp_port, 11211);
  EXPECT_EQ(settings.net.unix_mask, 0700U);
  EXPECT_EQ(settings.net.backlog, 1024);
  EXPECT_TRUE(settings.net.maxconns_fast);
  EXPECT_EQ(settings.conn.max_connections, 1024U);
  EXPECT_EQ(settings.conn.reqs_per_event, 20U);
  EXPECT_FALSE(settings.conn.reqs_per_event_given);
  EXPECT_EQ(settings.conn.idle_timeout_s, 0U);
  EXPECT_EQ(settings.cache.memory_limit, 64U << 20);
  EXPECT_EQ(settings.cache.item_size_max, 1U << 20);
  EXPECT_TRUE(settings.cache.evict);
  EXPECT_TRUE(settings.cache.cas_enabled);
  EXPECT_EQ(settings.threads, 4U);
  EXPECT_EQ(settings.verbosity, 0);
  EXPECT_FALSE(settings.command.shutdown_enabled);
  EXPECT_TRUE(settings.command.flush_enabled);
  EXPECT_FALSE(settings.process.daemon);
}

TEST(Flags, EveryFlagReachesItsSetting) {
  const Settings settings =
      accepted({"-p", "12000", "-s", "/tmp/m.sock", "-a",    "0770", "-A",   "-d", "-r", "-u", "bob", "-m", "128",
                "-M", "-c",    "77", "-k",          "-vv",   "-P",   "/a/b", "-D", "|",  "-t", "7",   "-R", "5",
                "-C", "-b",    "9",  "-B",          "ascii", "-I",   "2m",   "-F", "-X", "-W", "-U",  "0"});
  EXPECT_EQ(settings.net.tcp_port, 12000);
  EXPECT_TRUE(settings.net.explicit_port);
  EXPECT_EQ(settings.net.unix_path, "/tmp/m.sock");
  EXPECT_EQ(settings.net.unix_mask, 0770U);
  EXPECT_EQ(settings.net.backlog, 9);
  EXPECT_TRUE(settings.command.shutdown_enabled);
  EXPECT_FALSE(settings.command.flush_enabled);
  EXPECT_TRUE(settings.process.daemon);
  EXPECT_TRUE(settings.process.core_dumps);
  EXPECT_TRUE(settings.process.lock_memory);
  EXPECT_EQ(settings.process.user, "bob");
  EXPECT_EQ(settings.process.pidfile, "/a/b");
  EXPECT_EQ(settings.cache.memory_limit, 128U << 20);
  EXPECT_EQ(settings.cache.item_size_max, 2U << 20);
  EXPECT_FALSE(settings.cache.evict);
  EXPECT_FALSE(settings.cache.cas_enabled);
  EXPECT_EQ(settings.conn.max_connections, 77U);
  EXPECT_EQ(settings.conn.reqs_per_event, 5U);
  EXPECT_TRUE(settings.conn.reqs_per_event_given);
  EXPECT_EQ(settings.conn.protocol, protocol::Dialect::ascii);
  EXPECT_EQ(settings.verbosity, 2);
  EXPECT_EQ(settings.stat_prefix_delimiter, '|');
  EXPECT_EQ(settings.threads, 7U);
  EXPECT_FALSE(settings.command.dumping_enabled);
  EXPECT_FALSE(settings.command.watch_enabled);
}

TEST(Flags, JunkNumbersAreRefusedAndNeverReadAsZero) {
  const std::vector<std::pair<const char*, int>> number_flags = {{"-p", 64}, {"-U", 1}, {"-m", 64}, {"-c", 1},
                                                                 {"-n", 1},  {"-t", 1}, {"-R", 1},  {"-b", 1},
                                                                 {"-I", 64}, {"-N", 1}, {"-a", 1}};
  for (const auto& [flag, exit_code] : number_flags) {
    for (const char* const junk : {"abc", "1x", "", "99999999999999999999"}) {
      expect_refused({flag, junk}, exit_code, flag);
    }
  }
}

TEST(Flags, PortsEndAt65535) {
  expect_refused({{{"-p", "65536"}, 64, "-p"}, {{"-p", "-2"}, 64, "-p"}});
  EXPECT_EQ(accepted({"-p", "65535"}).net.tcp_port, 65535);
  EXPECT_EQ(accepted({"-p", "-1"}).net.tcp_port, -1);
}

TEST(Flags, CountsBelowOneAreRefused) {
  expect_refused({{{"-c", "0"}, 1, "-c"},
                  {{"-c", "-5"}, 1, "-c"},
                  {{"-t", "0"}, 1, "-t"},
                  {{"-R", "0"}, 1, "-R"},
                  {{"-n", "0"}, 1, "-n"},
                  {{"-f", "1.0"}, 1, "-f"},
                  {{"-f", "abc"}, 1, "-f"},
                  {{"-f", "1.5x"}, 1, "-f"},
                  {{"-f", "nan"}, 1, "-f"},
                  {{"-m", "0"}, 64, "-m"},
                  {{"-m", "-1"}, 64, "-m"},
                  {{"-m", "134217729"}, 64, "-m"}});
}

TEST(Flags, ManyWorkersAreOnlyWarnedOf) {
  const Result<ParsedCommandLine> parsed = parse({"-t", "65"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_THAT(parsed.value().warnings, ElementsAre(HasSubstr("-t")));
  EXPECT_THAT(parse({"-t", "64"}).value().warnings, IsEmpty());
}

TEST(Flags, ProtocolIsAutoAsciiOrBinaryAndNothingElse) {
  EXPECT_EQ(accepted({"-B", "auto"}).conn.protocol, protocol::Dialect::automatic);
  EXPECT_EQ(accepted({"-B", "binary"}).conn.protocol, protocol::Dialect::binary);
  expect_refused({{{"-B", "http"}, 64, "http"}, {{"-B", ""}, 64, "-B"}, {{"-B", "Binary"}, 64, "Binary"}});
}

TEST(Flags, WhatIsNotBuiltIsRefusedByName) {
  expect_refused({{{"-Z"}, 64, "TLS is not built"},
                  {{"-S"}, 64, "authentication is not built"},
                  {{"-Y", "/no/such/file"}, 64, "authentication is not built"},
                  {{"-e", "/tmp/memory"}, 64, "warm restart is not built"}});
}

TEST(Flags, TheUdpPortIsAPortOrNoneOrTheKernelsChoice) {
  EXPECT_EQ(accepted({}).net.udp_port, 0);
  EXPECT_EQ(accepted({"-U", "11211", "-U", "0"}).net.udp_port, 0);
  EXPECT_EQ(accepted({"-U", "65535"}).net.udp_port, 65535);
  EXPECT_EQ(accepted({"--udp-port=-1"}).net.udp_port, -1);
  expect_refused(
      {{{"-U", "65536"}, 1, "-U"}, {{"-U", "-2"}, 1, "-U"}, {{"-U", "udp"}, 1, "udp"}, {{"-U", ""}, 1, "-U"}});
}

TEST(Flags, NapiIdsAreCheckedAndThenNotSupported) {
  expect_refused({{{"-N", "0"}, 1, "-N"}, {{"-N", "5"}, 64, "-t"}, {{"-N", "2"}, 1, "not supported"}});
  expect_refused({"-N", "6", "-t", "8"}, 1, "not supported");
}

TEST(Flags, DelimiterIsOneCharacter) {
  expect_refused({{{"-D", ""}, 1, "-D"}, {{"-D", " "}, 1, "-D"}, {{"-D", "ab"}, 1, "-D"}});
}

TEST(Flags, WhatHasNoEffectSaysSoOnce) {
  const Result<ParsedCommandLine> parsed = parse({"-L", "-f", "1.5", "-L"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_THAT(parsed.value().notes, ElementsAre(HasSubstr("-L: accepted without effect")));
}

TEST(Flags, SlabFlagsShapeTheClassesOfListings) {
  const Result<ParsedCommandLine> parsed = parse({"-f", "1.5", "-f", "1.6", "-n", "64"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed.value().settings.cache.class_factor, 1.6);
  EXPECT_EQ(parsed.value().settings.cache.smallest_class, 112U);
}

}  // namespace
}  // namespace martlet::settings
