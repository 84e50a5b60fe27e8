// The searches look at 8 bytes at a time: "Determine if a word has a zero byte" of Bit Twiddling Hacks (Sean Eron
// Anderson). Its lowest hit is exact; hits above it may be false, and are not looked at.
#include "server/protocol/tokenizer.h"

#include <cstring>

namespace martlet::protocol {
namespace {

constexpr uint64_t kOnes = 0x0101010101010101ULL;
constexpr uint64_t kHighs = 0x8080808080808080ULL;

// A high bit in the lowest byte of `chunk` that equals `byte`; 0 when none does.
constexpr uint64_t hits(uint64_t chunk, char byte) {
  const uint64_t differences = chunk ^ (kOnes * static_cast<unsigned char>(byte));
  return (differences - kOnes) & ~differences & kHighs;
}

template <typename ChunkHits, typename IsHit>
size_t find_from(std::string_view in, size_t at, ChunkHits chunk_hits, IsHit is_hit) {
  if constexpr (std::endian::native == std::endian::little) {
    while (at < in.size() && in.size() - at >= sizeof(uint64_t)) {
      uint64_t chunk = 0;
      std::memcpy(&chunk, in.data() + at, sizeof(chunk));
      const uint64_t found = chunk_hits(chunk);
      if (found != 0) return at + static_cast<size_t>(std::countr_zero(found)) / 8;
      at += sizeof(chunk);
    }
  }
  while (at < in.size() && !is_hit(in[at])) ++at;
  return at;
}

}  // namespace

Line first_line(std::string_view in) {
  const void* found = in.empty() ? nullptr : std::memchr(in.data(), '\n', in.size());
  if (found == nullptr) return {};
  const size_t newline = static_cast<size_t>(static_cast<const char*>(found) - in.data());
  const bool carriage_return = newline > 0 && in[newline - 1] == '\r';
  return {in.substr(0, newline - (carriage_return ? 1 : 0)), newline + 1};
}

size_t find_space(std::string_view in, size_t from) {
  return find_from(
      in, from, [](uint64_t chunk) { return hits(chunk, ' '); }, [](char c) { return c == ' '; });
}

size_t find_space_or_newline(std::string_view in, size_t from) {
  return find_from(
      in, from, [](uint64_t chunk) { return hits(chunk, ' ') | hits(chunk, '\n'); },
      [](char c) { return c == ' ' || c == '\n'; });
}

}  // namespace martlet::protocol
