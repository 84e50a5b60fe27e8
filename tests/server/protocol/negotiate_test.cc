#include "server/protocol/negotiate.h"

#include <gtest/gtest.h>

namespace martlet::protocol {
namespace {

TEST(Negotiate, OnlyTheMagicByteMeansBinary) {
  for (int byte = 0; byte < 256; ++byte) {
    const Dialect expected = byte == 0x80 ? Dialect::binary : Dialect::ascii;
    EXPECT_EQ(negotiate(static_cast<char>(byte)), expected) << byte;
  }
}

TEST(Negotiate, ADemandedDialectRefusesTheOther) {
  const char magic = static_cast<char>(0x80);
  EXPECT_TRUE(fits(Dialect::automatic, magic));
  EXPECT_TRUE(fits(Dialect::automatic, 'g'));
  EXPECT_TRUE(fits(Dialect::ascii, 'g'));
  EXPECT_FALSE(fits(Dialect::ascii, magic));
  EXPECT_TRUE(fits(Dialect::binary, magic));
  EXPECT_FALSE(fits(Dialect::binary, 'g'));
}

}  // namespace
}  // namespace martlet::protocol
