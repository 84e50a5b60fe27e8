#include "server/settings/cross_checks.h"

#include <string>

#include "tests/server/settings/command_line.h"

namespace martlet::settings {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> hosts(const Settings& settings) {
  std::vector<std::string> out;
  for (const net::Endpoint& endpoint : settings.net.endpoints) out.push_back(endpoint.host);
  return out;
}

TEST(CrossChecks, AnyItemSizeUpToHalfOfTheMemoryIsTaken) {
  EXPECT_EQ(accepted({"-I", "1k"}).cache.item_size_max, 1024U);
  EXPECT_EQ(accepted({"-I", "600k"}).cache.item_size_max, 600U << 10);
  EXPECT_EQ(accepted({"-I", "32m"}).cache.item_size_max, 32U << 20);
  EXPECT_EQ(accepted({"-I", "1G", "-m", "2048"}).cache.item_size_max, 1U << 30);
  EXPECT_EQ(accepted({"-m", "2"}).cache.memory_limit, 2U << 20);
}

TEST(CrossChecks, ItemSizesOutOfRangeAreRefused) {
  expect_refused({{{"-I", "1023"}, 64, "-I"},
                  {{"-I", "33m"}, 64, "half"},
                  {{"-I", "2g", "-m", "8192"}, 64, "1g"},
                  {{"-I", "1073741825", "-m", "8192"}, 64, "1g"},
                  {{"-m", "1"}, 64, "half"}});
}

TEST(CrossChecks, SharesOfTheListsStayBelowEightyPercent) {
  expect_refused({"-o", "hot_lru_pct=60"}, 64, "80");
  accepted({"-o", "hot_lru_pct=40"});
}

TEST(CrossChecks, TemporaryTtlNeedsTheMaintainer) {
  expect_refused({{{"-o", "temporary_ttl=30,no_lru_maintainer"}, 64, "lru_maintainer"},
                  {{"-o", "no_modern,temporary_ttl=30"}, 64, "lru_maintainer"}});
  accepted({"-o", "temporary_ttl=30"});
}

TEST(CrossChecks, ChunkSizesDivideAPage) { expect_refused({"-o", "slab_chunk_max=600"}, 64, "slab_chunk_max"); }

TEST(CrossChecks, SlabSizesGrowWithinTheirRange) {
  std::string too_many = "slab_sizes=48";
  for (int size = 60; size < 60 + 12 * 62; size += 12) too_many += "-" + std::to_string(size);
  expect_refused({{{"-o", "slab_sizes"}, 1, "slab_sizes"},
                  {{"-o", "slab_sizes=10-200"}, 64, "10"},
                  {{"-o", "slab_sizes=100-108"}, 64, "108"},
                  {{"-o", "slab_sizes=200-100"}, 64, "100"},
                  {{"-o", "slab_sizes=100-x"}, 64, "x"},
                  {{"-o", "slab_sizes=--"}, 64, "no size"},
                  {{"-o", "slab_sizes=100-600000"}, 64, "600000"},
                  {{"-o", too_many.c_str()}, 64, "62"}});
  expect_accepted({{"-o", "slab_sizes=100-109-200"}, {"-o", "no_chunked_items,slab_sizes=100-600000"}});
  std::string just_enough = "slab_sizes=48";
  for (int size = 60; size < 60 + 12 * 61; size += 12) just_enough += "-" + std::to_string(size);
  accepted({"-o", just_enough.c_str()});
}

TEST(CrossChecks, HashPowerExceedsThatOfTheLocks) {
  expect_refused({{{"-o", "hashpower=12"}, 1, "locks"},
                  {{"-t", "5", "-o", "hashpower=13"}, 1, "locks"},
                  {{"-t", "11", "-o", "hashpower=14"}, 1, "locks"},
                  {{"-o", "hashpower=15", "-t", "21"}, 1, "locks"}});
  expect_accepted({{"-t", "3", "-o", "hashpower=12"},
                   {"-t", "10", "-o", "hashpower=14"},
                   {"-t", "20", "-o", "hashpower=15"},
                   {"-t", "21", "-o", "hashpower=16"}});
}

TEST(CrossChecks, WithoutListenTheLoopbackIsServed) {
  const Settings settings = accepted({"-p", "12000"});
  EXPECT_TRUE(settings.net.default_addresses);
  EXPECT_THAT(hosts(settings), ElementsAre("127.0.0.1", "::1"));
  for (const net::Endpoint& endpoint : settings.net.endpoints) EXPECT_EQ(endpoint.port, 12000);
}

TEST(CrossChecks, ThePortOfTheFlagIsUsedWhereverItStands) {
  const Settings settings = accepted({"-l", "10.0.0.1,10.0.0.2:99", "-p", "-1"});
  ASSERT_EQ(settings.net.endpoints.size(), 2U);
  EXPECT_EQ(settings.net.endpoints[0].port, -1);
  EXPECT_EQ(settings.net.endpoints[1].port, 99);
  EXPECT_FALSE(settings.net.default_addresses);
}

TEST(CrossChecks, EveryRepeatedListenCounts) {
  EXPECT_THAT(hosts(accepted({"-l", "127.0.0.10", "-l", "127.0.0.1"})), ElementsAre("127.0.0.10", "127.0.0.1"));
  EXPECT_THAT(hosts(accepted({"-l", "127.0.0.1,::1", "-l", "0.0.0.0"})), ElementsAre("127.0.0.1", "::1", "0.0.0.0"));
}

TEST(CrossChecks, AUnixSocketAloneTakesThePlaceOfTcp) {
  EXPECT_THAT(hosts(accepted({"-s", "/tmp/s"})), IsEmpty());
  EXPECT_THAT(hosts(accepted({"-s", "/tmp/s", "-p", "0"})), IsEmpty());
  EXPECT_THAT(hosts(accepted({"-s", "/tmp/s", "-p", "11211"})), ElementsAre("127.0.0.1", "::1"));
  EXPECT_THAT(hosts(accepted({"-s", "/tmp/s", "-l", "127.0.0.2"})), ElementsAre("127.0.0.2"));
}

TEST(CrossChecks, SomethingMustBeListenedOn) {
  expect_refused({"-p", "0"}, 64, "nothing to listen on");
  expect_refused({"-p", "0", "-U", "0"}, 64, "nothing to listen on");
  EXPECT_THAT(hosts(accepted({"-p", "0", "-U", "11211"})), IsEmpty());
}

std::vector<std::string> udp_addresses(const Settings& settings) {
  std::vector<std::string> out;
  for (const net::Endpoint& endpoint : settings.net.udp_endpoints) {
    out.push_back(endpoint.host + " " + std::to_string(endpoint.port));
  }
  return out;
}

TEST(CrossChecks, UdpIsOffUnlessAskedFor) {
  EXPECT_THAT(udp_addresses(accepted({})), IsEmpty());
  EXPECT_THAT(udp_addresses(accepted({"-l", "10.0.0.1", "-p", "99"})), IsEmpty());
}

TEST(CrossChecks, UdpIsServedOnTheAddressesOfTcp) {
  EXPECT_THAT(udp_addresses(accepted({"-U", "99"})), ElementsAre("127.0.0.1 99", "::1 99"));
  EXPECT_THAT(udp_addresses(accepted({"-U", "99", "-l", "10.0.0.1,10.0.0.2:50"})),
              ElementsAre("10.0.0.1 99", "10.0.0.2 50"));
  EXPECT_THAT(udp_addresses(accepted({"-U", "99", "-p", "0"})), ElementsAre("127.0.0.1 99", "::1 99"));
}

TEST(CrossChecks, TcpWithoutAPortOfItsOwnGoesToThatOfUdp) {
  EXPECT_EQ(accepted({"-U", "99"}).net.endpoints[0].port, 99);
  EXPECT_EQ(accepted({"-U", "-1"}).net.endpoints[0].port, -1);
  EXPECT_EQ(accepted({"-U", "99", "-p", "98"}).net.endpoints[0].port, 98);
  EXPECT_EQ(accepted({"-U", "0"}).net.endpoints[0].port, 11211);
}

TEST(CrossChecks, UdpBesideAUnixSocketIsServedAndTcpIsNot) {
  const Settings settings = accepted({"-s", "/tmp/s", "-U", "99"});
  EXPECT_THAT(hosts(settings), IsEmpty());
  EXPECT_THAT(udp_addresses(settings), ElementsAre("127.0.0.1 99", "::1 99"));
}

TEST(CrossChecks, AnUnusableUnixPathIsRefused) {
  const std::string long_path(108, 'x');
  expect_refused({"-s", long_path.c_str()}, 71, "-s");
  accepted({"-s", long_path.c_str() + 1});
  expect_refused({"-s", ""}, 1, "-s");
}

TEST(CrossChecks, TheUnixMaskKeepsPermissionBitsOnly) {
  EXPECT_EQ(accepted({"-a", "1777"}).net.unix_mask, 0777U);
  expect_refused({{{"-a", "10000"}, 1, "-a"}, {{"-a", "79"}, 1, "-a"}});
}

}  // namespace
}  // namespace martlet::settings
