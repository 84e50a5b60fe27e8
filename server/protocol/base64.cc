#include "server/protocol/base64.h"

#include <array>
#include <cstdint>

namespace martlet::protocol {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kNoDigit = 64;  // above every digit, so that a group's digits can be checked together

constexpr std::array<uint8_t, 256> make_digits() {
  std::array<uint8_t, 256> digits{};
  for (uint8_t& digit : digits) digit = kNoDigit;
  for (size_t i = 0; i < kAlphabet.size(); ++i)
    digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<uint8_t>(i);
  return digits;
}
constexpr std::array<uint8_t, 256> kDigits = make_digits();

uint32_t digit_of(char letter) { return kDigits[static_cast<unsigned char>(letter)]; }
uint32_t byte_at(std::string_view bytes, size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
}
char letter_of(uint32_t group, unsigned shift) { return kAlphabet[(group >> shift) & 63U]; }
char byte_of(uint32_t group, unsigned shift) { return static_cast<char>((group >> shift) & 255U); }

}  // namespace

char* base64_encode(std::string_view bytes, char* out) {
  for (size_t at = 0; at < bytes.size(); at += 3) {
    const uint32_t group = byte_at(bytes, at) << 16 | byte_at(bytes, at + 1) << 8 | byte_at(bytes, at + 2);
    const size_t left = bytes.size() - at;
    *out++ = letter_of(group, 18);
    *out++ = letter_of(group, 12);
    *out++ = left > 1 ? letter_of(group, 6) : '=';
    *out++ = left > 2 ? letter_of(group, 0) : '=';
  }
  return out;
}

size_t base64_decode(std::string_view text, char* out) {
  if (text.empty() || text.size() % 4 != 0) return 0;
  const size_t padding = !text.ends_with('=') ? 0 : text.ends_with("==") ? 2 : 1;
  const size_t digits = text.size() - padding;
  const char* const begin = out;
  uint32_t group = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    const uint32_t digit = at < digits ? digit_of(text[at]) : 0U;
    if (digit == kNoDigit) return 0;
    group = group << 6 | digit;
    if (at % 4 != 3) continue;
    *out++ = byte_of(group, 16);
    *out++ = byte_of(group, 8);
    *out++ = byte_of(group, 0);
    group = 0;
  }
  // What the padding stands for has been written as zero bytes; bits that were set there belong to no byte.
  for (size_t i = 0; i < padding; ++i) {
    if (*--out != 0) return 0;
  }
  return static_cast<size_t>(out - begin);
}

}  // namespace martlet::protocol
