// Values for the model: bytes that follow from a seed, and the comparison of what a cache shows with what it should.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "server/base/pinned_bytes.h"

namespace martlet::cache::model {

// Shared, so that a copy of an item costs nothing.
using Bytes = std::shared_ptr<const std::string>;

inline Bytes bytes_of(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

// `size` bytes that differ for every seed and at every place; never the beginning of a number.
inline std::string make_text(uint64_t seed, size_t size) {
  std::string out(size, '\0');
  uint64_t state = seed * 0x9E3779B97F4A7C15ULL + 1;
  for (size_t at = 0; at < size; at += sizeof state) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    const size_t rest = size - at;
    std::memcpy(out.data() + at, &state, rest < sizeof state ? rest : sizeof state);
  }
  if (size > 0) out[0] = static_cast<char>('a' + seed % 26);
  return out;
}

inline bool same(const PinnedBytes& shown, std::string_view wanted) {
  if (shown.size() != wanted.size()) return false;
  for (size_t at = 0; at < wanted.size();) {
    const std::string_view piece = shown.piece_at(at);
    if (piece.empty() || piece != wanted.substr(at, piece.size())) return false;
    at += piece.size();
  }
  return true;
}

}  // namespace martlet::cache::model
