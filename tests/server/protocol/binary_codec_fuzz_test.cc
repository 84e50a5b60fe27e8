// Random packets, random lies in their headers and random cuts: StreamDriver's checks hold for all of them.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>

#include "server/protocol/binary_codec.h"
#include "tests/server/protocol/stream_driver.h"
#include "tests/support/binary_packet.h"

namespace martlet::protocol {
namespace {

using Random = std::minstd_rand;

size_t below(Random& random, size_t limit) { return random() % limit; }

std::string random_bytes(Random& random, size_t limit) {
  std::string bytes(below(random, limit), '\0');
  for (char& byte : bytes) byte = static_cast<char>(below(random, 256));
  return bytes;
}

// A packet that is often right; in one of eight some byte of the header is another.
std::string random_packet(Random& random) {
  static constexpr uint8_t kExtras[] = {0, 4, 8, 20};
  support::Packet packet;
  packet.opcode = static_cast<uint8_t>(below(random, 0x28));
  packet.key = random_bytes(random, below(random, 20) == 0 ? 300 : 10);
  packet.extras = std::string(kExtras[below(random, 4)], '\x01');
  packet.value = random_bytes(random, below(random, 3) == 0 ? 50 : 1);
  packet.cas = support::big64(below(random, 2));
  std::string bytes = packet.bytes();
  if (below(random, 8) == 0) bytes[below(random, 24)] = static_cast<char>(below(random, 256));
  return bytes;
}

std::string random_stream(Random& random) {
  std::string stream;
  const size_t packets = 1 + below(random, 12);
  for (size_t i = 0; i < packets; ++i) stream += random_packet(random);
  return stream;
}

TEST(BinaryCodecFuzz, RandomStreamsBreakNoPromise) {
  Random random(20260102);
  constexpr int kStreams = 200000;
  size_t requests = 0;
  for (int i = 0; i < kStreams && !::testing::Test::HasFailure(); ++i) {
    const std::string stream = random_stream(random);
    StreamDriver driver(1024 + below(random, 4000), Dialect::binary);
    driver.feed(stream, below(random, 100));
    requests += driver.events().size();
    if (::testing::Test::HasFailure()) ADD_FAILURE() << "stream: " << ::testing::PrintToString(stream);
  }
  EXPECT_GT(requests, static_cast<size_t>(kStreams));  // the streams do reach the parser
}

TEST(BinaryCodecFuzz, CutsDoNotMatter) {
  Random random(43);
  for (int i = 0; i < 20000 && !::testing::Test::HasFailure(); ++i) {
    const std::string stream = random_stream(random);
    StreamDriver whole(16 * 1024, Dialect::binary);
    whole.feed(stream, 0);
    StreamDriver cut(16 * 1024, Dialect::binary);
    cut.feed(stream, 1 + below(random, 20));
    EXPECT_EQ(cut.events(), whole.events()) << "stream: " << ::testing::PrintToString(stream);
  }
}

TEST(BinaryCodecFuzz, NoMoreIsKeptThanHeaderExtrasAndKey) {
  Random random(44);
  for (int i = 0; i < 20000; ++i) {
    StreamDriver driver(16 * 1024, Dialect::binary);
    driver.feed(random_stream(random), 1 + below(random, 20));
    ASSERT_LT(driver.pending(), 24 + 20 + 250);
  }
}

}  // namespace
}  // namespace martlet::protocol
