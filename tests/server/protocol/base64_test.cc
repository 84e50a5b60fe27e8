#include "server/protocol/base64.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace martlet::protocol {
namespace {

using namespace std::string_literals;

std::string encoded(std::string_view bytes) {
  std::vector<char> out(base64_size(bytes.size()));
  const char* const end = base64_encode(bytes, out.data());
  EXPECT_EQ(end, out.data() + out.size());
  return {out.data(), out.size()};
}

// Empty when refused. The result has a block of its exact size, so that AddressSanitizer sees a write past it.
std::string decoded(std::string_view text) {
  std::vector<char> out(text.size() / 4 * 3);
  const size_t size = base64_decode(text, out.data());
  EXPECT_LE(size, out.size());
  return {out.data(), size};
}

TEST(Base64, VectorsOfTheRfc) {
  const std::vector<std::pair<std::string, std::string>> vectors = {{"f", "Zg=="},         {"fo", "Zm8="},
                                                                    {"foo", "Zm9v"},       {"foob", "Zm9vYg=="},
                                                                    {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(encoded(bytes), text);
    EXPECT_EQ(decoded(text), bytes);
  }
  EXPECT_EQ(encoded(""), "");
}

TEST(Base64, EveryByteComesBackAtEveryLength) {
  std::minstd_rand random(5);
  for (size_t size = 1; size <= 187; ++size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % 256);
    EXPECT_EQ(decoded(encoded(bytes)), bytes) << size;
  }
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(decoded(encoded(all)), all);
}

TEST(Base64, WhatIsNoBase64IsRefused) {
  for (const std::string_view text : {"", "Z", "Zm", "Zm9", "Zm9vY", "====", "Z===", "Zm9v====", "=m9v", "Z=9v", "Zm=v",
                                      "Zm9v=g==", "Zg==Zg==", "Zm9-", "Zm9_", "Zm 9", "Zm9v\r\n\r\n",
                                      "Zm\xff"
                                      "9"}) {
    EXPECT_EQ(decoded(text), "") << text;
  }
  EXPECT_EQ(decoded("Zm9\0"s), "");
}

// Zh== and Zg== would both be "f": one key, two spellings.
TEST(Base64, BitsThatBelongToNoByteMustBeZero) {
  EXPECT_EQ(decoded("Zh=="), "");
  EXPECT_EQ(decoded("Zn=="), "");
  EXPECT_EQ(decoded("Zm9="), "");
  EXPECT_EQ(decoded("Zm8="), "fo");
}

}  // namespace
}  // namespace martlet::protocol
