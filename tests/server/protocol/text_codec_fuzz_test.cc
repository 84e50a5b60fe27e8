// Random bytes, random pieces of commands and random cuts: StreamDriver's checks hold for all of them.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/server/protocol/stream_driver.h"

namespace martlet::protocol {
namespace {

using namespace std::string_literals;

using Random = std::minstd_rand;

size_t below(Random& random, size_t limit) { return random() % limit; }

// Mostly what commands are made of, so that random streams get deep into the grammar.
std::string random_piece(Random& random) {
  static const std::vector<std::string> kPieces = {"get",
                                                   "gets",
                                                   "gat",
                                                   "gats",
                                                   "set",
                                                   "add",
                                                   "cas",
                                                   "append",
                                                   "delete",
                                                   "incr",
                                                   "touch",
                                                   "verbosity",
                                                   "flush_all",
                                                   "stats",
                                                   " noreply",
                                                   " ",
                                                   " ",
                                                   " ",
                                                   "  ",
                                                   "\r\n",
                                                   "\r\n",
                                                   "\n",
                                                   "\r",
                                                   "0",
                                                   "1",
                                                   "3",
                                                   "-1",
                                                   "2147483645",
                                                   "4294967296",
                                                   "key",
                                                   "k",
                                                   "\0"s,
                                                   "\t",
                                                   "HTTP/1.1",
                                                   "abc",
                                                   "get a b\r\n",
                                                   "set k 0 0 3\r\nabc\r\n",
                                                   "set k 0 0 3 noreply\r\nabcd\r\n",
                                                   "mg ",
                                                   "ms k 3 ",
                                                   "md ",
                                                   "ma ",
                                                   "me ",
                                                   "mn\r\n",
                                                   " v",
                                                   " b",
                                                   " k",
                                                   " Oid",
                                                   " T30",
                                                   " MA",
                                                   "Zm9v",
                                                   "ms k 3 C5 c\r\nabc\r\n"};
  switch (below(random, 40)) {
    case 0:
      return std::string(below(random, 600), 'k');
    case 1:
      return std::string(below(random, 300), ' ');
    case 2:
    case 3: {
      std::string bytes(1 + below(random, 8), '\0');
      for (char& byte : bytes) byte = static_cast<char>(below(random, 256));
      return bytes;
    }
    default:
      return kPieces[below(random, kPieces.size())];
  }
}

std::string random_stream(Random& random) {
  std::string stream;
  const size_t pieces = 1 + below(random, 24);
  for (size_t i = 0; i < pieces; ++i) stream += random_piece(random);
  return stream;
}

TEST(TextCodecFuzz, RandomStreamsBreakNoPromise) {
  Random random(20260101);
  constexpr int kStreams = 200000;
  size_t requests = 0;
  for (int i = 0; i < kStreams && !::testing::Test::HasFailure(); ++i) {
    const std::string stream = random_stream(random);
    StreamDriver driver(1 + below(random, 4000));
    driver.feed(stream, below(random, 100));
    requests += driver.events().size();
    if (::testing::Test::HasFailure()) ADD_FAILURE() << "stream: " << ::testing::PrintToString(stream);
  }
  EXPECT_GT(requests, static_cast<size_t>(kStreams));  // the streams do reach the parser
}

TEST(TextCodecFuzz, CutsDoNotMatterBelowTheLineLimit) {
  Random random(42);
  for (int i = 0; i < 20000 && !::testing::Test::HasFailure(); ++i) {
    std::string stream = random_stream(random);
    if (stream.size() > kMaxLine) stream.resize(kMaxLine);
    StreamDriver whole;
    whole.feed(stream, 0);
    StreamDriver cut;
    cut.feed(stream, 1 + below(random, 20));
    EXPECT_EQ(cut.events(), whole.events()) << "stream: " << ::testing::PrintToString(stream);
  }
}

TEST(TextCodecFuzz, RandomWordsAreParsedWithoutABuffer) {
  Random random(7);
  for (int i = 0; i < 200000; ++i) {
    std::string bytes(below(random, 40), '\0');
    for (char& byte : bytes) byte = static_cast<char>(below(random, 256));
    TextCodec codec;
    Request request;
    const Parsed parsed = codec.parse(bytes, below(random, 2) == 0, &request);
    ASSERT_LE(parsed.consumed, bytes.size());
    if (parsed.status == ParseStatus::request) {
      ASSERT_GT(parsed.consumed, 0U);
    }
  }
}

}  // namespace
}  // namespace martlet::protocol
